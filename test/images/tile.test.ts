import { expect, it } from 'vitest';
import { createImage, type Image } from '../../src/images/image.js';
import { resizeImage } from '../../src/images/resize.js';
import { resizeTile } from '../../src/images/tile.js';

const [width, height] = [12, 9];
const image = createImage(
  width,
  height,
  Float32Array.from({ length: 3 * width * height }, (_, i) => 0.5 + 0.4 * Math.sin(i * 1.7)),
);

/** Three times three copies. */
function tiled({ width: w, height: h, rgb }: Image): Image {
  const out = Float32Array.from({ length: 27 * w * h }, (_, i) => {
    const [channel, y, x] = [Math.floor(i / (9 * w * h)), Math.floor(i / (3 * w)) % (3 * h), i % (3 * w)];
    return rgb[(channel * h + (y % h)) * w + (x % w)]!;
  });
  return createImage(3 * w, 3 * h, out);
}

it.each([
  [24, 18],
  [7, 9],
  [5, 14],
  [12, 9],
])('a tile at %dx%d is the middle one of many, resized together', (wide, high) => {
  const all = resizeImage(tiled(image), 3 * wide, 3 * high);
  const middle = Float32Array.from({ length: 3 * wide * high }, (_, i) => {
    const [channel, y, x] = [Math.floor(i / (wide * high)), Math.floor(i / wide) % high, i % wide];
    return all.rgb[(channel * 3 * high + high + y) * 3 * wide + wide + x]!;
  });
  const found = resizeTile(image, wide, high);
  expect([found.width, found.height]).toEqual([wide, high]);
  expect(Math.max(...found.rgb.map((value, i) => Math.abs(value - middle[i]!)))).toBeLessThan(1e-5);
});
