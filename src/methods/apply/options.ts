import { z } from 'zod';
import type { PictureCounts } from '../method.js';
import { checkFeather, checkSteady, feather, parseOptions, seenSide } from '../options.js';
import { pictureRanges } from './picture-range.js';

/** A range, or one that goes in and another that comes out. */
const rangePattern = new RegExp(
  `^(${pictureRanges.join('|')})(:(${pictureRanges.join('|')}))?$`.replaceAll('.', '\\.'),
);

/** How large the parts are that a network is applied to. */
export const tile = z
  .int()
  .min(64)
  .max(8192)
  .multipleOf(8)
  .describe(
    'sides of the parts that are computed one by one (default: the whole up to 4 megapixels, then 1024)',
  )
  .optional();

export const applyOptionsSchema = z.strictObject({
  style: z
    .array(z.string().min(1))
    .min(1)
    .describe("the model's style, or several with weights: wave:0.7,udnie:0.3 (default: the first)")
    .optional(),
  strength: z
    .number()
    .min(0)
    .max(1)
    .describe('how much of the paint: 0 the photograph, 1 all of it')
    .default(1),
  layerWeights: z
    .array(z.string().min(1))
    .min(1)
    .describe('of an adjustable model: what counts how much, 0 to 2 against 1: content=0.5,relu1_1=0.2')
    .optional(),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .describe('of an adjustable model: another result for each seed (default: its best known one)')
    .optional(),
  preserveColors: z
    .enum(['none', 'luminance', 'chroma'])
    .describe(
      "luminance: the photograph's colours under the paint's brightness; chroma: the same, carried over into the paint's range",
    )
    .default('none'),
  feather,
  size: seenSide.describe("the result's long side in pixels (default: the photograph's)").optional(),
  steady: z
    .boolean()
    .describe('of films: keep what the frame before became where the film only moves, against flicker')
    .default(false),
  tile,
  range: z
    .string()
    .regex(
      rangePattern,
      `one of ${pictureRanges.join(', ')}; or two with a colon between, for what goes in and what comes out`,
    )
    .describe(
      "of somebody else's model: the numbers from black to white, 0..255, 0..1, -1..1 or imagenet (default: tried out)",
    )
    .optional(),
  layout: z
    .enum(['nchw', 'nhwc'])
    .describe("of somebody else's model: whether colours come first or last (default: as its file says)")
    .optional(),
});

export type ApplyOptions = z.input<typeof applyOptionsSchema>;
export type ApplySettings = z.output<typeof applyOptionsSchema>;

/** @throws StyleError `E_ARGUMENT` that names the option which can't be used */
export function resolveApplySettings(options: ApplyOptions, given: PictureCounts = {}): ApplySettings {
  const settings = parseOptions(applyOptionsSchema, options);
  if (!given['styleMasks']) checkFeather(settings.feather, given);
  checkSteady(settings.steady, given);
  return settings;
}
