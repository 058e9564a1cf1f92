import { pixelsBetween, type MapSides } from '../../graph/index.js';
import type { Size } from '../../images/image.js';
import { countedPositions } from '../tiles.js';
import { HalfMap } from './half-map.js';
import type { Window } from './windows.js';

/*
 * A window may reach beyond the sides of a map that repeats: it goes on at the other side there. What counts of a window never does.
 */

/** The values of a map of the whole. */
export type WholeMap = Float32Array | HalfMap;

/** What a window shows of a map of the whole. @param size of what windows are of */
export function cutMap(
  whole: WholeMap,
  sides: MapSides,
  { rows, columns }: Window,
  size: Size,
): Float32Array {
  const [wholeRows, wholeColumns] = sides.whole;
  const [height, width] = sides.window;
  const top = rows.start / pixelsBetween(size.height, wholeRows);
  const left = columns.start / pixelsBetween(size.width, wholeColumns);
  const planes = whole.length / (wholeRows * wholeColumns);
  const part = new Float32Array(planes * height * width);
  for (let plane = 0; plane < planes; plane += 1) {
    for (let y = 0; y < height; y += 1) {
      const row = (plane * wholeRows + inside(top + y, wholeRows)) * wholeColumns;
      for (const { from, to, at } of runsOf(left, width, wholeColumns)) {
        const into = (plane * height + y) * width + at;
        if (whole instanceof HalfMap) whole.copyTo(row + from, row + to, part, into);
        else part.set(whole.subarray(row + from, row + to), into);
      }
    }
  }
  return part;
}

/** Puts what counts of a window's map into that of the whole. @param size of what windows are of */
export function placeMap(
  whole: WholeMap,
  part: Float32Array,
  { whole: [wholeRows, wholeColumns], window: [height, width] }: MapSides,
  { rows, columns }: Window,
  size: Size,
): void {
  const top = rows.start / pixelsBetween(size.height, wholeRows);
  const left = columns.start / pixelsBetween(size.width, wholeColumns);
  const own = [countedPositions(rows, height), countedPositions(columns, width)] as const;
  const first = own[1].indexOf(1);
  const last = own[1].lastIndexOf(1) + 1;
  const planes = part.length / (height * width);
  for (let plane = 0; plane < planes; plane += 1) {
    for (let y = 0; y < height; y += 1) {
      if (own[0][y] === 0) continue;
      const row = part.subarray((plane * height + y) * width + first, (plane * height + y) * width + last);
      whole.set(row, (plane * wholeRows + top + y) * wholeColumns + left + first);
    }
  }
}

/** Adds the gradient of a window to that of what windows are of. */
export function addWindow(
  gradient: Float32Array,
  part: Float32Array,
  { rows, columns }: Window,
  { width, height }: Size,
): void {
  const planes = part.length / (rows.length * columns.length);
  for (let plane = 0; plane < planes; plane += 1) {
    for (let y = 0; y < rows.length; y += 1) {
      const row = (plane * height + inside(rows.start + y, height)) * width;
      const begin = (plane * rows.length + y) * columns.length;
      for (const { from, to, at } of runsOf(columns.start, columns.length, width))
        for (let x = from; x < to; x += 1) gradient[row + x]! += part[begin + at + x - from]!;
    }
  }
}

/** A place along an axis, or the one that it repeats. */
const inside = (place: number, length: number): number => ((place % length) + length) % length;

/** Values of a row that lie side by side. */
interface Run {
  readonly from: number;
  readonly to: number;
  /** Where in the window they begin. */
  readonly at: number;
}

/** What of a row of the whole a window shows: one run, or where it goes on at the other side several. */
function runsOf(start: number, width: number, length: number): Run[] {
  const runs: Run[] = [];
  for (let at = 0; at < width;) {
    const from = inside(start + at, length);
    const to = Math.min(length, from + width - at);
    runs.push({ from, to, at });
    at += to - from;
  }
  return runs;
}
