import { z } from 'zod';
import type { LayerStyleSettings } from '../../losses/layer-style.js';
import type { Pooling } from '../../networks/vgg.js';
import { noiseOptions } from '../noise-picture.js';
import { optionError } from '../option-error.js';
import type { OptimizerSettings } from '../optimizer-settings.js';

/** What a user can set of a reconstruction, with what it does. The command line's help and the docs derive from this list. */
export const reconstructOptionsSchema = z.strictObject({
  layer: z.string().min(1).describe('the layer, such as relu3_1').default('relu3_1'),
  from: z
    .enum(['content', 'style'])
    .describe(
      "what is known of the picture: the layer's features, or the Gram matrices of all style layers up to it",
    )
    .default('content'),
  size: z
    .int()
    .min(1)
    .max(32768)
    .describe('long side of the result in pixels; the picture is never enlarged')
    .default(256),
  iterations: z.int().min(1).describe('optimiser steps').default(200),
  tvWeight: z
    .number()
    .nonnegative()
    .describe('how much smoothness counts (total variation), the regulariser of Mahendran and Vedaldi')
    .default(0.01),
  pooling: z.enum(['max', 'average']).describe("the network's pooling").default('max'),
  projection: z
    .boolean()
    .describe("with a compact network: measure style in the full network's space")
    .default(true),
  ...noiseOptions,
});

/** Options as a caller gives them. */
export type ReconstructOptions = z.input<typeof reconstructOptionsSchema>;

/** Options with the defaults applied. */
export interface ReconstructSettings extends LayerStyleSettings {
  readonly layer: string;
  readonly from: 'content' | 'style';
  readonly size: number;
  readonly iterations: number;
  readonly totalVariationWeight: number;
  readonly pooling: Pooling;
  readonly noise: number;
  readonly seed: number;
  readonly optimizer: OptimizerSettings;
}

/**
 * Checks the options of a reconstruction.
 * @throws StyleError `E_ARGUMENT` that names the first option which can't be used, and what it takes
 */
export function resolveReconstructSettings(options: ReconstructOptions): ReconstructSettings {
  const parsed = reconstructOptionsSchema.safeParse(options);
  if (!parsed.success) throw optionError(parsed.error.issues[0]!, options);
  const { tvWeight, ...rest } = parsed.data;
  return {
    ...rest,
    totalVariationWeight: tvWeight,
    gram: 'hw',
    styleReduction: 'relative',
    optimizer: { name: 'bounded', history: 8 },
  };
}
