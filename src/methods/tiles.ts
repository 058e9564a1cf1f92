import { pixelsBetween } from '../graph/index.js';
import type { Image, Size } from '../images/image.js';
import { partOf, type Raster } from '../images/raster.js';

/** A range of an axis: what is computed, and of it what counts. */
export interface Span {
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
export const alignment = 8;

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

/** Which positions of a window's map along an axis are of its core: 1, others 0. */
export function countedPositions({ start, length, from, to }: Span, positions: number): Float32Array {
  const step = pixelsBetween(length, positions);
  // At the picture's end maps may go on by a position, which the whole counts as well.
  const isLast = to === start + length;
  return Float32Array.from({ length: positions }, (_, i) => {
    const place = start + i * step;
    return place >= from && (place < to || isLast) ? 1 : 0;
  });
}

/** The size of a tile's window, and its pixels. */
export const windowOf = ({ rows, columns }: Tile): Size => ({ width: columns.length, height: rows.length });
export const windowArea = ({ rows, columns }: Tile): number => rows.length * columns.length;

/** What a tile's window shows of a picture. */
export const windowIn = (picture: Raster, tile: Tile): Image =>
  partOf(picture, { ...windowOf(tile), left: tile.columns.start, top: tile.rows.start });

/** The tile with the largest window. */
export const largestTile = (tiles: readonly Tile[]): Tile =>
  tiles.reduce((one, other) => (windowArea(other) > windowArea(one) ? other : one));

/**
 * Puts what counts of a computed window where it belongs.
 * @param part three planes, of the window's size times `factor`
 * @param rgb three planes of the whole, of `size`
 * @param factor how many times as large the result is as what tiles are of
 */
export function placeCore(
  part: Float32Array,
  { rows, columns }: Tile,
  rgb: Float32Array,
  size: Size,
  factor = 1,
): void {
  const partSize = { width: factor * columns.length, height: factor * rows.length };
  const [from, to] = [factor * columns.from, factor * columns.to];
  for (let channel = 0; channel < 3; channel += 1) {
    for (let y = factor * rows.from; y < factor * rows.to; y += 1) {
      const row = channel * partSize.height + y - factor * rows.start;
      const begin = row * partSize.width + from - factor * columns.start;
      rgb.set(part.subarray(begin, begin + to - from), (channel * size.height + y) * size.width + from);
    }
  }
}
