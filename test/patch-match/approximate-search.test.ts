import { afterAll, describe, expect, it } from 'vitest';
import { PatchMatcher } from '../../src/patch-match/patch-matcher.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { randomMaps } from './maps.js';

const runtime = createNativeRuntime({ threads: 1 });
const matcher = new PatchMatcher(runtime);
afterAll(() => runtime.dispose());

describe('an approximate search', () => {
  it('finds nearly every patch of a map in the map itself', async () => {
    const maps = randomMaps([1, 3, 50, 41], 1);
    const { correspondence } = await matcher.match(maps, maps, { search: 'approximate' });
    const found = Array.from({ length: 50 * 41 }, (_, i) => i).filter(
      (i) => correspondence[2 * i] === Math.floor(i / 41) && correspondence[2 * i + 1] === i % 41,
    );
    expect(found.length).toBeGreaterThan(0.95 * 50 * 41);
  });

  it('scores no match above the exact one, and the same matches the same', async () => {
    const [a, b] = [randomMaps([1, 3, 40, 37], 2), randomMaps([1, 3, 37, 45], 3)];
    const exact = await matcher.match(a, b, { patch: 3 });
    const near = await matcher.match(a, b, { patch: 3, search: 'approximate' });
    let same = 0;
    near.scores.forEach((score, i) => {
      expect(score).toBeLessThan(exact.scores[i]! + 1e-5);
      const agree = [0, 1].every((k) => near.correspondence[2 * i + k] === exact.correspondence[2 * i + k]);
      if (agree) expect(score).toBeCloseTo(exact.scores[i]!, 5);
      same += agree ? 1 : 0;
    });
    expect(same).toBeGreaterThan(0);
  });

  it('finds the same by the same seed', async () => {
    const [a, b] = [randomMaps([1, 2, 40, 40], 4), randomMaps([1, 2, 40, 40], 5)];
    const by = (seed: number) => matcher.match(a, b, { search: 'approximate', seed });
    const first = await by(1);
    expect(await by(1)).toEqual(first);
    expect((await by(2)).correspondence).not.toEqual(first.correspondence);
  });

  it('tells how far it is and ends when asked to, at every level', async () => {
    const [a, b] = [randomMaps([1, 2, 80, 70], 7), randomMaps([1, 2, 70, 80], 8)];
    const parts: number[] = [];
    await matcher.match(a, b, { search: 'approximate', onProgress: (done) => parts.push(done) });
    expect(parts).toEqual([...parts].sort((one, other) => one - other));
    expect(parts.at(-1)).toBe(1);
    for (const level of [0, 1, parts.length - 2]) {
      const cause = new Error('enough');
      const controller = new AbortController();
      let told = 0;
      const ended = matcher.match(a, b, {
        search: 'approximate',
        signal: controller.signal,
        onProgress: () => {
          if (told === level) controller.abort(cause);
          told += 1;
        },
      });
      await expect(ended).rejects.toMatchObject({ name: 'AbortError', cause });
      expect(told).toBe(level + 1);
    }
  });

  it('ends while it compares all pairs of its coarsest level', async () => {
    // Maps that are too low for a coarser level.
    const maps = randomMaps([1, 2, 4, 200], 9);
    const cause = new Error('enough');
    const ended = matcher.match(maps, maps, { search: 'approximate', signal: AbortSignal.abort(cause) });
    await expect(ended).rejects.toMatchObject({ name: 'AbortError', cause });
  });

  it('is asked for by its name', async () => {
    const maps = randomMaps([1, 2, 4, 4], 6);
    await expect(matcher.match(maps, maps, { search: 'fast' as 'exact' })).rejects.toMatchObject({
      code: 'E_ARGUMENT',
    });
  });
});
