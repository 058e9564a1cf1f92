import { z } from 'zod';
import type { LossTerm } from '../../progress.js';
import { StyleError } from '../../errors.js';
import type { Pooling } from '../../networks/vgg.js';
import { parseLayerWeights, type LayerWeights } from '../layer-weights.js';
import { optionError } from '../option-error.js';
import type { OptimizerSettings } from '../optimizer-settings.js';
import { resolvePatch } from '../patch-match/feature-maps.js';

const weight = z.number().nonnegative();
const side = z.int().min(16).max(32768);
const layers = z.array(z.string().min(1)).min(1);

/** What a user can set of a stylisation by patches. The command line's help and the docs derive from this one list. */
export const patchStyleOptionsSchema = z.strictObject({
  contentWeight: weight.describe('how much the photograph counts').default(0.5),
  styleWeight: weight.describe("how much the painting's patches count").default(1),
  colorWeight: weight
    .describe("how much the pixels of the painting's patches count, beside their features, for clean colours")
    .default(30),
  tvWeight: weight.describe('how much smoothness counts (total variation)').default(0.3),
  contentLayers: layers.describe('layers that keep the photograph').default(['relu4_2']),
  patchLayers: layers
    .describe('layers whose patches are matched, such as relu3_1,relu4_1:2 with a weight')
    .default(['relu3_1', 'relu4_1']),
  patch: z.int().min(1).max(99).describe('side of a patch in positions of a layer, odd').default(3),
  stride: z.int().min(1).max(99).describe('distance between the positions of a patch that count').default(1),
  rematch: z.int().min(1).describe('steps after which every patch looks for its best match anew').default(15),
  size: side.describe("long side of the result; without it the photograph's own").optional(),
  scales: z.array(side).min(1).describe('long sides to work at, coarse to fine').default([128, 224, 384]),
  iterations: z
    .union([z.int().min(1), z.array(z.int().min(1)).min(1)])
    .describe('optimiser steps: all together, or one number a scale')
    .default([60, 45, 45]),
  margin: z
    .int()
    .min(0)
    .max(256)
    .describe('pixels of mirror image around the picture while it is made')
    .default(16),
  styleScale: z.number().positive().max(10).describe('size of the painting against the picture').default(1),
  pooling: z.enum(['max', 'average']).describe("the network's pooling").default('max'),
});

/** Options as a caller gives them. */
export type PatchStyleOptions = z.input<typeof patchStyleOptionsSchema>;

/** Options with the defaults applied. */
export interface PatchStyleSettings {
  readonly contentWeight: number;
  readonly styleWeight: number;
  /** Counts together with the style weight; of the mean squared difference of colours in 0..1. */
  readonly colorWeight: number;
  readonly totalVariationWeight: number;
  readonly contentLayers: LayerWeights;
  readonly patchLayers: LayerWeights;
  readonly patch: number;
  readonly stride: number;
  readonly rematch: number;
  readonly size: number | undefined;
  readonly scales: readonly number[];
  readonly iterations: number | readonly number[];
  readonly margin: number;
  readonly styleScale: number;
  readonly pooling: Pooling;
  readonly optimizer: OptimizerSettings;
}

/**
 * Checks the options of a stylisation by patches.
 * @throws StyleError `E_ARGUMENT` that names the first option which can't be used, and what it takes
 */
export function resolvePatchStyleSettings(options: PatchStyleOptions = {}): PatchStyleSettings {
  const parsed = patchStyleOptionsSchema.safeParse(options);
  if (!parsed.success) throw optionError(parsed.error.issues[0]!, options);
  const { contentLayers, patchLayers, tvWeight, ...rest } = parsed.data;
  resolvePatch(rest);
  if (rest.contentWeight + rest.styleWeight + tvWeight === 0) {
    throw new StyleError(
      'E_ARGUMENT',
      'All weights are 0, so there is nothing to optimise.',
      'Give content or style a weight above 0.',
    );
  }
  if (typeof rest.iterations === 'object' && rest.iterations.length !== rest.scales.length) {
    throw new StyleError(
      'E_ARGUMENT',
      `There are ${rest.iterations.length} numbers of iterations for ${rest.scales.length} scales (${rest.scales.join(', ')}).`,
      'Give one number a scale, or one number for all.',
    );
  }
  const equal = (names: readonly string[]): LayerWeights => parseLayerWeights(names, { all: 1 });
  return {
    ...rest,
    size: rest.size,
    contentLayers: equal(contentLayers),
    patchLayers: equal(patchLayers),
    totalVariationWeight: tvWeight,
    optimizer: { name: 'bounded', history: 8 },
  };
}

/** The terms that are told of a stylisation by patches: patches, as style, and the others where they count. */
export function patchStyleTerms({ contentWeight, totalVariationWeight }: PatchStyleSettings): LossTerm[] {
  return [
    ...(contentWeight === 0 ? [] : (['content'] as const)),
    'style',
    ...(totalVariationWeight === 0 ? [] : (['totalVariation'] as const)),
  ];
}
