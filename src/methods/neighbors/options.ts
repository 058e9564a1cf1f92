import { z } from 'zod';
import {
  checkWeights,
  feather,
  grainWeight,
  iterations,
  layerList,
  longSides,
  margin,
  parseOptions,
  pooling,
  side,
  styleScale,
  weight,
} from '../options.js';
import { iterationsPerScale } from '../optimization/iterations.js';
import { equalLayerWeights, type LayerWeights } from '../optimization/layer-weights.js';
import type { OptimizerSettings } from '../optimization/optimizer-settings.js';
import { preserveColors, strengthFactor } from '../stylize/options.js';

/** What can be set of a stylisation by neighbours. */
export const neighborOptionsSchema = z.strictObject({
  strength: z
    .number()
    .min(0)
    .max(1)
    .describe('how far the photograph goes over into paint: 0 touched, 1 dissolved')
    .default(0.5),
  contentWeight: weight.describe('how much the photograph counts').default(0.2),
  styleWeight: weight.describe("how much the painting's neighbours count").default(1),
  tvWeight: weight.describe('how much smoothness counts (total variation)').default(0.1),
  grainWeight: grainWeight.default(0.05),
  layers: layerList
    .describe('layers whose features look for neighbours')
    .default(['relu1_2', 'relu2_2', 'relu3_1', 'relu3_3', 'relu4_1', 'relu4_3']),
  contentLayers: layerList.describe('layers that keep the photograph').default(['relu4_2']),
  preserveColors,
  feather,
  size: side.describe("long side of the result; without it the photograph's own").optional(),
  scales: longSides.default([64, 128, 256, 512, 1024]),
  iterations: iterations.default([40, 40, 30, 20, 10]),
  splitIterations: z
    .int()
    .min(0)
    .describe('steps at the end in which each layer looks for neighbours by itself; 0 leaves them out')
    .default(20),
  rematch: z
    .int()
    .min(1)
    .describe('of those, steps after which every position looks for its neighbour anew')
    .default(10),
  margin: margin.default(16),
  styleScale,
  pooling: pooling.default('max'),
});

/** Options as a caller gives them. */
export type NeighborOptions = z.input<typeof neighborOptionsSchema>;

/** Options with the defaults applied. */
export interface NeighborSettings extends Omit<z.output<typeof neighborOptionsSchema>, 'contentLayers'> {
  readonly contentLayers: LayerWeights;
  readonly optimizer: OptimizerSettings;
}

/**
 * Checks the options of a stylisation by neighbours.
 * @throws StyleError `E_ARGUMENT` that names the first option which can't be used, and what it takes
 */
export function resolveNeighborSettings(options: NeighborOptions = {}): NeighborSettings {
  const checked = parseOptions(neighborOptionsSchema, options);
  const { strength, contentWeight, styleWeight, tvWeight, scales, iterations: steps } = checked;
  checkWeights({ contentWeight, styleWeight, tvWeight, grainWeight: checked.grainWeight });
  // That there are as many numbers as scales is checked before scales are left out.
  iterationsPerScale(scales, steps, scales);
  return {
    ...checked,
    contentWeight: contentWeight * strengthFactor(strength),
    ...equalLayerWeights(checked, 'contentLayers'),
    optimizer: { name: 'bounded', history: 8 },
  };
}
