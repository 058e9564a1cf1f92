import { z } from 'zod';
import type { LossTerm } from '../../progress.js';
import { StyleError } from '../../errors.js';
import { histogramLayers } from '../../losses/histogram.js';
import type { LayerStyleSettings } from '../../losses/layer-style.js';
import type { Pooling } from '../../networks/vgg.js';
import { fiveLayers, parseLayerWeights, type LayerWeights } from '../layer-weights.js';
import { noiseOptions } from '../noise-picture.js';
import { optionError } from '../option-error.js';
import type { OptimizerSettings } from '../optimizer-settings.js';

const weight = z.number().nonnegative();
const side = z.int().min(1).max(32768);
const layers = z.array(z.string().min(1)).min(1);

/** What a user can set of a texture, with what it does. The command line's help and the docs derive from this one list. */
export const textureOptionsSchema = z.strictObject({
  width: side.describe("width of the texture in pixels; without it the sample's").optional(),
  height: side.describe("height of the texture in pixels; without it the sample's").optional(),
  tileable: z.boolean().describe('make a texture that repeats without a seam').default(false),
  sampleSize: side
    .describe(
      'long side that the sample is brought to: smaller makes finer forms; never enlarged (default: at most 512)',
    )
    .optional(),
  scales: z.array(side).min(1).describe('long sides to work at, coarse to fine').optional(),
  iterations: z
    .union([z.int().min(1), z.array(z.int().min(0)).min(1)])
    .describe('optimiser steps: all together, or one number a scale')
    .optional(),
  styleLayers: layers
    .describe('layers whose Gram matrices are matched, such as relu1_1,relu3_1, or with weights')
    .optional(),
  histogramWeight: weight
    .describe("how much the distributions of the features' values count, which Gram matrices don't see")
    .default(0),
  histogramLayers: layers.describe('layers whose distributions are matched').default([...histogramLayers]),
  autoTune: z
    .boolean()
    .describe('lower the weights of terms that would drown the style, by the length of their gradients')
    .default(false),
  tvWeight: weight.describe('how much smoothness counts (total variation)').default(0.01),
  pooling: z.enum(['max', 'average']).describe("the network's pooling").default('max'),
  projection: z
    .boolean()
    .describe("with a compact network: measure style in the full network's space")
    .default(true),
  ...noiseOptions,
});

/** Options as a caller gives them. */
export type TextureOptions = z.input<typeof textureOptionsSchema>;

/** Options with the defaults applied: nothing is left to decide but what depends on the sample. */
export interface TextureSettings extends LayerStyleSettings {
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly tileable: boolean;
  readonly sampleSize: number | undefined;
  readonly scales: readonly number[] | undefined;
  readonly iterations: number | readonly number[] | undefined;
  readonly styleLayers: LayerWeights;
  readonly histogramWeight: number;
  /** Layers of the histogram loss with their shares of its weight. */
  readonly histogramLayers: LayerWeights;
  /** Whether weights are tuned at the beginning of each scale, see `autoTune` in losses. */
  readonly autoTune: boolean;
  readonly totalVariationWeight: number;
  readonly pooling: Pooling;
  readonly noise: number;
  readonly seed: number;
  readonly optimizer: OptimizerSettings;
}

/**
 * Checks the options of a texture.
 * @throws StyleError `E_ARGUMENT` that names the first option which can't be used, and what it takes
 */
export function resolveTextureSettings(options: TextureOptions): TextureSettings {
  const parsed = textureOptionsSchema.safeParse(options);
  if (!parsed.success) throw optionError(parsed.error.issues[0]!, options);
  const {
    width,
    height,
    tileable,
    sampleSize,
    scales,
    iterations,
    styleLayers,
    tvWeight,
    histogramLayers: own,
    ...rest
  } = parsed.data;
  const weights = parseLayerWeights(styleLayers, fiveLayers(1 / 5));
  if (Object.values(weights).every((share) => share === 0)) {
    throw new StyleError(
      'E_ARGUMENT',
      'All layers have weight 0, so there is nothing to make a texture from.',
      'Give at least one layer a weight above 0.',
    );
  }
  return {
    ...{ width, height, tileable, sampleSize, scales, iterations },
    styleLayers: weights,
    histogramLayers: parseLayerWeights(own, { all: 1 }),
    totalVariationWeight: tvWeight,
    ...rest,
    gram: 'hw',
    styleReduction: 'relative',
    optimizer: { name: 'bounded', history: 8 },
  };
}

/** The terms that are told of a texture: style, and the others where they count. */
export function reportedTextureTerms({ histogramWeight, totalVariationWeight }: TextureSettings): LossTerm[] {
  return [
    'style',
    ...(histogramWeight === 0 ? [] : (['histogram'] as const)),
    ...(totalVariationWeight === 0 ? [] : (['totalVariation'] as const)),
  ];
}
