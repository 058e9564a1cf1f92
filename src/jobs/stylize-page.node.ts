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
import { reportedTerms } from '../methods/stylize/picture-loss.js';
import type { StylizeMasks } from './stylize-session.node.js';
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
  readonly masks?: StylizeMasks | undefined;
}

/** Begins the page about one stylisation. */
export function stylizePage(subject: StylizePageSubject): OptimizationPage {
  const { path, order, environment, plan, content, contentName, styles, masks = {} } = subject;
  const names = order.styles.map((style) => basename(style));
  return new OptimizationPage({
    path,
    title: `${basename(contentName)} after ${names.join(', ')}`,
    before: { image: content, caption: basename(contentName) },
    sources: {
      heading: 'Photograph and painting',
      pictures: [
        ...styles.map((image, index) => ({ image, caption: names[index]! })),
        ...maskPictures(masks, order),
      ],
    },
    scales: plan.scales,
    terms: reportedTerms(environment.settings),
    facts: [...settingsFacts(environment, plan, content), ...controlFacts(environment.settings, order)],
    command: stylizeCommand(order),
  });
}

function maskPictures(
  { mask, contentMask, styleMasks = [] }: StylizeMasks,
  order: StylizeOrder,
): { image: Image; caption: string }[] {
  const named = [
    ...(mask === undefined ? [] : [{ image: mask, caption: `mask: ${basename(order.mask!)}` }]),
    ...(contentMask === undefined
      ? []
      : [{ image: contentMask, caption: `content mask: ${basename(order.contentMask!)}` }]),
  ];
  const ofStyles = styleMasks.flatMap((own, index) =>
    typeof own === 'string'
      ? []
      : [{ image: own, caption: `mask of painting ${index + 1}: ${basename(order.styleMasks![index]!)}` }],
  );
  return [...named, ...ofStyles];
}

/** The rows about what is controlled; none where nothing is. */
function controlFacts(settings: RunEnvironment['settings'], order: StylizeOrder): Fact[] {
  const { histogramWeight, histogramLayers, lockDetail, autoTune, preserveColors, feather } = settings;
  const facts: Fact[] = [];
  if (histogramWeight > 0) {
    facts.push(['Histogram loss', `weight ${factNumber(histogramWeight)}: ${layersText(histogramLayers)}`]);
  }
  if (lockDetail > 0) facts.push(['Lock on detail', factNumber(lockDetail)]);
  if (autoTune) facts.push(['Weights', 'tuned at each scale by the lengths of gradients']);
  if (preserveColors !== 'none') facts.push(['Colours', `the photograph's (${preserveColors})`]);
  if (settings.styleBlend !== undefined) facts.push(['Blend', settings.styleBlend.join(', ')]);
  if (order.styleMasks !== undefined) {
    const texts = order.styleMasks.map((text, index) => `painting ${index + 1}: ${basename(text)}`);
    facts.push(['Regions', texts.join(', ')]);
  }
  if (order.mask !== undefined) facts.push(['Painted', `inside the mask, feathered over ${feather} pixels`]);
  return facts;
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
