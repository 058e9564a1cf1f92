import { z } from 'zod';
import { StyleError } from '../../errors.js';
import { histogramLayers } from '../../losses/histogram.js';
import { parseLayerWeights, type LayerWeights } from '../layer-weights.js';
import { optionError } from '../option-error.js';
import type { OptimizerName, OptimizerSettings, PixelUnit } from '../optimizer-settings.js';
import { stylizePresetNames, stylizePresets, type StylizePreset } from './presets.js';
import { shareIterations } from '../share-iterations.js';

const weight = z.number().nonnegative();
const side = z.int().min(1).max(32768);
const layers = z.array(z.string().min(1)).min(1);

/**
 * What a user can set, with what it does. What is left out comes from the preset. The command line's help, the docs and
 * every other front derive from this one list.
 */
export const stylizeOptionsSchema = z.strictObject({
  preset: z
    .enum(stylizePresetNames as [string, ...string[]])
    .describe('published formula and numbers to start from')
    .default('default'),
  size: side
    .describe("long side of the result in pixels; without it the result has the photograph's size")
    .optional(),
  scales: z.array(side).min(1).describe('long sides to work at, coarse to fine').optional(),
  iterations: z
    .union([z.int().min(1), z.array(z.int().min(0)).min(1)])
    .describe('optimiser steps: all together, or one number a scale')
    .optional(),
  optimizer: z
    .enum(['adam', 'lbfgs', 'bounded'])
    .describe('what walks down the loss; bounded keeps pixels in range')
    .optional(),
  learningRate: z
    .number()
    .positive()
    .describe("step size of adam and lbfgs, in the preset's pixel units")
    .optional(),
  contentWeight: weight.describe('how much the photograph counts').optional(),
  styleWeight: weight.describe('how much the painting counts').optional(),
  tvWeight: weight.describe('how much smoothness counts (total variation)').optional(),
  histogramWeight: weight
    .describe("how much the distributions of the features' values count, which Gram matrices don't see")
    .default(0),
  histogramLayers: layers.describe('layers whose distributions are matched').default([...histogramLayers]),
  preserveColors: z
    .enum(['none', 'luminance', 'match'])
    .describe(
      "how the photograph's colours are kept: paint brightness only, or match the painting's colours first",
    )
    .default('none'),
  feather: z
    .int()
    .min(0)
    .max(4096)
    .describe('pixels over which the paint fades in from the border of --mask')
    .default(0),
  lockDetail: weight
    .describe("how much the photograph's fine edges count: the distance of the Laplacians of both pictures")
    .default(0),
  autoTune: z
    .boolean()
    .describe("at each scale, lower the weights of terms whose gradient is longer than the style's")
    .default(false),
  contentLayers: layers
    .describe('layers that hold the content, such as relu4_2, or relu4_2:0.5 with a weight')
    .optional(),
  styleLayers: layers
    .describe('layers that hold the style, such as relu1_1,relu3_1, or with weights')
    .optional(),
  gram: z.enum(['none', 'hw', 'chw']).describe('what Gram matrices are divided by').optional(),
  normalize: z
    .boolean()
    .describe('measure losses relative to their targets, so that weights mean the same for every pair')
    .optional(),
  pooling: z.enum(['max', 'average']).describe("the network's pooling").optional(),
  projection: z
    .boolean()
    .describe("with a compact network: measure style in the full network's space")
    .default(true),
  styleBlend: z.array(weight).min(1).describe('weights of several styles, in their order').optional(),
  styleScale: z
    .number()
    .positive()
    .max(16)
    .describe("size of the painting's strokes against the result")
    .default(1),
  styleSize: side
    .describe('long side of the painting at the finest scale, in pixels, instead of --style-scale')
    .optional(),
  init: z.enum(['content', 'noise', 'style', 'grey', 'picture']).describe('what to start from').optional(),
  margin: z
    .int()
    .min(0)
    .max(256)
    .describe('pixels of mirror image kept around the picture while working, against frames')
    .optional(),
  average: z
    .number()
    .min(0)
    .max(0.9999)
    .describe('decay of the moving average of iterates that is the result; 0 is none')
    .default(0),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .describe('seed of the random numbers')
    .default(0),
});

/** Options as a caller gives them. */
export type StylizeOptions = z.input<typeof stylizeOptionsSchema>;

/** A preset with the caller's options applied: nothing is left to decide but the pictures' sizes. */
export interface StylizeSettings extends Omit<StylizePreset, 'init' | 'source'> {
  readonly preset: string;
  readonly init: 'content' | 'noise' | 'style' | 'grey' | 'picture';
  readonly size: number | undefined;
  /** Steps of all scales together, where one number was given: a photograph that needs fewer scales gets all of them. */
  readonly totalIterations: number | undefined;
  readonly projection: boolean;
  readonly histogramWeight: number;
  /** Layers of the histogram loss with their shares of its weight. */
  readonly histogramLayers: LayerWeights;
  readonly preserveColors: 'none' | 'luminance' | 'match';
  /** Pixels of the result. */
  readonly feather: number;
  /** Weight of the Laplacian loss. */
  readonly lockDetail: number;
  readonly autoTune: boolean;
  readonly styleBlend: readonly number[] | undefined;
  readonly styleScale: number;
  readonly styleSize: number | undefined;
  readonly average: number;
  readonly seed: number;
}

/**
 * Checks options and applies them to their preset.
 * @throws StyleError `E_ARGUMENT` that names the first option which can't be used, and what it takes
 */
export function resolveStylizeSettings(options: StylizeOptions): StylizeSettings {
  const parsed = stylizeOptionsSchema.safeParse(options);
  if (!parsed.success) throw optionError(parsed.error.issues[0]!, options);
  const given = parsed.data;
  const preset: StylizePreset = stylizePresets[given.preset as keyof typeof stylizePresets];
  const relative = given.normalize ?? preset.styleReduction === 'relative';
  const keeps = given.normalize === undefined || relative === (preset.styleReduction === 'relative');
  const scales =
    given.scales ?? (given.size === undefined ? preset.scales : scalesUpTo(given.size, preset.scales));
  return {
    ...preset,
    preset: given.preset,
    contentWeight: given.contentWeight ?? preset.contentWeight,
    styleWeight: given.styleWeight ?? preset.styleWeight,
    totalVariationWeight: given.tvWeight ?? preset.totalVariationWeight,
    contentLayers: parseLayerWeights(given.contentLayers, preset.contentLayers),
    styleLayers: parseLayerWeights(given.styleLayers, preset.styleLayers),
    gram: given.gram ?? preset.gram,
    contentReduction: keeps ? preset.contentReduction : relative ? 'relative' : 'mean',
    styleReduction: keeps ? preset.styleReduction : relative ? 'relative' : 'mean',
    pooling: given.pooling ?? preset.pooling,
    margin: given.margin ?? preset.margin,
    optimizer: chooseOptimizer(given.optimizer, given.learningRate, preset),
    init: given.init ?? preset.init,
    size: given.size ?? given.scales?.at(-1),
    scales,
    iterations: spreadIterations(given.iterations, scales, preset),
    totalIterations: typeof given.iterations === 'number' ? given.iterations : undefined,
    projection: given.projection,
    histogramWeight: given.histogramWeight,
    histogramLayers: parseLayerWeights(given.histogramLayers, { all: 1 }),
    preserveColors: given.preserveColors,
    feather: given.feather,
    lockDetail: given.lockDetail,
    autoTune: given.autoTune,
    styleBlend: given.styleBlend,
    styleScale: given.styleScale,
    styleSize: given.styleSize,
    average: given.average,
    seed: given.seed,
  };
}

/** A size of its own ends the preset's list of scales: those below it stay, itself is the last. */
export function scalesUpTo(size: number, scales: readonly number[]): readonly number[] {
  // A scale just below the last one costs as much as it and gains nothing.
  return [...scales.filter((scale) => scale <= size * 0.75), size];
}

/** Steps for each scale: as given, or shared out as the preset does, those of missing scales going to the last. */
function spreadIterations(
  given: number | readonly number[] | undefined,
  scales: readonly number[],
  preset: StylizePreset,
): readonly number[] {
  if (typeof given === 'object') {
    if (given.length === scales.length) return given;
    throw new StyleError(
      'E_ARGUMENT',
      `There are ${given.length} numbers of iterations for ${scales.length} scales (${scales.join(', ')}).`,
      'Give one number a scale, or one number for all.',
    );
  }
  // A single scale does the whole work itself.
  const own =
    scales.length === 1
      ? [Math.max(...preset.iterations)]
      : scales.map((scale) => iterationsAt(scale, preset));
  if (given === undefined) return own;
  return shareIterations(given, own);
}

/** The preset's steps at the nearest of its scales, by ratio. */
function iterationsAt(scale: number, preset: StylizePreset): number {
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
  const own = preset.optimizer;
  const chosen = name === undefined || name === own.name ? own : otherOptimizer(name, preset.pixelUnit);
  if (learningRate === undefined) return chosen;
  if (chosen.name === 'bounded') {
    throw new StyleError(
      'E_ARGUMENT',
      'The bounded optimizer finds its own step and takes no learning rate.',
      'Leave learningRate out, or choose adam or lbfgs.',
    );
  }
  return { ...chosen, learningRate };
}
