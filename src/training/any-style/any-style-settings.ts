import { z } from 'zod';
import { styleOptionsSchema, weight } from '../style/style-settings.js';
import { resolveTrainingOptions } from '../training-options.js';

/** How a network for any painting is trained: what can be set, what it does, and the defaults. The loss is that of networks for some paintings. */
export const anyStyleOptionsSchema = styleOptionsSchema
  .omit({ form: true, width: true, adjustable: true, only: true, spikeWeight: true })
  .extend({
    blocks: z.int().min(0).max(16).describe('residual blocks at each of the two deepest layers').default(2),
    reconstructionSteps: z
      .int()
      .min(0)
      .describe('steps at the beginning that learn to lead features back to pictures, before any style')
      .default(600),
    // What holds noise down makes a network that can't paint sharp colours paint none: less of it than for some paintings.
    contentWeight: weight.describe('weight of the content loss').default(0.25),
    grainWeight: weight.describe('weight of the grain, measured against that of the painting').default(0.01),
    blotchWeight: weight
      .describe('weight of wide variations of colour where the photograph is plain, against the painting')
      .default(0.01),
    variants: z
      .int()
      .min(1)
      .max(64)
      .describe(
        'what each painting is seen as: itself, and parts of it, turned and in other sizes and colours',
      )
      .default(4),
  });

/** What can be set; see {@link anyStyleOptionsSchema}. */
export type AnyStyleOptions = z.input<typeof anyStyleOptionsSchema>;
/** All settings, defaults filled in. */
export type AnyStyleSettings = z.output<typeof anyStyleOptionsSchema>;

/**
 * Fills in what was left out.
 * @throws StyleError `E_ARGUMENT` for values out of range
 * @example
 * ```ts
 * import { resolveAnyStyleSettings } from 'pastiche/training';
 *
 * console.log(resolveAnyStyleSettings({ steps: 500 }).variants); // what it is unless given
 * ```
 */
export const resolveAnyStyleSettings = (options: AnyStyleOptions): AnyStyleSettings =>
  resolveTrainingOptions(anyStyleOptionsSchema, options, 'A network for any painting');
