import { throwIfAborted } from '../abort.js';
import type { NamedTensors } from '../graph/index.js';
import type { Size } from '../images/image.js';
import type { Program } from '../runtime/runtime.js';
import type { ProgramCache } from '../runtime/program-cache.js';
import { windowOf, type Tile } from './tiles.js';

/** A graph for windows of any size. */
export interface WindowGraph {
  /** Names it among the graphs of a cache. */
  readonly key: string;
  readonly build: (window: Size) => NamedTensors;
}

/**
 * Computes tile by tile with one program for each size of window: those of one size, then those of the next, so that no more than one
 * program is in memory.
 * @throws AbortError between tiles when the signal ends it
 */
export async function eachTile(
  tiles: readonly Tile[],
  programs: ProgramCache,
  { key, build }: WindowGraph,
  compute: (program: Program, tile: Tile) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  for (const [name, group] of bySize(tiles)) {
    throwIfAborted(signal);
    const graph = (): NamedTensors => build(windowOf(group[0]!));
    await programs.use(`${key} ${name}`, graph, async (program) => {
      for (const tile of group) {
        throwIfAborted(signal);
        await compute(program, tile);
      }
    });
  }
}

/** Tiles by the size of their windows. */
function bySize(tiles: readonly Tile[]): Map<string, Tile[]> {
  const groups = new Map<string, Tile[]>();
  for (const tile of tiles) {
    const { width, height } = windowOf(tile);
    const size = `${width}x${height}`;
    const group = groups.get(size);
    if (group === undefined) groups.set(size, [tile]);
    else group.push(tile);
  }
  return groups;
}
