import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blendWeights } from '../../../src/methods/stylize/options.js';
import { blendStatistics, type StyleStatistics } from '../../../src/methods/stylize/style-statistics.js';
import { RankTarget } from '../../../src/ranks/rank-matching.js';

/** Statistics of one Gram matrix and one distribution of one channel. */
const statistics = (gram: readonly number[], values: readonly number[]): StyleStatistics => ({
  grams: { 'style.relu1_1': Float32Array.from(gram) },
  distributions: new Map([['histogram.relu1_1', RankTarget.of(Float32Array.from(values), 1)]]),
});

describe('several paintings', () => {
  it('are one whose squared distance is the blend of theirs, but for a constant', () => {
    const entry = fc.float({ min: -2, max: 2, noNaN: true });
    const matrix = fc.array(entry, { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(
        matrix,
        matrix,
        matrix,
        matrix,
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (a, b, x, y, part) => {
          const blend = blendWeights([part, 1], 2);
          const { grams } = blendStatistics([statistics(a, [0]), statistics(b, [0])], blend);
          const distance = (p: ArrayLike<number>, q: ArrayLike<number>): number =>
            Array.from(p).reduce((sum, value, i) => sum + (value - q[i]!) ** 2, 0);
          const blended = (at: number[]): number => blend[0]! * distance(at, a) + blend[1]! * distance(at, b);
          const own = (at: number[]): number => distance(at, grams['style.relu1_1']!);
          expect(blended(x) - blended(y)).toBeCloseTo(own(x) - own(y), 4);
        },
      ),
    );
  });

  it('have the mean of their distributions at each rank', () => {
    const { distributions } = blendStatistics(
      [statistics([1], [0, 4, 8]), statistics([1], [30, 10, 20])],
      [0.5, 0.5],
    );
    const matched = distributions.get('histogram.relu1_1')!.match(Float32Array.of(7, -3, 9));
    expect([...matched]).toEqual([12, 5, 19]);
  });

  it('that do not have a statistic leave it to the others, in their proportions', () => {
    const region = { 'style.relu1_1.1': Float32Array.of(8) };
    const [own, other, third] = [
      { ...statistics([0], [0]), grams: {} },
      { ...statistics([0], [0]), grams: region },
      { ...statistics([0], [0]), grams: { 'style.relu1_1.1': Float32Array.of(2) } },
    ];
    const { grams } = blendStatistics([own, other, third], [0.6, 0.1, 0.3]);
    expect(grams['style.relu1_1.1']![0]).toBeCloseTo((0.1 * 8 + 0.3 * 2) / 0.4, 5);
    // One without weight is not looked at, though it alone had it.
    expect(blendStatistics([own, other], [1, 0]).grams).toEqual({});
  });
});
