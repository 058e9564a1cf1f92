import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../src/random.js';

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);
const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

/** Correlation of two rows of numbers. */
function correlation(one: readonly number[], two: readonly number[]): number {
  const [a, b] = [one, two].map((row) => row.map((value) => value - mean(row))) as [number[], number[]];
  const product = (x: readonly number[], y: readonly number[]): number =>
    mean(x.map((value, i) => value * y[i]!));
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

describe('random numbers', () => {
  it('are the same for the same words, and others for others', () => {
    const first = (...words: [number, ...number[]]): number => createRandom(...words).uniform();
    fc.assert(
      fc.property(word, fc.array(word, { maxLength: 3 }), (seed, others) => {
        expect(first(seed, ...others)).toBe(first(seed, ...others));
        expect(first(seed, ...others, 0)).not.toBe(first(seed, ...others));
      }),
    );
    expect(new Set(range(10000).map((seed) => first(seed))).size).toBe(10000);
  });

  it.each([
    ['neighbouring seeds', (i: number) => createRandom(i)],
    ['neighbouring words after a seed', (i: number) => createRandom(5, i)],
    ['seeds that differ in their highest bits', (i: number) => createRandom(i * 2 ** 20)],
  ])('of %s have nothing in common, from the first draw on', (_, random) => {
    const draws = range(2000).map((i) => {
      const own = random(i);
      return range(4).map(() => own.uniform());
    });
    for (const place of range(4)) {
      const column = draws.map((row) => row[place]!);
      expect(mean(column)).toBeCloseTo(0.5, 1);
      // Four standard deviations of what chance gives.
      for (const shift of [1, 2, 16]) {
        expect(Math.abs(correlation(column.slice(shift), column.slice(0, -shift)))).toBeLessThan(0.09);
      }
    }
  });

  it('are normal when they are asked for', () => {
    const random = createRandom(1);
    const values = range(20000).map(() => random.normal());
    const moment = (power: number): number => mean(values.map((value) => value ** power));
    expect(Math.abs(moment(1))).toBeLessThan(4 / Math.sqrt(20000));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / 20000));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / 20000));
  });
});
