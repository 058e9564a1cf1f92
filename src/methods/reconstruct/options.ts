import { z } from 'zod';
import { argumentError } from '../../errors.js';
import type { LayerStyleSettings } from '../../losses/layer-style.js';
import { parseOptions, pooling, projection, side, weight } from '../options.js';
import { noiseOptions } from '../optimization/noise-picture.js';
import type { OptimizerSettings } from '../optimization/optimizer-settings.js';

/** What can be set of a reconstruction. */
export const reconstructOptionsSchema = z.strictObject({
  layer: z.string().min(1).describe('the layer, such as relu3_1 (default: relu3_1)').optional(),
  from: z
    .enum(['content', 'style'])
    .describe(
      "what is known of the picture: the layer's features, or the Gram matrices of all style layers up to it (default: content)",
    )
    .optional(),
  allLayers: z
    .boolean()
    .describe('reconstruct content and style of all five levels, in one labelled sheet')
    .default(false),
  size: side.describe('long side of the result in pixels; the picture is never enlarged').default(256),
  iterations: z.int().min(1).describe('optimiser steps').default(200),
  tvWeight: weight
    .describe('how much smoothness counts (total variation), the regulariser of Mahendran and Vedaldi')
    .default(0.01),
  pooling: pooling.default('max'),
  projection: projection.default(true),
  ...noiseOptions,
});

/** Options as a caller gives them. */
export type ReconstructOptions = z.input<typeof reconstructOptionsSchema>;

/** Where a reconstruction takes what is known of the picture from. */
export interface KnownLayer {
  readonly from: 'content' | 'style';
  readonly layer: string;
}

/** Options with the defaults applied. */
export interface ReconstructSettings
  extends
    LayerStyleSettings,
    KnownLayer,
    Readonly<Omit<z.output<typeof reconstructOptionsSchema>, 'from' | 'layer'>> {
  readonly optimizer: OptimizerSettings;
}

/**
 * Checks the options of a reconstruction.
 * @throws StyleError `E_ARGUMENT` that names the first option which can't be used, and what it takes
 */
export function resolveReconstructSettings(options: ReconstructOptions): ReconstructSettings {
  const { layer, from, ...checked } = parseOptions(reconstructOptionsSchema, options);
  for (const [option, value] of Object.entries({ layer, from })) {
    if (value === undefined || !checked.allLayers) continue;
    throw argumentError(
      option,
      `The option ${option} is for one layer, and allLayers reconstructs all of them.`,
      `Leave ${option} or allLayers out.`,
    );
  }
  return {
    ...checked,
    layer: layer ?? 'relu3_1',
    from: from ?? 'content',
    gram: 'hw',
    styleReduction: 'relative',
    optimizer: { name: 'bounded', history: 8 },
  };
}
