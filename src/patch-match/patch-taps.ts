import { patchOffsets } from './feature-maps.js';
import type { MapSize } from './windows.js';

/** Row or column offsets of a patch's taps from its centre: `first`, `first + step`, and so on. */
export interface PatchTaps {
  readonly first: number;
  readonly count: number;
  readonly step: number;
}

/** The taps that lie inside both of two maps for some pair of patches: none is further away than the smaller map is long. */
export function countedTaps(a: MapSize, b: MapSize, patch: number, stride: number): PatchTaps {
  const span = Math.max(Math.min(a.height, b.height), Math.min(a.width, b.width));
  const all = patchOffsets(patch, stride);
  const nearest = Math.min(...all.map(Math.abs));
  const counted = all.filter((offset) => Math.abs(offset) <= Math.max(span - 1, nearest));
  return { first: counted[0]!, count: counted.length, step: stride };
}

/** Positions from a patch's first tap to its last. */
export const tapReach = ({ count, step }: PatchTaps): number => (count - 1) * step;

/** The most positions that a patch reaches to any side. */
export const tapRadius = (taps: PatchTaps): number =>
  Math.max(Math.abs(taps.first), Math.abs(taps.first + tapReach(taps)));

/** Some of a patch's taps: from one number to before another. */
export interface TapRange {
  readonly from: number;
  readonly to: number;
}

/** Which taps lie inside a map, position by position along one of its sides. */
export interface TapsInside {
  /** The ranges that occur. */
  readonly ranges: readonly TapRange[];
  /** For each position the number of its range. */
  readonly of: Int32Array;
}

/** Which taps lie inside a side of a length. */
export function tapsInside(length: number, { first, count, step }: PatchTaps): TapsInside {
  const ranges: TapRange[] = [];
  const numbers = new Map<string, number>();
  const of = Int32Array.from({ length }, (_, position) => {
    const from = Math.min(count, Math.max(0, Math.ceil((-position - first) / step)));
    const to = Math.max(from, Math.min(count, Math.floor((length - 1 - position - first) / step) + 1));
    const key = `${from} ${to}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, ranges.length);
    return ranges.push({ from, to }) - 1;
  });
  return { ranges, of };
}

/** The taps that lie inside two maps. */
export function commonTaps(a: TapRange, b: TapRange): TapRange {
  const from = Math.max(a.from, b.from);
  return { from, to: Math.max(from, Math.min(a.to, b.to)) };
}
