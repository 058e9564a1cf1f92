import type { Size } from '../../images/image.js';
import type { Span, Tile } from '../tiles.js';

/** A part of a picture that a loss is computed of: all windows of a picture have one size, so that each graph is compiled once. */
export type Window = Tile;

/** What a loss asks of its windows, see `WindowedScalar`. */
export interface WindowNeeds {
  /** How far positions see, in pixels. */
  readonly radius: number;
  /** Windows begin at multiples of it. */
  readonly alignment: number;
}

/**
 * Divides a picture into windows whose cores cover it once.
 * @param side of the cores, in pixels
 */
export function windowsOf({ width, height }: Size, side: number, needs: WindowNeeds): Window[] {
  const columns = spansOf(width, side, needs);
  return spansOf(height, side, needs).flatMap((rows) => columns.map((one) => ({ rows, columns: one })));
}

/** The size of all windows of a picture. */
export function windowSize(size: Size, side: number, needs: WindowNeeds): Size {
  const { rows, columns } = windowsOf(size, side, needs)[0]!;
  return { width: columns.length, height: rows.length };
}

function spansOf(length: number, side: number, { radius, alignment }: WindowNeeds): Span[] {
  const least = side + 2 * radius + alignment;
  // The last window ends where the picture does, and begins at a multiple of the alignment as well.
  const window = least >= length ? length : length - alignment * Math.floor((length - least) / alignment);
  const count = window === length ? 1 : Math.ceil(length / side);
  return Array.from({ length: count }, (_, index) => {
    const from = index * side;
    const to = index === count - 1 ? length : from + side;
    const before = Math.floor(Math.max(0, from - radius) / alignment) * alignment;
    return { start: Math.min(before, length - window), length: window, from, to };
  });
}
