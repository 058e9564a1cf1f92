import { basename } from 'node:path';
import type { Image } from '../images/image.js';
import type { ScalePlan } from '../methods/stylize/scales.js';
import {
  environmentFacts,
  factNumber,
  layersText,
  OptimizationPage,
  scalesFact,
  type Fact,
} from './optimization-page.node.js';
import { stylizeCommand } from './shell-command.js';
import type { RunEnvironment, StylizeOrder } from './stylize-order.js';

/** What a page about a stylisation is made from. */
interface StylizePageSubject {
  readonly path: string;
  readonly order: StylizeOrder;
  readonly environment: RunEnvironment;
  readonly plan: ScalePlan;
  readonly content: Image;
  /** The photograph's file. */
  readonly contentName: string;
  readonly styles: readonly Image[];
}

/** Begins the page about one stylisation. */
export function stylizePage(subject: StylizePageSubject): OptimizationPage {
  const { path, order, environment, plan, content, contentName, styles } = subject;
  const names = order.styles.map((style) => basename(style));
  return new OptimizationPage({
    path,
    title: `${basename(contentName)} after ${names.join(', ')}`,
    before: { image: content, caption: basename(contentName) },
    sources: {
      heading: 'Photograph and painting',
      pictures: styles.map((image, index) => ({ image, caption: names[index]! })),
    },
    scales: plan.scales,
    terms: ['content', 'style', 'totalVariation'],
    facts: settingsFacts(environment, plan, content),
    command: stylizeCommand(order),
  });
}

function settingsFacts(environment: RunEnvironment, plan: ScalePlan, content: Image): Fact[] {
  const { settings, network } = environment;
  const { contentWeight, styleWeight, totalVariationWeight } = settings;
  return [
    ['Size', `${plan.width}x${plan.height}, from a photograph of ${content.width}x${content.height}`],
    scalesFact(plan.scales),
    ['Preset', settings.preset],
    ['Network', `${network}, ${settings.pooling} pooling`],
    [
      'Weights',
      `content ${factNumber(contentWeight)}, style ${factNumber(styleWeight)}, total variation ${factNumber(totalVariationWeight)}`,
    ],
    ['Content layers', layersText(settings.contentLayers)],
    ['Style layers', layersText(settings.styleLayers)],
    ['Optimizer', settings.optimizer.name],
    ['Start', settings.init],
    ['Seed', String(settings.seed)],
    ...environmentFacts(environment),
  ];
}
