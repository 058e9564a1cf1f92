import { z } from 'zod';
import { tile } from '../apply/options.js';
import { checkFeather, feather, parseOptions, seenSide, weight } from '../options.js';
import type { PictureCounts } from '../method.js';
import { blendWeights, preserveColors } from '../stylize/options.js';

/** The network for any painting that is taken unless another one is named. */
export const defaultAnyStyleModel = 'any-style';

/** What can be set of a stylisation in one pass. */
export const fastOptionsSchema = z.strictObject({
  model: z
    .string()
    .min(1)
    .describe(
      'what paints in one pass: any-style, magenta, or the file of a network that the training of any style made',
    )
    .default(defaultAnyStyleModel),
  strength: z
    .number()
    .min(0)
    .max(1)
    .describe("whose code is painted with: 0 the photograph's, 1 the painting's")
    .default(1),
  styleBlend: z.array(weight).min(1).describe('weights of several styles, in their order').optional(),
  refine: z
    .int()
    .min(0)
    .max(100_000)
    .describe('steps of the optimisation by Gram matrices that follow, from the result of the one pass')
    .default(0),
  preserveColors,
  feather,
  size: seenSide.describe("long side of the result; without it the photograph's own").optional(),
  tile,
});

/** Options as a caller gives them. */
export type FastOptions = z.input<typeof fastOptionsSchema>;
/** Options with the defaults applied. */
export type FastSettings = z.output<typeof fastOptionsSchema>;

/**
 * Checks the options of a stylisation in one pass.
 * @param given how many pictures there are, where that is known
 * @throws StyleError `E_ARGUMENT` that names the first option which can't be used, and what it takes
 */
export function resolveFastSettings(options: FastOptions, given?: PictureCounts): FastSettings {
  const settings = parseOptions(fastOptionsSchema, options);
  if (given === undefined) return settings;
  checkFeather(settings.feather, given);
  const styles = given['styles'] ?? 0;
  if (styles > 0) blendWeights(settings.styleBlend, styles);
  return settings;
}
