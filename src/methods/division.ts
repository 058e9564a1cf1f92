import type { Size } from '../images/image.js';

/** How large pictures are, by their roles. */
export type PictureSizes = Readonly<Record<string, Size | readonly Size[] | undefined>>;

/** How a picture, of the size of the result, can be divided among several who paint parts of it. */
export interface PictureDivision extends Size {
  /** How many tiles it is painted in. */
  readonly tiles: number;
  /** How often all of its tiles have to be measured, each time with what was found before, until they can be painted. */
  readonly rounds: number;
}

/** A part of a picture that is divided: some of its tiles, and what is known of all of them. */
export interface TilesPart {
  /** The number of the first tile. */
  readonly from: number;
  /** That of the first one which is no part of it any more. */
  readonly to: number;
  /** What the rounds so far have found, each added up over all tiles. */
  readonly sums: readonly Float64Array[];
}

/** Adds up what the parts of a picture have found in one round. */
export function addedUp(parts: readonly Float64Array[]): Float64Array {
  const [first, ...others] = parts;
  const total = Float64Array.from(first!);
  for (const part of others) for (let i = 0; i < total.length; i += 1) total[i]! += part[i]!;
  return total;
}
