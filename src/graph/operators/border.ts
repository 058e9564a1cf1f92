/**
 * What stands outside the border: zeros, the picture mirrored without repeating its edge, its edge repeated, or the
 * opposite side, as if the picture were a tile among copies of itself.
 */
export type PaddingMode = 'zero' | 'reflect' | 'replicate' | 'circular';

/** Which value of an axis stands at a place in front of its first or behind its last value; -1 for a zero. */
export function borderSource(place: number, length: number, mode: PaddingMode): number {
  if (place >= 0 && place < length) return place;
  return {
    zero: -1,
    reflect: place < 0 ? -place : 2 * (length - 1) - place,
    replicate: place < 0 ? 0 : length - 1,
    circular: place < 0 ? place + length : place - length,
  }[mode];
}
