import { describe, expect, it } from 'vitest';
import { blurPlanes } from '../../src/images/gaussian-blur.js';

describe('blurPlanes', () => {
  it('spreads a point as a Gaussian does, each plane by itself', () => {
    const side = 31;
    const planes = new Float32Array(2 * side * side);
    planes[15 * side + 15] = 1;
    const blurred = blurPlanes(planes, { width: side, height: side }, 1.5);
    const bell = (x: number): number => Math.exp(-(x ** 2) / 4.5);
    const sum = Array.from({ length: 11 }, (_, i) => bell(i - 5)).reduce((total, value) => total + value, 0);
    for (const [dy, dx] of [
      [0, 0],
      [1, 0],
      [-2, 3],
      [5, 5],
    ] as const)
      expect(blurred[(15 + dy) * side + 15 + dx]).toBeCloseTo((bell(dy) * bell(dx)) / sum ** 2, 6);
    expect(blurred.subarray(side * side).every((value) => value === 0)).toBe(true);
  });

  it('keeps a constant, also at the borders of one pixel', () => {
    for (const size of [
      { width: 6, height: 4 },
      { width: 1, height: 1 },
    ]) {
      const planes = new Float32Array(3 * size.width * size.height).fill(0.3);
      for (const value of blurPlanes(planes, size, 2)) expect(value).toBeCloseTo(0.3, 6);
    }
  });

  it('of deviation 0 is a copy', () => {
    const planes = Float32Array.of(1, 2, 3, 4);
    const copy = blurPlanes(planes, { width: 2, height: 2 }, 0);
    expect(copy).toEqual(planes);
    expect(copy).not.toBe(planes);
  });
});
