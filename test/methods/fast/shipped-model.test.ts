import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { methodFunctions } from '../../../src/api/method-functions.js';
import { nodePlatform } from '../../../src/api/platform.node.js';
import { toyPlatform } from '../../api/toy-platform.js';
import { readImage } from '../../../src/images/codec.node.js';
import { fitLongSide, resizeImage } from '../../../src/images/resize.js';
import type { Image } from '../../../src/images/image.js';

const root = join(import.meta.dirname, '../../..');
const example = (name: string): Promise<Image> => readImage(join(root, `examples/${name}.jpg`));
const size = 160;

/** Mean and deviation of each channel. */
function colors({ rgb }: Image): number[] {
  const count = rgb.length / 3;
  return [0, 1, 2].flatMap((channel) => {
    const plane = rgb.subarray(channel * count, (channel + 1) * count);
    const mean = plane.reduce((sum, value) => sum + value, 0) / count;
    const square = plane.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
    return [mean, Math.sqrt(square)];
  });
}

it('is at most 8 MB', async () => {
  expect((await stat(join(root, 'models/any-style.onnx'))).size).toBeLessThan(8e6);
});

it.each([
  ['two-dogs', 'poppies'],
  ['nagasaki-boats', 'great-wave'],
  ['picos-de-europa', 'arcimboldo-spring'],
])('the model that ships paints %s after %s', async (photograph, painting) => {
  const [content, styles] = await Promise.all([example(photograph), example(painting)]);
  const { evaluate, stylize } = methodFunctions(toyPlatform({ loadNetwork: nodePlatform.loadNetwork }));
  const { image } = await stylize({ content, styles, fast: true, size });
  const plain = resizeImage(content, image.width, image.height);

  // The palette is closed form; clamped ends shift it a little.
  const seen = fitLongSide(styles.width, styles.height, 512);
  const wanted = colors(resizeImage(styles, seen.width, seen.height));
  colors(image).forEach((value, i) => expect(Math.abs(value - wanted[i]!)).toBeLessThan(0.04));

  const measured = async (picture: Image) => evaluate({ picture, content, style: styles });
  const [painted, before] = [await measured(image), await measured(plain)];
  expect(painted.style.relative).toBeLessThan(0.6 * before.style.relative);
  expect(painted.content.relative).toBeLessThan(0.8);
});
