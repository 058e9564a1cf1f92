import type { Size } from '../../images/image.js';

/** A range of an axis: what is computed, and of it what counts. */
interface Span {
  /** Where the window begins, and how long it is. */
  readonly start: number;
  readonly length: number;
  /** What counts, in pixels of the whole axis. */
  readonly from: number;
  readonly to: number;
}

/** A part of a picture that is computed by itself: a window, and inside it what counts. */
export interface Tile {
  readonly rows: Span;
  readonly columns: Span;
}

/** Windows begin at multiples of this, so that their maps have their pixels where those of the whole picture have them. */
export const alignment = 4;

/**
 * Divides a picture into tiles, whose cores cover it once. Windows reach at least as far beyond their cores as a pixel sees, or to
 * the picture's border; nearly all have one size, so that few graphs are compiled.
 * @param side of the cores, a multiple of {@link alignment}
 * @param radius how far a pixel sees
 */
export function divideIntoTiles({ width, height }: Size, side: number, radius: number): Tile[] {
  const columns = spans(width, side, radius);
  return spans(height, side, radius).flatMap((rows) => columns.map((column) => ({ rows, columns: column })));
}

function spans(length: number, side: number, radius: number): Span[] {
  const halo = Math.ceil(radius / alignment) * alignment;
  const window = side + 2 * halo;
  const last = Math.max(0, Math.floor((length - window) / alignment) * alignment);
  return Array.from({ length: Math.ceil(length / side) }, (_, index) => {
    const [from, to] = [index * side, Math.min(length, (index + 1) * side)];
    const start = Math.min(Math.max(0, from - halo), last);
    return { start, length: start === last ? length - start : window, from, to };
  });
}
