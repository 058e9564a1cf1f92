import { afterAll, describe, expect, it, vi } from 'vitest';
import { PatchMatcher } from '../../src/patch-match/patch-matcher.js';
import { PatchScores } from '../../src/patch-match/patch-scores.js';
import { searchDemand } from '../../src/patch-match/search-demand.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { thrownBy } from '../methods/method-runs.js';
import { randomMaps } from './maps.js';

const runtime = createNativeRuntime({ threads: 1 });
const matcher = new PatchMatcher(runtime);
afterAll(() => runtime.dispose());

describe('what a search takes', () => {
  it('is a product of every pair of positions for an exact one', () => {
    let operations = 0;
    for (let position = 0; position < 7 * 5; position += 1) {
      for (let match = 0; match < 4 * 6; match += 1) operations += 2 * 3;
    }
    const { operations: counted } = searchDemand([1, 3, 7, 5], [1, 3, 4, 6], { search: 'exact' });
    expect(counted).toBe(operations);
  });

  it('is about the products of patches that an approximate one makes', async () => {
    const [a, b] = [randomMaps([1, 2, 60, 50], 1), randomMaps([1, 2, 55, 64], 2)];
    const score = vi.spyOn(PatchScores.prototype, 'score');
    await matcher.match(a, b, { patch: 3, search: 'approximate' });
    const made = score.mock.calls.length;
    score.mockRestore();
    const { operations } = searchDemand(a.shape, b.shape, { patch: 3, search: 'approximate' });
    // The level at half the size compares all pairs.
    const { operations: coarsest } = searchDemand([1, 2, 30, 25], [1, 2, 27, 32], {});
    const planned = (operations - coarsest) / (2 * 2 * 3 ** 2);
    // Those beyond a border, and a position's own match again, are not tried.
    expect(made).toBeLessThanOrEqual(planned);
    expect(made).toBeGreaterThan(0.8 * planned);
  });

  it('grows with the pairs for an exact search, with the positions for an approximate one', () => {
    const of = (side: number, search: 'exact' | 'approximate') =>
      searchDemand([1, 64, side, side], [1, 64, side, side], { search });
    expect(of(256, 'exact').operations / of(128, 'exact').operations).toBeCloseTo(16, 6);
    const [half, whole] = [of(128, 'approximate'), of(256, 'approximate')];
    expect(whole.operations / half.operations).toBeLessThan(4);
    expect(whole.bytes / half.bytes).toBeGreaterThan(3.5);
    expect(whole.bytes / half.bytes).toBeLessThan(4.5);
    for (const search of ['exact', 'approximate'] as const) {
      // The two maps and the values at the matches are there in any case.
      expect(of(256, search).bytes).toBeGreaterThan(3 * 4 * 64 * 256 ** 2);
    }
  });

  it('is that of the exact search where maps are small', () => {
    const shapes = [
      [1, 4, 20, 20],
      [1, 4, 30, 30],
    ] as const;
    const of = (search: 'exact' | 'approximate') => searchDemand(...shapes, { search });
    expect(of('approximate')).toEqual(of('exact'));
  });

  it('is not told of patches without a centre', () => {
    expect(thrownBy(() => searchDemand([1, 1, 4, 4], [1, 1, 4, 4], { patch: 2 }))).toMatchObject({
      code: 'E_ARGUMENT',
    });
  });
});
