import { z } from 'zod';
import { createImage, type Image } from '../../images/image.js';
import { clampUnit } from '../../images/resize.js';
import { createRandom } from '../../random.js';
import { seed } from '../options.js';

/** What can be set of the noise that an optimisation starts from, as parts of a method's options. */
export const noiseOptions = {
  noise: z
    .number()
    .min(0)
    .max(10)
    .describe('standard deviation of the noise that it begins with, around mid-grey')
    .default(0.25),
  seed,
};

/** Grey of medium lightness: half of the range. */
const middle = 0.5;

/**
 * White noise around mid-grey, cut to 0..1.
 * @param deviation standard deviation of every value, in 0..1
 * @param seed a whole number; the same seed gives the same noise
 * @throws StyleError `E_IMAGE_SIZE` when a side is not a positive whole number
 */
export function noisePicture(width: number, height: number, deviation: number, seed: number): Image {
  const random = createRandom(seed);
  const rgb = Float32Array.from({ length: 3 * width * height }, () => middle + deviation * random.normal());
  return createImage(width, height, clampUnit(rgb));
}
