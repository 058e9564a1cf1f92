import { z } from 'zod';
import { resolveTrainingOptions, seedOption } from '../training-options.js';

const share = z.number().min(0).max(1);
const decay = z.number().min(0).lt(1);
const rate = z.number().positive();

/**
 * How a perceptual network is distilled: what can be set, what it does, and the defaults. The
 * command line's help derives from this one list.
 */
export const perceptualOptionsSchema = z.strictObject({
  widths: z
    .array(z.int().min(8).multipleOf(8))
    .length(5)
    .describe("channels of the five blocks, multiples of eight (default: the teacher's own)")
    .optional(),
  padding: z.enum(['zero', 'reflect']).describe('what convolutions see outside the border').default('zero'),
  size: z.int().min(32).max(2048).multipleOf(16).describe('side of the crops in pixels').default(64),
  batch: z.int().min(1).max(4096).describe('crops in a step').default(32),
  steps: z.int().min(1).describe('steps in all').default(1500),
  layerwiseShare: share
    .describe('share of the steps in which each layer is taught by itself, before the network as a whole')
    .default(0.8),
  statisticsBatches: z
    .int()
    .min(1)
    .describe("batches that the statistics of the teacher's features are taken from")
    .default(60),
  layerwiseRate: rate
    .describe('learning rate while layers are taught by themselves; 1 is a Newton step of a linear layer')
    .default(0.6),
  networkRate: rate.describe('learning rate while the network is taught as a whole').default(0.01),
  momentum: decay.describe("share of the last step's direction that is kept").default(0.5),
  clipNorm: rate.describe('longest gradient; longer ones are shortened to it').default(3),
  damping: rate
    .describe(
      "added to the second moments of a layer's inputs before they are whitened, as a share of their mean",
    )
    .default(0.0001),
  averageDecay: decay.describe('decay of the moving average of weights').default(0.98),
  seed: seedOption.describe('seed of the first weights, the order and the crops').default(0),
});

/** What can be set; see {@link perceptualOptionsSchema}. */
export type PerceptualOptions = z.input<typeof perceptualOptionsSchema>;
/** All settings, defaults filled in. */
export type PerceptualSettings = z.output<typeof perceptualOptionsSchema>;

/**
 * Fills in what was left out.
 * @throws StyleError `E_ARGUMENT` for values out of range
 * @example
 * ```ts
 * import { resolvePerceptualSettings } from 'pastiche/training';
 *
 * console.log(resolvePerceptualSettings({ steps: 500 }).batch); // what it is unless given
 * ```
 */
export const resolvePerceptualSettings = (options: PerceptualOptions): PerceptualSettings =>
  resolveTrainingOptions(perceptualOptionsSchema, options, 'A perceptual network');

/** Steps in which each layer is taught by itself; the rest teach the network as a whole. */
export const layerwiseSteps = ({ layerwiseShare, steps }: PerceptualSettings): number =>
  Math.round(layerwiseShare * steps);
