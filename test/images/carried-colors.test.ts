import { describe, expect, it } from 'vitest';
import { colorMoments, limitedColorMap } from '../../src/images/affine-colors.js';
import { carryColors } from '../../src/images/carried-colors.js';
import { createImage } from '../../src/images/image.js';
import { noise } from '../noise.js';

const [width, height] = [40, 30];
const pixels = width * height;
const all = Uint32Array.from({ length: pixels }, (_, i) => i);
/** A picture around the middle of the range, each channel spread as wide as its number says. */
const picture = (spreads: readonly number[], seed = 0) =>
  createImage(
    width,
    height,
    noise(3 * pixels + seed)
      .subarray(seed)
      .map((value, i) => 0.5 + spreads[Math.floor(i / pixels)]! * (value - 0.5)),
  );

describe('carried colours', () => {
  it('have the mean and the covariance of the others, where the picture has colours enough', () => {
    const colors = colorMoments(picture([0.4, 0.2, 0.3], 5).rgb, all);
    const carried = carryColors(picture([0.2, 0.2, 0.3]), colors);
    const { mean, covariance } = colorMoments(carried.rgb, all);
    mean.forEach((value, i) => expect(value).toBeCloseTo(colors.mean[i]!, 4));
    covariance.flat().forEach((value, i) => expect(value).toBeCloseTo(colors.covariance.flat()[i]!, 5));
  });

  it('make no noise of colours that the picture hardly has', () => {
    const colors = colorMoments(picture([0.5, 0.5, 0.5], 5).rgb, all);
    const before = picture([0.02, 0.3, 0.3]);
    const { rgb } = carryColors(before, colors);
    const spread = (values: Float32Array): number => Math.sqrt(colorMoments(values, all).covariance[0]![0]!);
    expect(spread(rgb) / spread(before.rgb)).toBeLessThan(3.1);
  });

  it('of a picture of one colour are the mean', () => {
    const colors = colorMoments(picture([0.4, 0.2, 0.3]).rgb, all);
    const { rgb } = carryColors(picture([0, 0, 0]), colors);
    expect(rgb.every((value, i) => Math.abs(value - colors.mean[Math.floor(i / pixels)]!) < 1e-5)).toBe(true);
  });

  it('leave transparency and what is wholly transparent as they are', () => {
    const alpha = Float32Array.from({ length: pixels }, (_, i) => (i < 100 ? 0 : 0.5));
    const before = createImage(width, height, picture([0.3, 0.3, 0.3]).rgb, alpha);
    const after = carryColors(before, colorMoments(picture([0.1, 0.5, 0.2]).rgb, all));
    expect(after.alpha).toBe(alpha);
    for (let i = 0; i < 100; i += 1) expect(after.rgb[i]).toBe(before.rgb[i]);
    const unseen = createImage(width, height, before.rgb, new Float32Array(pixels));
    expect(carryColors(unseen, colorMoments(before.rgb, all))).toBe(unseen);
  });
});

describe('a limited map of colours', () => {
  it('keeps what is below the limit, and stretches no direction by more', () => {
    const map = [
      [2, 0, 0],
      [0, 5, 0],
      [0, 0, 1],
    ];
    const limited = [2, 0, 0, 0, 3, 0, 0, 0, 1];
    limitedColorMap(map, 3)
      .flat()
      .forEach((value, i) => expect(value).toBeCloseTo(limited[i]!, 10));
  });
});
