import type { GramNormalization } from '../../losses/gram.js';
import type { LossReduction } from '../../losses/reduction.js';
import type { TotalVariationForm } from '../../losses/total-variation.js';
import type { Pooling } from '../../networks/vgg.js';
import { fiveLayers, type LayerWeights } from '../optimization/layer-weights.js';
import type { OptimizerSettings, PixelUnit } from '../optimization/optimizer-settings.js';

export type InitialPicture = 'content' | 'noise' | 'style' | 'grey' | 'picture';

/** Everything that defines a published way of stylising, as data. */
export interface StylizePreset {
  /** Where the formula and the numbers come from. */
  readonly source: string;
  /** Name of the network's weights. */
  readonly network: string;
  readonly pooling: Pooling;
  readonly contentLayers: LayerWeights;
  readonly contentReduction: LossReduction;
  readonly styleLayers: LayerWeights;
  readonly gram: GramNormalization;
  readonly styleReduction: LossReduction;
  readonly contentWeight: number;
  readonly styleWeight: number;
  readonly tvWeight: number;
  readonly tvForm: TotalVariationForm;
  /** Of the loss of grain, which is ours. */
  readonly grainWeight: number;
  /** What the source's picture values are divided by to be in 0..1; the optimiser and total variation work in these units. */
  readonly pixelUnit: PixelUnit;
  readonly optimizer: OptimizerSettings;
  readonly init: Exclude<InitialPicture, 'picture'>;
  /** Standard deviation of white noise, in 0..1, around mid-grey. */
  readonly noise: number;
  /**
   * Pixels of the pictures' own mirror image kept around them while optimising, and cut off in the end: at the border the
   * network sees zeros, which optimisation otherwise paints as a frame.
   */
  readonly margin: number;
  /** Long sides in pixels, coarse to fine, and the steps at each. */
  readonly scales: readonly number[];
  readonly iterations: readonly number[];
}

const unit: PixelUnit = [1, 1, 1];
/** Caffe's networks see 0..255. */
const byte: PixelUnit = [1 / 255, 1 / 255, 1 / 255];
/** torchvision's standard deviations: its networks see normalised pictures. */
const torchvision: PixelUnit = [0.229, 0.224, 0.225];

const adam = { name: 'adam', beta1: 0.9, epsilon: 1e-8, clip: false } as const;

export const stylizePresets = {
  default: {
    source: 'Pastiche: losses relative to their targets, coarse to fine, bounded quasi-Newton.',
    network: 'pastiche-vgg',
    pooling: 'max',
    contentLayers: { relu4_1: 0.5, relu4_2: 0.5 },
    contentReduction: 'relative',
    styleLayers: fiveLayers(1 / 5),
    gram: 'hw',
    styleReduction: 'relative',
    contentWeight: 0.365,
    styleWeight: 1,
    tvWeight: 0.02,
    tvForm: 'absolute-mean',
    grainWeight: 0.045,
    pixelUnit: unit,
    optimizer: { name: 'bounded', history: 8 },
    init: 'content',
    noise: 0.25,
    margin: 16,
    scales: [128, 256, 512, 1024, 2048],
    iterations: [28, 34, 40, 8, 6],
  },
  gatys: {
    source:
      'Gatys, Ecker, Bethge 2016, "Image Style Transfer Using Convolutional Neural Networks", equations 1 to 7.',
    network: 'vgg19',
    pooling: 'average',
    contentLayers: { relu4_2: 1 },
    contentReduction: 'half-sum',
    styleLayers: fiveLayers(1 / 5),
    gram: 'none',
    styleReduction: 'gatys',
    contentWeight: 1,
    styleWeight: 1000,
    tvWeight: 0,
    tvForm: 'squared-sum',
    grainWeight: 0,
    pixelUnit: byte,
    optimizer: { name: 'lbfgs', learningRate: 1, history: 20 },
    init: 'noise',
    noise: 0.25,
    margin: 0,
    scales: [512],
    iterations: [500],
  },
  d2l: {
    // The book multiplies the list of style losses by 10, which repeats it ten times: hence 1e4 for its 1e3.
    source: 'Zhang et al., "Dive into Deep Learning", section 14.12, PyTorch version.',
    network: 'vgg19-torchvision',
    pooling: 'max',
    contentLayers: { relu4_4: 1 },
    contentReduction: 'mean',
    // Layers 0, 5, 10, 19, 28: the last one is the last that runs, so no ReLU in place follows it.
    styleLayers: { relu1_1: 1, relu2_1: 1, relu3_1: 1, relu4_1: 1, conv5_1: 1 },
    gram: 'chw',
    styleReduction: 'mean',
    contentWeight: 1,
    styleWeight: 1e4,
    tvWeight: 10,
    tvForm: 'absolute-mean',
    grainWeight: 0,
    pixelUnit: torchvision,
    optimizer: { ...adam, learningRate: 0.1, decay: { factor: 0.8, every: 200 } },
    init: 'content',
    noise: 0.25,
    margin: 0,
    scales: [450],
    iterations: [500],
  },
  'pytorch-lesson': {
    source: 'Udacity, "Intro to Deep Learning with PyTorch", Style_Transfer_Exercise.',
    network: 'vgg19-torchvision',
    pooling: 'max',
    contentLayers: { relu4_2: 1 },
    contentReduction: 'mean',
    styleLayers: { relu1_1: 1, relu2_1: 0.75, relu3_1: 0.2, relu4_1: 0.2, relu5_1: 0.2 },
    gram: 'none',
    styleReduction: 'mean-per-value',
    contentWeight: 1,
    styleWeight: 1e6,
    tvWeight: 0,
    tvForm: 'absolute-mean',
    grainWeight: 0,
    pixelUnit: torchvision,
    optimizer: { ...adam, learningRate: 0.003 },
    init: 'content',
    noise: 0.25,
    margin: 0,
    scales: [400],
    iterations: [2000],
  },
  'tensorflow-tutorial': {
    source:
      'TensorFlow, tutorial "Neural style transfer" (tensorflow.org/tutorials/generative/style_transfer).',
    network: 'vgg19',
    pooling: 'max',
    contentLayers: { block5_conv2: 1 },
    contentReduction: 'mean',
    styleLayers: {
      block1_conv1: 0.2,
      block2_conv1: 0.2,
      block3_conv1: 0.2,
      block4_conv1: 0.2,
      block5_conv1: 0.2,
    },
    gram: 'hw',
    styleReduction: 'mean',
    contentWeight: 1e4,
    styleWeight: 1e-2,
    tvWeight: 0,
    tvForm: 'absolute-mean',
    grainWeight: 0,
    pixelUnit: unit,
    optimizer: {
      ...adam,
      learningRate: 0.02,
      beta1: 0.99,
      epsilon: 0.1,
      epsilonPlacement: 'tensorflow',
      clip: true,
    },
    init: 'content',
    noise: 0.25,
    margin: 0,
    scales: [512],
    iterations: [100],
  },
  'neural-style': {
    source:
      'Justin Johnson, neural-style (github.com/jcjohnson/neural-style), neural_style.lua at its defaults.',
    network: 'vgg19',
    pooling: 'max',
    contentLayers: { relu4_2: 1 },
    contentReduction: 'mean',
    styleLayers: fiveLayers(1),
    gram: 'chw',
    styleReduction: 'mean',
    contentWeight: 5,
    styleWeight: 100,
    // Its TVLoss has the gradient of half the squared sum.
    tvWeight: 1e-3 / 2,
    tvForm: 'squared-sum',
    grainWeight: 0,
    pixelUnit: byte,
    optimizer: { name: 'lbfgs', learningRate: 1, history: 100 },
    init: 'noise',
    noise: 0.001 / 255,
    margin: 0,
    scales: [512],
    iterations: [1000],
  },
} as const satisfies Record<string, StylizePreset>;

export type StylizePresetName = keyof typeof stylizePresets;
export const stylizePresetNames = Object.keys(stylizePresets) as StylizePresetName[];

const layerList = (layers: LayerWeights): string => {
  const shares = new Set(Object.values(layers));
  return Object.entries(layers)
    .map(([layer, weight]) => (shares.size === 1 ? layer : `${layer}:${weight}`))
    .join(',');
};

/** What a preset means by the options that are not given, in words. */
export function presetDefaults(preset: StylizePreset): Record<string, string> {
  const { scales, iterations, optimizer, contentLayers, styleLayers } = preset;
  return {
    scales: scales.join(','),
    iterations: iterations.join(','),
    optimizer: optimizer.name,
    ...('learningRate' in optimizer ? { learningRate: String(optimizer.learningRate) } : {}),
    contentWeight: String(preset.contentWeight),
    styleWeight: String(preset.styleWeight),
    tvWeight: String(preset.tvWeight),
    grainWeight: String(preset.grainWeight),
    contentLayers: layerList(contentLayers),
    styleLayers: layerList(styleLayers),
    gram: preset.gram,
    normalize: preset.styleReduction === 'relative' ? 'on' : 'off',
    pooling: preset.pooling,
    margin: String(preset.margin),
    init: preset.init,
  };
}

/** The presets in lines: name, network and source. */
export function presetTable(): string {
  const width = Math.max(...stylizePresetNames.map(({ length }) => length));
  const lines = stylizePresetNames.map((name) => {
    const { source, network } = stylizePresets[name];
    return `  ${name.padEnd(width)}  ${source} Network: ${name === 'default' ? 'the first installed' : network}.`;
  });
  return `Presets:\n${lines.join('\n')}`;
}
