import { z } from 'zod';
import {
  checkWeights,
  layerList,
  margin,
  parseOptions,
  patch,
  pooling,
  seenSide,
  stride,
  styleScale,
  weight,
} from '../options.js';
import { iterationsPerScale } from '../optimization/iterations.js';
import { equalLayerWeights, type LayerWeights } from '../optimization/layer-weights.js';
import type { OptimizerSettings } from '../optimization/optimizer-settings.js';
import { preserveColors, usualIterations } from '../stylize/options.js';
import { resolvePatch } from '../../patch-match/feature-maps.js';

/** The scales where none are given, and their steps, after which those of other scales go. */
const usual = { scales: [128, 224, 384], iterations: [60, 45, 45] };

/** What can be set of a stylisation by patches. */
export const patchStyleOptionsSchema = z.strictObject({
  contentWeight: weight.describe('how much the photograph counts').default(0.5),
  styleWeight: weight.describe("how much the painting's patches count").default(1),
  // Counts together with the style weight; of the mean squared difference of colours in 0..1.
  colorWeight: weight
    .describe("how much the pixels of the painting's patches count, beside their features, for clean colours")
    .default(30),
  tvWeight: weight.describe('how much smoothness counts (total variation)').default(0.3),
  contentLayers: layerList.describe('layers that keep the photograph').default(['relu4_2']),
  patchLayers: layerList
    .describe('layers whose patches are matched, such as relu3_1,relu4_1:2 with a weight')
    .default(['relu3_1', 'relu4_1']),
  preserveColors,
  patch,
  stride,
  rematch: z.int().min(1).describe('steps after which every patch looks for its best match anew').default(15),
  size: seenSide.describe("long side of the result; without it the photograph's own").optional(),
  scales: z
    .array(seenSide)
    .min(1)
    .describe('long sides to optimise at, coarse to fine')
    .default([...usual.scales]),
  iterations: z
    .union([z.int().min(1), z.array(z.int().min(1)).min(1)])
    .describe('optimiser steps: all together, or one number per scale')
    .optional(),
  margin: margin.default(16),
  styleScale,
  pooling: pooling.default('max'),
});

/** Options as a caller gives them. */
export type PatchStyleOptions = z.input<typeof patchStyleOptionsSchema>;

/** Options with the defaults applied. */
export interface PatchStyleSettings extends Readonly<
  Omit<z.output<typeof patchStyleOptionsSchema>, 'contentLayers' | 'patchLayers' | 'size' | 'iterations'>
> {
  readonly contentLayers: LayerWeights;
  readonly patchLayers: LayerWeights;
  readonly size: number | undefined;
  readonly iterations: number | readonly number[];
  readonly optimizer: OptimizerSettings;
}

/**
 * Checks the options of a stylisation by patches.
 * @throws StyleError `E_ARGUMENT` that names the first option which can't be used, and what it takes
 */
export function resolvePatchStyleSettings(options: PatchStyleOptions = {}): PatchStyleSettings {
  const checked = parseOptions(patchStyleOptionsSchema, options);
  const { contentWeight, styleWeight, tvWeight, scales, iterations: steps } = checked;
  resolvePatch(checked);
  checkWeights({ contentWeight, styleWeight, tvWeight });
  return {
    ...checked,
    size: checked.size,
    // One number is shared out when it is known which scales a photograph needs.
    iterations:
      typeof steps === 'number' ? steps : iterationsPerScale(scales, steps, usualIterations(scales, usual)),
    ...equalLayerWeights(checked, 'contentLayers', 'patchLayers'),
    optimizer: { name: 'bounded', history: 8 },
  };
}
