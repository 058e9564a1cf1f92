import { describe, expect, it } from 'vitest';
import { smoothColors } from '../../src/images/guided-filter.js';
import { createImage } from '../../src/images/image.js';
import { luminanceOf } from '../../src/images/luminance.js';
import { createRandom } from '../../src/random.js';

const [width, height] = [9, 7];
const random = createRandom(5);
const rgb = Float32Array.from({ length: 3 * width * height }, () => 0.3 + 0.4 * random.uniform());
const alpha = Float32Array.from({ length: width * height }, () => random.uniform());
const picture = createImage(width, height, rgb, alpha);

/** The filter as its paper defines it: in every window a line is fitted, and each pixel takes the mean of its windows' lines. */
function bruteForce(radius: number, epsilon: number): Float32Array {
  const guide = luminanceOf(picture);
  const windowOf = (pixel: number): number[] =>
    [...guide.keys()].filter(
      (other) =>
        Math.abs((other % width) - (pixel % width)) <= radius &&
        Math.abs(Math.floor(other / width) - Math.floor(pixel / width)) <= radius,
    );
  const average = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  return rgb.map((_, at) => {
    const channel = Math.floor(at / guide.length) * guide.length;
    const pixel = at - channel;
    const lines = windowOf(pixel).map((centre) => {
      const window = windowOf(centre);
      const xs = window.map((i) => guide[i]!);
      const ys = window.map((i) => rgb[channel + i]! - guide[i]!);
      const [x, y] = [average(xs), average(ys)];
      const slope =
        average(xs.map((value, i) => (value - x) * (ys[i]! - y))) /
        (average(xs.map((value) => (value - x) ** 2)) + epsilon);
      return slope * guide[pixel]! + y - slope * x;
    });
    return guide[pixel]! + average(lines);
  });
}

describe('smoothColors', () => {
  it.each([
    [1, 0.001],
    [2, 0.1],
    [20, 0.01],
  ])('is the guided filter of radius %i and epsilon %d', (radius, epsilon) => {
    const expected = bruteForce(radius, epsilon);
    smoothColors(picture, radius, epsilon).rgb.forEach((value, i) =>
      expect(value).toBeCloseTo(expected[i]!, 5),
    );
  });

  it('keeps brightness and transparency', () => {
    const smooth = smoothColors(picture, 3, 0.1);
    const before = luminanceOf(picture);
    luminanceOf(smooth).forEach((value, i) => expect(value).toBeCloseTo(before[i]!, 5));
    expect(smooth.alpha).toEqual(alpha);
  });

  it('leaves no colour grain on an even brightness', () => {
    const [red, , blue] = [0.299, 0.587, 0.114];
    const grey = Float32Array.from({ length: 3 * 36 }, (_, i) => {
      const sign = (Math.floor((i % 36) / 6) + (i % 6)) % 2 === 0 ? 1 : -1;
      return 0.5 + [sign * 0.3 * blue, 0, -sign * 0.3 * red][Math.floor(i / 36)]!;
    });
    const { rgb: smooth } = smoothColors(createImage(6, 6, grey), 8, 0.1);
    smooth.forEach((value) => expect(value).toBeCloseTo(0.5, 5));
  });
});
