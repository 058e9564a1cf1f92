import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { methodFunctions } from '../../../src/api/method-functions.js';
import { toyPlatform } from '../../api/toy-platform.js';
import { readImage } from '../../../src/images/codec.node.js';
import { createImage, type Image } from '../../../src/images/image.js';
import { cutOut } from '../../../src/images/margin.js';
import { resizeImage } from '../../../src/images/resize.js';
import { smallCrops } from '../../../src/training/super-resolution/small-crops.js';

const root = join(import.meta.dirname, '../../..');

/** Decibels. */
const signalToNoise = (one: Image, other: Image): number => {
  const squares = one.rgb.reduce((sum, value, i) => sum + (value - other.rgb[i]!) ** 2, 0);
  return -10 * Math.log10(squares / one.rgb.length);
};

it.each([
  ['two-dogs', 180, 200],
  ['great-wave', 120, 150],
])('the model that ships enlarges %s better than resampling does', async (name, left, top) => {
  expect((await stat(join(root, 'models/enlarge-x4.onnx'))).size).toBeLessThan(900e3);
  const size = 160;
  const whole = await readImage(join(root, `examples/${name}.jpg`));
  const picture = cutOut(whole, { left, top, width: size, height: size });
  const small = createImage(size / 4, size / 4, smallCrops(picture.rgb, size, 4, 1));
  const { enlarge } = methodFunctions(toyPlatform());
  const { image } = await enlarge({ picture: small });
  const found = signalToNoise(image, picture);
  for (const kernel of ['bicubic', 'lanczos3'] as const)
    expect(found).toBeGreaterThan(signalToNoise(resizeImage(small, size, size, kernel), picture) + 0.25);
});
