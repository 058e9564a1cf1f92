import { describe, expect, it } from 'vitest';
import { scalar } from '../../src/graph/index.js';
import { KeptPrograms } from '../../src/runtime/kept-programs.js';
import { ProgramCache } from '../../src/runtime/program-cache.js';
import { FakeProgram, FakeRuntime } from '../fake-runtime.js';

const [one, other] = [{ name: 'one' }, { name: 'other' }];

describe('programs that are kept for calls to come', () => {
  it('are handed out once, to the network that they are of', async () => {
    const kept = new KeptPrograms(5);
    const program = new FakeProgram();
    await kept.put(one, 'paint', { program, bytes: 7 });
    expect(kept.bytes).toBe(7);
    expect(kept.take(other, 'paint')).toBe(undefined);
    expect(kept.take(one, 'other key')).toBe(undefined);
    expect(kept.take(one, 'paint')).toBe(program);
    expect(kept.take(one, 'paint')).toBe(undefined);
    expect(kept.bytes).toBe(0);
    expect(program.disposals).toBe(0);
  });

  it('are not handed out once their worker is gone', async () => {
    const kept = new KeptPrograms(5);
    let isGone = false;
    const program = Object.assign(new FakeProgram(), { isLost: () => isGone });
    await kept.put(one, 'paint', { program, bytes: 7 });
    expect(kept.take(one, 'paint')).toBe(program);
    await kept.put(one, 'paint', { program, bytes: 7 });
    isGone = true;
    expect(kept.take(one, 'paint')).toBe(undefined);
    await kept.put(one, 'paint', { program, bytes: 7 });
    await kept.clear();
    expect(program.disposals).toBe(0);
  });

  it('give way in the order in which they were put there, and to those of the same key', async () => {
    const kept = new KeptPrograms(2);
    const programs = [1, 2, 3, 4].map(() => new FakeProgram());
    const disposals = (): number[] => programs.map((program) => program.disposals);
    const put = (key: string, index: number): Promise<void> =>
      kept.put(one, key, { program: programs[index]!, bytes: 10 });
    await put('a', 0);
    await put('b', 1);
    await put('a', 2);
    expect(disposals()).toEqual([1, 0, 0, 0]);
    await put('c', 3);
    expect(disposals()).toEqual([1, 1, 0, 0]);
    expect(kept.bytes).toBe(20);
    await kept.clear();
    expect(disposals()).toEqual([1, 1, 1, 1]);
    expect(kept.bytes).toBe(0);
  });
});

describe('a cache before them', () => {
  const build = () => ({ value: scalar(1) });

  it('leaves what it has kept to the next one, and frees the rest', async () => {
    const runtime = new FakeRuntime();
    const kept = new KeptPrograms(5);
    const first = new ProgramCache(runtime, { programs: kept, network: one });
    first.keep(2);
    const program = await first.acquire('paint', build);
    const inUse = await first.acquire('in use', build);
    await first.release(program);
    await first.handOver(30);
    await first.dispose();
    expect(runtime.alive).toBe(1);
    expect((inUse as FakeProgram).disposals).toBe(1);
    expect(kept.bytes).toBe(30);

    const second = new ProgramCache(runtime, { programs: kept, network: one });
    expect(await second.acquire('paint', build)).toBe(program);
    // Where it is in use, or of another network, it is compiled.
    expect(await second.acquire('paint', build)).not.toBe(program);
    const third = new ProgramCache(runtime, { programs: kept, network: other });
    expect(await third.acquire('paint', build)).not.toBe(program);
    expect(runtime.compiled).toHaveLength(4);
    // Nothing was to be kept: what is released is freed.
    await second.release(program);
    expect((program as FakeProgram).disposals).toBe(1);
  });

  it('keeps no program that has failed', async () => {
    const runtime = new FakeRuntime();
    const cache = new ProgramCache(runtime);
    cache.keep(2);
    await expect(cache.use('paint', build, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(runtime.alive).toBe(0);
    const aborted = Object.assign(new Error('enough'), { name: 'AbortError' });
    await expect(cache.use('paint', build, () => Promise.reject(aborted))).rejects.toThrow('enough');
    expect(runtime.alive).toBe(1);
  });
});
