import { throwIfAborted } from '../abort.js';
import type { NamedTensors } from '../graph/index.js';
import type { Size } from '../images/image.js';
import type { Program } from '../runtime/runtime.js';
import type { ProgramCache } from './program-cache.js';
import { windowOf, type Tile } from './tiles.js';

/** A graph for windows of any size. */
export interface WindowGraph {
  /** Names it among the graphs of a cache. */
  readonly key: string;
  readonly build: (window: Size) => NamedTensors;
}

/**
 * Computes tile by tile with one program for each size of window.
 * @throws AbortError between tiles when the signal ends it
 */
export async function eachTile(
  tiles: readonly Tile[],
  programs: ProgramCache,
  { key, build }: WindowGraph,
  compute: (program: Program, tile: Tile) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const compiled = new Map<string, Program>();
  try {
    for (const tile of tiles) {
      throwIfAborted(signal);
      const window = windowOf(tile);
      const name = `${key} ${window.width}x${window.height}`;
      const program = compiled.get(name) ?? (await programs.acquire(name, () => build(window)));
      compiled.set(name, program);
      await compute(program, tile);
    }
  } finally {
    for (const program of compiled.values()) await programs.release(program);
  }
}
