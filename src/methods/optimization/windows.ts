import type { SegmentNeeds } from '../../graph/index.js';
import type { Span, Tile } from '../tiles.js';

/** A part of a picture, or of a map, that a loss is computed of: all of one have the same size, so that each graph is compiled once. */
export type Window = Tile;

/**
 * Divides a map, such as a picture, into windows whose cores cover it once.
 * @param side of the cores at most, in positions of the map
 */
export function windowsOf({ sides: [rows, columns], ...needs }: SegmentNeeds, side: number): Window[] {
  const across = spansOf(columns, side, needs);
  return spansOf(rows, side, needs).flatMap((one) => across.map((other) => ({ rows: one, columns: other })));
}

/** The sides of all windows of a map. */
export function windowSides(needs: SegmentNeeds, side: number): [rows: number, columns: number] {
  const { rows, columns } = windowsOf(needs, side)[0]!;
  return [rows.length, columns.length];
}

function spansOf(
  length: number,
  side: number,
  { radius, alignment, repeats }: Omit<SegmentNeeds, 'sides'>,
): Span[] {
  const leastFor = (core: number): number => core + 2 * radius + alignment;
  // As many cores as that side makes, all of one size: the last one would be a rest.
  const core = leastFor(side) >= length ? length : Math.ceil(length / Math.ceil(length / side));
  const least = leastFor(core);
  const last = length - alignment * Math.floor((length - least) / alignment);
  // The last window ends where the map does, and begins at a multiple of the alignment as well; of a map that repeats, none has to.
  const window = least >= length ? length : repeats ? alignment * Math.ceil(least / alignment) : last;
  const count = window === length ? 1 : Math.ceil(length / core);
  return Array.from({ length: count }, (_, index) => {
    const from = index * core;
    const to = index === count - 1 ? length : from + core;
    const before = alignment * Math.floor((from - radius) / alignment);
    const start = repeats && count > 1 ? before : Math.min(Math.max(0, before), length - window);
    return { start, length: window, from, to };
  });
}
