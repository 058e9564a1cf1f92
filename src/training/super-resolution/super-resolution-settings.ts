import { z } from 'zod';
import { resolveTrainingOptions, seedOption } from '../training-options.js';
import type { EnlargingNetworkOptions } from '../../networks/enlarging-network.js';

const rate = z.number().positive();

/** How a network that enlarges pictures is trained: what can be set, what it does, and the defaults. */
export const superResolutionOptionsSchema = z.strictObject({
  factor: z.literal([2, 4]).describe('how many times as wide and high the result is').default(4),
  loss: z
    .enum(['pixel', 'feature'])
    .describe("what the result's errors are measured in: pixels, or features of the network")
    .default('pixel'),
  width: z.int().min(4).max(256).describe('channels of every layer').default(48),
  layers: z.int().min(0).max(32).describe('layers between the first and the last convolution').default(8),
  blur: z
    .number()
    .min(0)
    .max(8)
    .describe('standard deviation, in pixels of the crops, of the blur before they are scaled down')
    .default(1),
  pixelWeight: z
    .number()
    .min(0)
    .max(1e6)
    .describe('with the loss in features: weight of the one in pixels beside it')
    .default(3),
  size: z.int().min(32).max(1024).multipleOf(16).describe('side of the crops in pixels').default(128),
  batch: z.int().min(1).max(256).describe('crops in a step').default(8),
  steps: z.int().min(1).describe('steps in all').default(6000),
  rate: rate.describe('learning rate at the beginning; it falls along half a cosine').default(0.001),
  clipNorm: rate.describe('longest gradient; longer ones are shortened to it').default(1),
  averageDecay: z
    .number()
    .min(0)
    .lt(1)
    .describe('decay of the moving average of the parameters, which is what is validated and written')
    .default(0.998),
  seed: seedOption.describe('seed of the first weights, the order and the crops').default(0),
});

/** What can be set; see {@link superResolutionOptionsSchema}. */
export type SuperResolutionOptions = z.input<typeof superResolutionOptionsSchema>;
/** All settings, defaults filled in. */
export type SuperResolutionSettings = z.output<typeof superResolutionOptionsSchema>;

/**
 * Fills in what was left out.
 * @throws StyleError `E_ARGUMENT` for values out of range
 * @example
 * ```ts
 * import { resolveSuperResolutionSettings } from 'pastiche/training';
 *
 * console.log(resolveSuperResolutionSettings({ loss: 'feature' }).pixelWeight); // what it is unless given
 * ```
 */
export const resolveSuperResolutionSettings = (options: SuperResolutionOptions): SuperResolutionSettings =>
  resolveTrainingOptions(superResolutionOptionsSchema, options, 'A network that enlarges pictures');

/** The design of the network that settings ask for. */
export const enlargingOptions = ({
  factor,
  width,
  layers,
}: SuperResolutionSettings): EnlargingNetworkOptions => ({
  factor,
  width,
  layers,
});
