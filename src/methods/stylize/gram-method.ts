import type { Image } from '../../images/image.js';
import { methodDescriptions } from '../descriptions.js';
import type { Fact } from '../method.js';
import { canvasSize } from '../plan.js';
import { factNumber, scalesFact, termFact } from '../facts.js';
import { lossUses, measuredUse } from '../optimization/compiled-loss.js';
import { activeTerms } from '../optimization/loss-terms.js';
import { walkMethod, type WalkDefinition } from '../optimization/walk-method.js';
import {
  resolveStylizeSettings,
  scalesUpTo,
  stylizeOptionsSchema,
  usualIterations,
  type StylizeOptions,
  type StylizeSettings,
} from './options.js';
import { styleTargets, stylizeLoss } from './picture-loss.js';
import { presetDefaults, presetTable, stylizePresets } from './presets.js';
import { isRegionName, plannedRegions, type StyleMask } from './regions.js';
import { paintingSize, planScales, type StylizeScale } from './scales.js';
import { stylizeStages } from './stages.js';

/** What a stylisation is made from. */
export interface StylizePictures {
  /** The photograph. */
  readonly content: Image;
  /** At least one painting; several are blended by `styleBlend`, equally by default. */
  readonly styles: readonly Image[];
  /** What is painted: white; black stays the photograph, greys are a blend. Of the photograph's proportions. */
  readonly mask?: Image | undefined;
  /** The photograph's regions, one for each flat colour. */
  readonly contentMask?: Image | undefined;
  /** Where the regions are in each painting: a mask in the same colours, a colour for a painting of one region, or `all`. */
  readonly styleMasks?: readonly StyleMask[] | undefined;
  /** The picture to start from. */
  readonly initial?: Image | undefined;
}

const definition: WalkDefinition<StylizeOptions, StylizeSettings, StylizePictures, StylizeScale> = {
  name: 'gram',
  description: methodDescriptions.stylize,
  roles: [
    { name: 'content', description: 'the photograph', argument: true },
    {
      name: 'styles',
      description: 'the painting or paintings',
      argument: true,
      several: true,
      weights: 'styleBlend',
    },
    {
      name: 'mask',
      description: 'where to paint: white is painted, black stays the photograph',
      optional: true,
      ofSubject: true,
      drawnOver: { role: 'content', colors: 'area' },
    },
    {
      name: 'contentMask',
      description: "the photograph's regions, each in a colour of its own",
      optional: true,
      ofSubject: true,
      drawnOver: { role: 'content', colors: 'regions' },
    },
    {
      name: 'styleMasks',
      description:
        'the regions of a painting in the same colours, or the colour of its one region, or all; one for each painting',
      several: true,
      optional: true,
      drawnOver: { role: 'styles', colors: 'regions' },
      isWord: isRegionName,
      words: 'colour',
    },
    {
      name: 'initial',
      description: 'the picture to start from',
      optional: true,
      option: 'init',
      optionValue: 'picture',
    },
  ],
  options: stylizeOptionsSchema,
  groups: {
    'How it looks:': [
      ...[
        'preset',
        'strength',
        'styleWeight',
        'contentWeight',
        'tvWeight',
        'grainWeight',
        'styleScale',
        'styleSize',
        'styleBlend',
      ],
      ...['init', 'seed'],
    ],
    'What is kept:': ['preserveColors', 'feather', 'lockDetail'],
    'Size and steps:': ['size', 'scales', 'iterations', 'optimizer', 'learningRate', 'average', 'margin'],
    'The loss in detail:': [
      ...['contentLayers', 'styleLayers', 'histogramWeight', 'histogramLayers', 'autoTune', 'gram'],
      ...['normalize', 'pooling', 'projection'],
    ],
  },
  defaults: { ...presetDefaults(stylizePresets.default), network: "the preset's" },
  examples: [
    { pictures: { content: 'photo.jpg', styles: ['painting.jpg'] }, output: 'out.png' },
    {
      pictures: { content: 'photo.jpg', styles: ['painting.jpg'] },
      output: 'out.png',
      options: { styleWeight: 3, size: 1024, report: 'out.html' },
    },
    {
      pictures: { content: 'photo.jpg', styles: ['wave.jpg', 'poppies.jpg'] },
      output: 'out.png',
      options: { styleBlend: [3, 1] },
    },
    {
      pictures: {
        content: 'photo.jpg',
        styles: ['wave.jpg', 'poppies.jpg'],
        contentMask: 'm.png',
        styleMasks: ['white', 'black'],
      },
      output: 'out.png',
    },
    { pictures: { content: 'photos/', styles: ['painting.jpg'] }, output: 'painted/' },
    { pictures: { content: ['a.jpg', 'b.jpg', 'c.jpg'], styles: ['painting.jpg'] }, output: 'painted/' },
    {
      pictures: { content: 'photo.jpg', styles: ['painting.jpg'] },
      output: 'out.png',
      options: { preset: 'gatys', network: 'vgg19', dryRun: true },
    },
  ],
  notes: `Defaults are those of the preset "default"; the other presets have their own.\n\n${presetTable()}`,
  resolve(options, given) {
    return resolveStylizeSettings(given?.['initial'] ? { init: 'picture', ...options } : options, given);
  },
  network: ({ preset }) => (preset === 'default' ? undefined : stylizePresets[preset].network),
  scales: ({ settings, pictures }) => planScales(pictures.content, settings),
  graphs(scale, weights, { settings, pictures }) {
    const canvas = canvasSize(scale);
    const regions = plannedRegions(pictures, settings);
    return [
      ...lossUses(stylizeLoss(weights, settings, canvas, regions), 'content', scale.iterations),
      ...pictures.styles.map((style, index) =>
        measuredUse('styles', paintingSize(style, scale), (x) => styleTargets(x, weights, settings), index),
      ),
    ];
  },
  begin: stylizeStages,
  longestSide({ size, scales, styleSize, styleScale }, role) {
    if (role === 'styles') return Math.ceil(styleSize ?? (size ?? scales.at(-1)!) * styleScale);
    // The colours of regions must not be mixed.
    return role === 'contentMask' || role === 'styleMasks' ? undefined : size;
  },
  resized(settings, size, _pictures, steps) {
    if (steps !== undefined) {
      return { ...settings, size, scales: [size], iterations: [steps], totalIterations: undefined };
    }
    const preset = stylizePresets[settings.preset];
    const scales = scalesUpTo(size, preset.scales);
    return {
      ...settings,
      size,
      scales,
      iterations: usualIterations(scales, preset),
      totalIterations: undefined,
    };
  },
  weightOptions: {
    content: 'contentWeight',
    style: 'styleWeight',
    totalVariation: 'tvWeight',
    grain: 'grainWeight',
    histogram: 'histogramWeight',
    laplacian: 'lockDetail',
  },
  terms: ({ grainWeight, histogramWeight, lockDetail }) =>
    activeTerms({
      content: 1,
      style: 1,
      totalVariation: 1,
      grain: grainWeight,
      histogram: histogramWeight,
      laplacian: lockDetail,
    }),
  describe(settings, names, plan) {
    const { preset, contentWeight, contentLayers, styleWeight, styleLayers, tvWeight, grainWeight } =
      settings;
    return {
      title: `${names['content']!.join(', ')} after ${names['styles']!.join(', ')}`,
      before: 'content',
      facts: [
        ['Size', `${plan.width}x${plan.height}`],
        scalesFact(plan.scales),
        ['Preset', preset],
        ['Pooling', settings.pooling],
        termFact('Content', contentWeight, contentLayers),
        termFact('Style', styleWeight, styleLayers),
        termFact('Total variation', tvWeight),
        ...(grainWeight > 0 ? [termFact('Grain', grainWeight)] : []),
        ['Optimizer', settings.optimizer.name],
        ['Start', settings.init],
        ['Seed', String(settings.seed)],
        ...controlFacts(settings, names),
      ],
    };
  },
};

/** A stylisation by Gram matrices (Gatys, Ecker and Bethge 2016), in the published forms of the presets. */
export const gramStylization = walkMethod(definition);

/** The rows about what is controlled; none where nothing is. */
function controlFacts(settings: StylizeSettings, names: Readonly<Record<string, readonly string[]>>): Fact[] {
  const { histogramWeight, histogramLayers, lockDetail, autoTune, preserveColors, styleBlend } = settings;
  const facts: Fact[] = [];
  if (histogramWeight > 0) facts.push(termFact('Histogram', histogramWeight, histogramLayers));
  if (lockDetail > 0) facts.push(termFact('Detail', lockDetail));
  if (autoTune) facts.push(['Weights', 'tuned at each scale by the lengths of gradients']);
  if (preserveColors !== 'none') facts.push(['Colours', `the photograph's (${preserveColors})`]);
  if (styleBlend !== undefined) facts.push(['Blend', styleBlend.join(', ')]);
  const regions = names['styleMasks'] ?? [];
  if (regions.length > 0) {
    facts.push(['Regions', regions.map((name, index) => `painting ${index + 1}: ${name}`).join(', ')]);
  }
  if (names['mask'] !== undefined) {
    facts.push(['Painted', `inside the mask, feathered over ${factNumber(settings.feather)} pixels`]);
  }
  return facts;
}
