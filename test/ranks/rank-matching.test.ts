import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchRanks, RankTarget } from '../../src/ranks/rank-matching.js';
import { readGolden, relativeDistance } from '../golden-values.js';

const finite = fc.float({ noNaN: true, noDefaultInfinity: true });
/** Numbers with many that are equal, and zeros of both signs. */
const tied = fc.constantFrom(0, -0, 0, 1, -1, 0.5, 2 ** -140, -(2 ** -140), 3.4e38, -3.4e38);
const row = (value: fc.Arbitrary<number>, minLength = 1): fc.Arbitrary<Float32Array> =>
  fc.array(value, { minLength, maxLength: 40 }).map((values) => Float32Array.from(values));

/** Places in rising order of value, equal ones in their own order. */
const placesInOrder = (values: Float32Array): number[] =>
  Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b);
const sorted = (values: Float32Array): number[] =>
  Array.from(placesInOrder(values), (place) => values[place]!);

describe('rank matching', () => {
  it('gives the values of the independent implementation', async () => {
    const golden = await readGolden('histogram.safetensors');
    const matched = matchRanks(golden('input').values, golden('target').values, 4);
    expect(relativeDistance(matched, golden('matched').values)).toBeLessThan(1e-7);
  });

  it('hands out the target’s own values by rank where there are as many', () => {
    const pairs = fc.tuple(row(fc.oneof(tied, finite)), row(finite, 40));
    fc.assert(
      fc.property(pairs, ([values, spare]) => {
        const target = spare.subarray(0, values.length);
        const expected = new Float32Array(values.length);
        placesInOrder(values).forEach((place, rank) => (expected[place] = sorted(target)[rank]!));
        expect(matchRanks(values, target, 1)).toEqual(expected);
      }),
    );
  });

  it('interpolates by rank where there are more or fewer', () => {
    fc.assert(
      fc.property(row(tied), row(fc.integer({ min: -9, max: 9 })), (values, target) => {
        const found = matchRanks(values, target, 1);
        const levels = sorted(target);
        placesInOrder(values).forEach((place, rank) => {
          const at = Math.min(
            Math.max(((rank + 0.5) * levels.length) / values.length - 0.5, 0),
            levels.length - 1,
          );
          const [low, high] = [levels[Math.floor(at)]!, levels[Math.ceil(at)]!];
          expect(found[place]).toBeCloseTo(low + (high - low) * (at - Math.floor(at)), 4);
        });
      }),
    );
  });

  it('keeps equal values equal where it is asked to, and the mean all the same', () => {
    const levels = row(fc.integer({ min: -2, max: 2 }));
    fc.assert(
      fc.property(levels, row(fc.float({ min: -1, max: 1, noNaN: true }), 40), (values, spare) => {
        const target = spare.subarray(0, values.length);
        const found = matchRanks(values, target, 1, 'mean');
        for (let i = 0; i < values.length; i += 1) {
          for (let j = 0; j < values.length; j += 1) {
            if (values[i] === values[j]) expect(found[i]).toBe(found[j]);
            if (values[i]! < values[j]!) expect(found[i]).toBeLessThanOrEqual(found[j]!);
          }
        }
        const total = (list: Float32Array): number => list.reduce((sum, value) => sum + value, 0);
        expect(total(found)).toBeCloseTo(total(target), 4);
      }),
    );
  });

  it('sorts rows longer than any before, and rows of values that share most of their bits', () => {
    for (const count of [5000, 70_001, 3]) {
      const values = Float32Array.from({ length: count }, (_, i) => 1 + ((i * 7919) % 1000) * 2 ** -23);
      const ranks = Float32Array.from({ length: count }, (_, i) => i);
      const expected = new Float32Array(count);
      placesInOrder(values).forEach((place, rank) => (expected[place] = rank));
      expect(matchRanks(values, ranks, 1)).toEqual(expected);
    }
  });

  it('treats one value, one target and a constant map by the same rule', () => {
    const of = (...values: number[]): Float32Array => Float32Array.from(values);
    expect(matchRanks(of(7), of(3, 1, 2), 1)).toEqual(of(2));
    expect(matchRanks(of(5, 4, 6), of(9), 1)).toEqual(of(9, 9, 9));
    expect(matchRanks(of(4, 4, 4), of(3, 1, 2), 1)).toEqual(of(1, 2, 3));
    expect(matchRanks(of(4, 4, 4), of(3, 1, 2), 1, 'mean')).toEqual(of(2, 2, 2));
    expect(matchRanks(of(0, -0, 0, -0), of(1, 2, 3, 4), 1)).toEqual(of(1, 2, 3, 4));
  });

  it('touches no other position than those asked for, in place as well', () => {
    const values = Float32Array.from([9, 5, 7, 1, 0, 3, 2, 4]);
    const target = RankTarget.of(Float32Array.from([10, 20, 30, 40, 50, 60]), 2, Uint32Array.of(0, 2));
    const positions = Uint32Array.of(1, 3);
    const expected = Float32Array.from([9, 30, 7, 10, 0, 40, 2, 60]);
    expect(target.match(values, { positions })).toEqual(expected);
    expect(values[1]).toBe(5);
    expect(target.match(values, { positions, result: values })).toBe(values);
    expect(values).toEqual(expected);
  });

  it('blends distributions by their values at each rank', () => {
    const low = RankTarget.of(Float32Array.from([0, 1, 2]), 1);
    const high = RankTarget.of(Float32Array.from([10, 14, 12]), 1);
    const values = Float32Array.from([3, 1, 2]);
    expect(RankTarget.blend([low, high], [3, 1]).match(values)).toEqual(Float32Array.from([5, 2.5, 3.75]));
    expect(RankTarget.blend([low, high], [0, 2]).match(values)).toEqual(Float32Array.from([14, 10, 12]));
    const nested = RankTarget.blend([RankTarget.blend([low, high], [1, 1]), low], [1, 1]);
    expect(nested.match(values)).toEqual(RankTarget.blend([low, high], [3, 1]).match(values));
  });

  it('refuses what has no rank, and shapes that don’t fit', () => {
    const target = RankTarget.of(new Float32Array(4), 2);
    const code = (expected: string): unknown => expect.objectContaining({ code: expected });
    for (const bad of [NaN, Infinity, -Infinity]) {
      const values = Float32Array.from([0, 1, bad, 2]);
      expect(() => target.match(values)).toThrow(code('E_NUMERIC'));
      expect(() => RankTarget.of(values, 2)).toThrow(code('E_NUMERIC'));
    }
    expect(() => target.match(new Float32Array(5))).toThrow(code('E_SHAPE'));
    expect(() => target.match(new Float32Array(4), { result: new Float32Array(3) })).toThrow(code('E_SHAPE'));
    expect(() => RankTarget.of(new Float32Array(0), 1)).toThrow(code('E_SHAPE'));
    expect(() => RankTarget.of(new Float32Array(4), 1, new Uint32Array(0))).toThrow(code('E_SHAPE'));
    const other = RankTarget.of(new Float32Array(3), 3);
    expect(() => RankTarget.blend([target, other], [1, 1])).toThrow(code('E_SHAPE'));
    for (const weights of [[1], [0, 0], [2, -1]]) {
      expect(() => RankTarget.blend([target, target], weights)).toThrow(code('E_ARGUMENT'));
    }
  });
});
