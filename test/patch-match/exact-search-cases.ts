import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BestMatches } from '../../src/patch-match/best-matches.js';
import { comparisonOf, type Comparison, type SearchControl } from '../../src/patch-match/comparison.js';
import type { FeatureMaps } from '../../src/patch-match/feature-maps.js';
import { bruteForceMatch } from './brute-force.js';
import { filled, mapOf, randomMaps } from './maps.js';

/** An exact search. @param small whether it is to work in parts of a few positions, where it can */
export type ExactSearch = (
  comparison: Comparison,
  control: SearchControl,
  small: boolean,
) => Promise<BestMatches>;

/** What holds of every exact search. */
export function describeExactSearch(find: ExactSearch): void {
  async function expectAsBruteForce(
    a: FeatureMaps,
    b: FeatureMaps,
    { patch = 3, stride = 1, tie = 1e-12, small = false } = {},
    control: SearchControl = {},
  ): Promise<void> {
    const { matches, scores } = await find(
      comparisonOf(mapOf(a), mapOf(b), { patch, stride }),
      control,
      small,
    );
    bruteForceMatch(a, b, patch, stride, { tie }).forEach(({ row, column, score }, i) => {
      expect([Math.floor(matches[i]! / b.shape[3]), matches[i]! % b.shape[3]]).toEqual([row, column]);
      expect(scores[i]).toBeCloseTo(score, 5);
    });
  }

  it('finds what loops find, for any sizes, patches and strides, in whole maps and in tiles', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.integer({ min: 0, max: 1e6 }),
          channels: fc.integer({ min: 2, max: 4 }),
          sides: fc.tuple(...new Array(4).fill(fc.integer({ min: 1, max: 9 }))),
          patch: fc.constantFrom(1, 3, 5, 7),
          stride: fc.integer({ min: 1, max: 4 }),
          small: fc.boolean(),
        }),
        async ({ seed, channels, sides, patch, stride, small }) => {
          const [h1, w1, h2, w2] = sides as [number, number, number, number];
          const a = randomMaps([1, channels, h1, w1], seed);
          const b = randomMaps([1, channels, h2, w2], seed + 1);
          await expectAsBruteForce(a, b, { patch, stride, small });
        },
      ),
      { numRuns: 40, seed: 3 },
    );
  });

  it('finds matches in wide maps and in high ones, more in a row than are refined at once', async () => {
    await expectAsBruteForce(randomMaps([1, 3, 5, 41], 1), randomMaps([1, 3, 2, 50], 2));
    await expectAsBruteForce(randomMaps([1, 3, 41, 4], 3), randomMaps([1, 3, 50, 3], 4));
  });

  it('takes the first of equal patches, by rows', async () => {
    await expectAsBruteForce(filled([1, 3, 6, 6], 0.3), filled([1, 3, 9, 12], 0.7), { tie: 1e-6 });
    const pattern = randomMaps([1, 4, 3, 5], 3);
    const repeated = (height: number, width: number): FeatureMaps => ({
      shape: [1, 4, height, width],
      values: Float32Array.from({ length: 4 * height * width }, (_, i) => {
        const [channel, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
        return pattern.values[(channel * 3 + (y % 3)) * 5 + (x % 5)]!;
      }),
    });
    await expectAsBruteForce(repeated(7, 11), repeated(10, 20), { tie: 1e-6 });
    await expectAsBruteForce(repeated(7, 11), repeated(10, 20), { tie: 1e-6, small: true });
  });

  it('finds the best of scores that are all below 0, and gives zeros the score 0 and the first place', async () => {
    const positive = (seed: number, sign: number): FeatureMaps => {
      const maps = randomMaps([1, 3, 5, 7], seed);
      return { ...maps, values: maps.values.map((value) => sign * (Math.abs(value) + 0.1)) };
    };
    await expectAsBruteForce(positive(1, 1), positive(2, -1));
    await expectAsBruteForce(filled([1, 3, 5, 5], 0), positive(3, 1));
    await expectAsBruteForce(positive(3, 1), filled([1, 3, 5, 5], 0));
  });

  it.each([1e-12, 1e-5, 1e15])('keeps its precision for values of about %f', async (scale) => {
    await expectAsBruteForce(randomMaps([1, 3, 5, 5], 6, scale), randomMaps([1, 3, 5, 5], 7));
  });

  it('keeps its precision where a border has hardly any of a patch', async () => {
    const uneven = (seed: number): FeatureMaps => {
      const maps = randomMaps([1, 3, 6, 6], seed);
      return {
        ...maps,
        values: maps.values.map((value, i) => (i % 6 === 1 || i % 6 === 4 ? 1e4 * value : value)),
      };
    };
    await expectAsBruteForce(uneven(8), uneven(9));
  });

  it('tells how far it is and ends when asked to', async () => {
    const maps = randomMaps([1, 2, 6, 9], 9);
    const parts: number[] = [];
    await expectAsBruteForce(maps, maps, { small: true }, { onProgress: (done) => parts.push(done) });
    expect(parts).toEqual([...parts].sort((a, b) => a - b));
    expect(parts.at(-1)).toBe(1);
    const cause = new Error('enough');
    const stopped = expectAsBruteForce(maps, maps, {}, { signal: AbortSignal.abort(cause) });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError', cause });
  });
}
