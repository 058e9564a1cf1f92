import { describe, expect, it } from 'vitest';
import { scalar } from '../../src/graph/index.js';
import { ProgramCache } from '../../src/runtime/program-cache.js';
import { eachTile } from '../../src/methods/tile-programs.js';
import { divideIntoTiles, windowOf, type Tile } from '../../src/methods/tiles.js';
import { FakeRuntime } from '../fake-runtime.js';
import { errorOf } from './method-runs.js';

// No side is a multiple of four, so that the last windows are larger.
const tiles = divideIntoTiles({ width: 301, height: 203 }, 64, 8);
const build = () => ({ value: scalar(1) });

describe('eachTile', () => {
  it('computes every tile once, with one program in memory at a time', async () => {
    const runtime = new FakeRuntime();
    const done = new Set<Tile>();
    const sizes: string[] = [];
    const compute = (_: unknown, tile: Tile): Promise<void> => {
      expect(runtime.alive).toBe(1);
      const { width, height } = windowOf(tile);
      if (sizes.at(-1) !== `${width}x${height}`) sizes.push(`${width}x${height}`);
      done.add(tile);
      return Promise.resolve();
    };
    await eachTile(tiles, new ProgramCache(runtime), { key: 'test', build }, compute);
    expect(done.size).toBe(tiles.length);
    expect(sizes).toHaveLength(4);
    expect(new Set(sizes).size).toBe(4);
    expect([runtime.compiled.length, runtime.alive]).toEqual([4, 0]);
  });

  it('ends between two tiles, and frees its program', async () => {
    const runtime = new FakeRuntime();
    const controller = new AbortController();
    let computed = 0;
    const compute = (): Promise<void> => {
      computed += 1;
      controller.abort();
      return Promise.resolve();
    };
    const graph = { key: 'test', build };
    const run = eachTile(tiles, new ProgramCache(runtime), graph, compute, controller.signal);
    expect(await errorOf(run)).toMatchObject({ name: 'AbortError' });
    expect([computed, runtime.alive]).toEqual([1, 0]);
  });
});
