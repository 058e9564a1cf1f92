import { describe, expect, it } from 'vitest';
import { coloursUnderAlpha } from '../../src/images/colours-under-alpha.js';
import { createImage } from '../../src/images/image.js';

/** A row of pixels. */
const row = (red: readonly number[], alpha: readonly number[]) =>
  createImage(
    red.length,
    1,
    Float32Array.from([...red, ...red.map(() => 0), ...red.map(() => 1)]),
    Float32Array.from(alpha),
  );

describe('coloursUnderAlpha', () => {
  it('carries visible colours under what can not be seen, as far as it is told', () => {
    const { rgb } = coloursUnderAlpha(row([0.5, 0.9, 0.9, 0.9, 0.25, 0.9], [1, 0, 0, 0, 0.5, 0]), 1);
    expect(Array.from(rgb.subarray(0, 6), (value) => Number(value.toFixed(6)))).toEqual([
      0.5, 0.5, 0.9, 0.25, 0.25, 0.25,
    ]);
    const farther = coloursUnderAlpha(row([0.5, 0.9, 0.9, 0.9, 0.25, 0.9], [1, 0, 0, 0, 0.5, 0]), 9);
    expect(farther.rgb[2]).toBeCloseTo(0.375, 6);
  });

  it('leaves pictures alone that can be seen, and those that can not be seen at all', () => {
    const opaque = createImage(1, 1, Float32Array.of(0.1, 0.2, 0.3));
    expect(coloursUnderAlpha(opaque, 5)).toBe(opaque);
    const seen = row([0.1, 0.2], [1, 0.5]);
    expect(coloursUnderAlpha(seen, 5)).toBe(seen);
    const nothing = row([0.1, 0.2], [0, 0]);
    expect(coloursUnderAlpha(nothing, 5).rgb).toEqual(nothing.rgb);
  });
});
