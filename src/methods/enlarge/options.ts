import { z } from 'zod';
import { networkKindOf, type AnyMethod } from '../method.js';
import { largestSide } from '../options.js';

/** How many times as wide and high a picture becomes. */
export const enlargingFactor = z.literal([2, 4]).describe('how many times as wide and high the result is');

export const enlargeOptionsSchema = z.strictObject({
  factor: enlargingFactor.default(4),
  tile: z
    .int()
    .min(16)
    .max(largestSide)
    .describe('sides, in pixels of the picture, of the parts that are enlarged one by one')
    .default(512),
});

/** Whether what a method makes can be enlarged afterwards: a picture that is not large already. */
export const isEnlargeable = (method: AnyMethod): boolean =>
  method.output.kind === 'picture' && networkKindOf(method) !== 'enlarging-model';

export type EnlargeOptions = z.input<typeof enlargeOptionsSchema>;
export type EnlargeSettings = z.output<typeof enlargeOptionsSchema>;
