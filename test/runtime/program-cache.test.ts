import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scalar } from '../../src/graph/index.js';
import { ProgramCache } from '../../src/runtime/program-cache.js';
import type { Program } from '../../src/runtime/runtime.js';
import { FakeRuntime } from '../fake-runtime.js';
import { errorOf } from '../methods/method-runs.js';

const build = () => ({ value: scalar(1) });
const setUp = (kept?: number) => {
  const runtime = new FakeRuntime();
  const cache = new ProgramCache(runtime);
  if (kept !== undefined) cache.keep(kept);
  return { runtime, cache, get: (key: string) => cache.acquire(key, build) };
};

describe('compiled graphs', () => {
  it('are freed when they are released, unless some are to be kept', async () => {
    const { runtime, cache, get } = setUp();
    const program = await get('loss');
    expect(runtime.alive).toBe(1);
    await cache.release(program);
    expect(runtime.alive).toBe(0);
    await get('loss');
    expect(runtime.compiled).toHaveLength(2);
  });

  it('that are kept are the same at the next use, and built only once', async () => {
    const { runtime, cache, get } = setUp(1);
    const first = await get('loss');
    await cache.release(first);
    const neverBuilt = () => {
      throw new Error('built again');
    };
    expect(await cache.acquire('loss', neverBuilt)).toBe(first);
    expect(runtime.compiled).toHaveLength(1);
  });

  it('are given to one at a time: who asks for one in use gets another, and one of the two is kept', async () => {
    const { runtime, cache, get } = setUp(5);
    const [first, second] = [await get('loss'), await get('loss')];
    expect(second).not.toBe(first);
    await cache.release(first);
    await cache.release(second);
    expect(runtime.alive).toBe(1);
    expect(await get('loss')).toBe(first);
  });

  it('give way in the order in which they were last released', async () => {
    const { runtime, cache, get } = setUp(2);
    const [a, b, c] = [await get('a'), await get('b'), await get('c')];
    const disposals = () => runtime.compiled.map(({ program }) => program.disposals);
    for (const program of [b, a]) await cache.release(program);
    expect(disposals()).toEqual([0, 0, 0]);
    await cache.release(c);
    expect(disposals()).toEqual([0, 1, 0]);
    // What is used again counts as new.
    await cache.release(await get('a'));
    await cache.release(await get('d'));
    expect(disposals()).toEqual([0, 1, 1, 0]);
  });

  it('are released after one use, also one that fails', async () => {
    const { runtime, cache } = setUp();
    expect(await cache.use('loss', build, () => Promise.resolve(7))).toBe(7);
    expect(runtime.alive).toBe(0);
    const failed = cache.use('loss', build, () => Promise.reject(new Error('no')));
    expect(await errorOf(failed)).toMatchObject({ message: 'no' });
    expect(runtime.alive).toBe(0);
  });

  it('that are none, or were released before, are released without effect', async () => {
    const { runtime, cache, get } = setUp(1);
    await cache.release(undefined);
    const program = await get('loss');
    await cache.release(program);
    await cache.release(program);
    expect(runtime.alive).toBe(1);
    await cache.dispose();
    await cache.release(program);
    expect(runtime.compiled.map(({ program: { disposals } }) => disposals)).toEqual([1]);
  });

  it('are all freed in the end, those in use among them, once each', async () => {
    const { runtime, cache, get } = setUp(2);
    await get('a');
    await cache.release(await get('b'));
    await cache.dispose();
    await cache.dispose();
    expect(runtime.compiled.map(({ program }) => program.disposals)).toEqual([1, 1]);
    // It can be used again.
    await get('b');
    expect(runtime.alive).toBe(1);
  });

  it('are never more than those in use and those to be kept, whatever is asked for', async () => {
    const action = fc.oneof(
      fc.record({ kind: fc.constant('acquire' as const), key: fc.constantFrom('a', 'b', 'c', 'd') }),
      fc.record({ kind: fc.constant('release' as const), at: fc.nat(20) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(3), fc.array(action, { maxLength: 40 }), async (kept, actions) => {
        const { runtime, cache, get } = setUp(kept);
        const inUse: Program[] = [];
        for (const one of actions) {
          if (one.kind === 'acquire') {
            const program = await get(one.key);
            expect(inUse).not.toContain(program);
            inUse.push(program);
          } else if (inUse.length > 0) {
            await cache.release(inUse.splice(one.at % inUse.length, 1)[0]);
          }
          const used = new Set(inUse);
          const disposed = runtime.compiled.filter(({ program }) => program.disposals > 0);
          expect(disposed.some(({ program }) => used.has(program))).toBe(false);
          expect(runtime.alive - inUse.length).toBeLessThanOrEqual(kept);
        }
        await cache.dispose();
        expect(runtime.compiled.every(({ program }) => program.disposals === 1)).toBe(true);
      }),
    );
  });
});
