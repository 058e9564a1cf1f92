import { z } from 'zod';
import { StyleError } from '../../errors.js';
import { histogramLayers } from '../../losses/histogram.js';
import type { PictureCounts } from '../method.js';
import {
  autoTune,
  checkWeights,
  checkFeather,
  feather,
  givenOptions,
  grainWeight,
  iterations,
  layerList,
  longSides,
  margin,
  parseOptions,
  pooling,
  projection,
  seed,
  side,
  weight,
} from '../options.js';
import { iterationsPerScale } from '../optimization/iterations.js';
import { parseLayerWeights, type LayerWeights } from '../optimization/layer-weights.js';
import type { OptimizerName, OptimizerSettings, PixelUnit } from '../optimization/optimizer-settings.js';
import { stylizePresetNames, stylizePresets, type StylizePreset, type StylizePresetName } from './presets.js';

/** How the photograph's colours are kept; see `keepColors`. */
export const preserveColors = z
  .enum(['none', 'luminance', 'match', 'chroma'])
  .describe(
    "how the photograph's colours are kept: paint brightness only; match the painting's colours first; or carry the photograph's chroma over into the painting's range",
  )
  .default('none');

/** What can be set of a stylisation by Gram matrices. What is left out comes from the preset. */
export const stylizeOptionsSchema = z.strictObject({
  preset: z
    .enum(stylizePresetNames as [StylizePresetName, ...StylizePresetName[]])
    .describe('published formula and numbers to start from')
    .default('default'),
  size: side
    .describe("long side of the result in pixels; without it the result has the photograph's size")
    .optional(),
  scales: longSides.optional(),
  iterations: iterations.optional(),
  optimizer: z
    .enum(['adam', 'lbfgs', 'bounded'])
    .describe('the optimiser; bounded is a quasi-Newton method that keeps pixels in range')
    .optional(),
  learningRate: z
    .number()
    .positive()
    .describe("step size of adam and lbfgs, in the preset's pixel units")
    .optional(),
  contentWeight: weight.describe('how much the photograph counts').optional(),
  styleWeight: weight.describe('how much the painting counts').optional(),
  tvWeight: weight.describe('how much smoothness counts (total variation)').optional(),
  grainWeight: grainWeight.optional(),
  strength: z
    .number()
    .min(0)
    .max(1)
    .describe(
      "how far the photograph goes over into paint: 0 touched, 1 dissolved, 0.5 the preset's content weight",
    )
    .optional(),
  histogramWeight: weight
    .describe("how much the distributions of the features' values count, which Gram matrices don't see")
    .default(0),
  histogramLayers: layerList.describe('layers whose distributions are matched').default([...histogramLayers]),
  preserveColors,
  feather,
  lockDetail: weight
    .describe("how much the photograph's fine edges count: the distance of the Laplacians of both pictures")
    .default(0),
  autoTune,
  contentLayers: layerList
    .describe('layers that hold the content, such as relu4_2, or relu4_2:0.5 with a weight')
    .optional(),
  styleLayers: layerList
    .describe('layers that hold the style, such as relu1_1,relu3_1, or with weights')
    .optional(),
  gram: z.enum(['none', 'hw', 'chw']).describe('what Gram matrices are divided by').optional(),
  normalize: z
    .boolean()
    .describe('measure losses relative to their targets, so that weights mean the same for every pair')
    .optional(),
  pooling: pooling.optional(),
  projection: projection.default(true),
  styleBlend: z.array(weight).min(1).describe('weights of several styles, in their order').optional(),
  styleScale: z
    .number()
    .positive()
    .max(16)
    .describe("size of the painting's strokes against the result (default: 1)")
    .optional(),
  styleSize: side
    .describe('the same as the long side of the painting at the finest scale, in pixels')
    .optional(),
  init: z.enum(['content', 'noise', 'style', 'grey', 'picture']).describe('what to start from').optional(),
  margin: margin.optional(),
  average: z
    .number()
    .min(0)
    .max(0.9999)
    .describe('decay of the moving average of iterates that is the result; 0 is none')
    .default(0),
  seed,
});

/** Options as a caller gives them. */
export type StylizeOptions = z.input<typeof stylizeOptionsSchema>;

type CheckedOptions = z.output<typeof stylizeOptionsSchema>;

/** A preset with the caller's options applied: nothing is left to decide but the pictures' sizes. */
export interface StylizeSettings
  extends
    Omit<StylizePreset, 'init' | 'source'>,
    Pick<
      CheckedOptions,
      | 'preset'
      | 'projection'
      | 'histogramWeight'
      | 'preserveColors'
      | 'feather'
      | 'lockDetail'
      | 'autoTune'
      | 'average'
      | 'seed'
    > {
  readonly init: NonNullable<CheckedOptions['init']>;
  readonly size: number | undefined;
  /** Steps of all scales together, where one number was given: a photograph that needs fewer scales gets all of them. */
  readonly totalIterations: number | undefined;
  /** Layers of the histogram loss with their shares of its weight. */
  readonly histogramLayers: LayerWeights;
  readonly styleBlend: readonly number[] | undefined;
  readonly styleScale: number;
  readonly styleSize: number | undefined;
}

/**
 * Checks options and applies them to their preset.
 * @param given how many pictures there are, where that is known
 * @throws StyleError `E_ARGUMENT` that names the first option which can't be used, and what it takes
 */
export function resolveStylizeSettings(options: StylizeOptions, given?: PictureCounts): StylizeSettings {
  const checked = givenOptions(parseOptions(stylizeOptionsSchema, options));
  checkTogether(options, given);
  const preset: StylizePreset = stylizePresets[checked.preset];
  const { normalize, learningRate, optimizer, iterations: steps, size, strength, ...others } = checked;
  const presetIsRelative = preset.styleReduction === 'relative';
  const relative = normalize ?? presetIsRelative;
  const reduction = relative ? 'relative' : 'mean';
  const scales = checked.scales ?? (size === undefined ? preset.scales : scalesUpTo(size, preset.scales));
  const settings: StylizeSettings = {
    styleBlend: undefined,
    styleSize: undefined,
    styleScale: 1,
    ...preset,
    contentWeight: preset.contentWeight * strengthFactor(strength),
    ...others,
    contentLayers: parseLayerWeights(checked.contentLayers, preset.contentLayers, 'contentLayers'),
    styleLayers: parseLayerWeights(checked.styleLayers, preset.styleLayers, 'styleLayers'),
    histogramLayers: parseLayerWeights(checked.histogramLayers, { all: 1 }, 'histogramLayers'),
    contentReduction: relative === presetIsRelative ? preset.contentReduction : reduction,
    styleReduction: relative === presetIsRelative ? preset.styleReduction : reduction,
    optimizer: chooseOptimizer(optimizer, learningRate, preset),
    size: size ?? checked.scales?.at(-1),
    scales,
    iterations: iterationsPerScale(scales, steps, usualIterations(scales, preset)),
    totalIterations: typeof steps === 'number' ? steps : undefined,
  };
  const { contentWeight, styleWeight, tvWeight, histogramWeight, lockDetail } = settings;
  checkWeights({
    contentWeight,
    styleWeight,
    tvWeight,
    grainWeight: settings.grainWeight,
    histogramWeight,
    lockDetail,
  });
  return settings;
}

/** @throws StyleError `E_ARGUMENT` for options that contradict each other, or that would have no effect */
function checkTogether(options: StylizeOptions, given: PictureCounts | undefined): void {
  const { styleSize, styleScale, feather = 0, init, styleBlend, strength, contentWeight } = options;
  if (strength !== undefined && contentWeight !== undefined) {
    throw new StyleError(
      'E_ARGUMENT',
      'strength and contentWeight both say how much the photograph counts.',
      'Give one of them.',
      { option: 'strength' },
    );
  }
  if (styleSize !== undefined && styleScale !== undefined) {
    throw new StyleError(
      'E_ARGUMENT',
      'styleSize and styleScale both say how large the painting is.',
      'Give one of them.',
      { option: 'styleSize' },
    );
  }
  if (given === undefined) return;
  checkFeather(feather, given);
  if (init !== undefined && init !== 'picture' && given['initial']) {
    throw new StyleError(
      'E_ARGUMENT',
      `There is a picture to start from, and the option init is ${init}.`,
      'Leave one of them out.',
      { option: 'init' },
    );
  }
  if (init === 'picture' && !given['initial']) {
    throw new StyleError(
      'E_ARGUMENT',
      'The start is to be a picture, and none was given.',
      'Give the picture to start from.',
      { option: 'init' },
    );
  }
  const styles = given['styles'] ?? 0;
  if (styles > 0) blendWeights(styleBlend, styles);
}

/**
 * The blend of several styles as parts of 1.
 * @throws StyleError `E_ARGUMENT` when there is no style, when blend and styles differ in number, and when all weights are 0
 */
export function blendWeights(blend: readonly number[] | undefined, count: number): number[] {
  if (count === 0) throw new StyleError('E_ARGUMENT', 'No style picture was given.', 'Give at least one.');
  const weights = blend ?? new Array<number>(count).fill(1);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (weights.length !== count || sum === 0) {
    throw new StyleError(
      'E_ARGUMENT',
      `The style blend ${weights.join(',')} doesn't fit ${count} style picture(s).`,
      'Give one weight for each style, not all 0.',
      { option: 'styleBlend' },
    );
  }
  return weights.map((weight) => weight / sum);
}

/** The content weight at the ends of the range of strengths, as a factor of the preset's: times and divided by it. */
const strongest = 12;

/** What a strength from 0 to 1 multiplies the content weight by. */
export const strengthFactor = (strength = 0.5): number => strongest ** (1 - 2 * strength);

/** A size that is given ends the preset's list of scales: those below it stay, itself is the last. */
export function scalesUpTo(size: number, scales: readonly number[]): readonly number[] {
  // A scale just below the last one costs as much as it and gains nothing.
  return [...scales.filter((scale) => scale <= size * 0.75), size];
}

/** Steps for each scale as the preset has them. A single scale has the largest number of them. */
export function usualIterations(
  scales: readonly number[],
  preset: Pick<StylizePreset, 'scales' | 'iterations'>,
): number[] {
  return scales.length === 1
    ? [Math.max(...preset.iterations)]
    : scales.map((scale) => iterationsAt(scale, preset));
}

/** The preset's steps at the nearest of its scales, by ratio. */
function iterationsAt(scale: number, preset: Pick<StylizePreset, 'scales' | 'iterations'>): number {
  const distances = preset.scales.map((known) => Math.abs(Math.log(known / scale)));
  return preset.iterations[distances.indexOf(Math.min(...distances))]!;
}

/** Numbers for an optimiser that the preset doesn't use; Adam's rate is 0.02 of the pixels' range in any units. */
function otherOptimizer(name: OptimizerName, [range]: PixelUnit): OptimizerSettings {
  if (name === 'adam') return { name, learningRate: 0.02 / range, beta1: 0.9, epsilon: 1e-8, clip: true };
  return name === 'lbfgs' ? { name, learningRate: 1, history: 20 } : { name, history: 8 };
}

function chooseOptimizer(
  name: OptimizerName | undefined,
  learningRate: number | undefined,
  preset: StylizePreset,
): OptimizerSettings {
  const usual = preset.optimizer;
  const chosen = name === undefined || name === usual.name ? usual : otherOptimizer(name, preset.pixelUnit);
  if (learningRate === undefined) return chosen;
  if (chosen.name === 'bounded') {
    throw new StyleError(
      'E_ARGUMENT',
      'The bounded optimizer finds its own step and takes no learning rate.',
      'Leave learningRate out, or choose adam or lbfgs.',
      { option: 'learningRate' },
    );
  }
  return { ...chosen, learningRate };
}
