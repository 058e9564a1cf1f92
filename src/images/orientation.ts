import type { Size } from './image.js';

/** Where pixels of a stored picture stand in the upright one: `origin + right * column + down * row` in its rows. */
export interface UprightPlaces {
  readonly size: Size;
  readonly origin: number;
  readonly right: number;
  readonly down: number;
}

/** Whether a picture of this EXIF orientation is stored on its side. */
export const isSideways = (orientation: number): boolean => orientation >= 5 && orientation <= 8;

/** The size of the upright picture, or the other way round. */
export const turnedSize = ({ width, height }: Size, orientation: number): Size =>
  isSideways(orientation) ? { width: height, height: width } : { width, height };

/**
 * Where the pixels of a stored picture belong, by its EXIF orientation 1 to 8 (EXIF 2.3, tag 274); any other number is taken
 * for 1, upright.
 */
export function uprightPlaces(stored: Size, orientation: number): UprightPlaces {
  const size = turnedSize(stored, orientation);
  const [lastColumn, lastRow] = [size.width - 1, size.height - 1];
  // The column and row at which the stored picture's first pixel, its neighbour to the right and the one below it stand.
  const isFromRight = [2, 3, 6, 7].includes(orientation);
  const isFromBelow = [3, 4, 7, 8].includes(orientation);
  const origin = (isFromRight ? lastColumn : 0) + (isFromBelow ? lastRow : 0) * size.width;
  const alongRow = isFromRight ? -1 : 1;
  const alongColumn = isFromBelow ? -size.width : size.width;
  return isSideways(orientation)
    ? { size, origin, right: alongColumn, down: alongRow }
    : { size, origin, right: alongRow, down: alongColumn };
}

/** Puts a row of a stored picture's plane where it belongs in the upright one's. */
export function placeRow(
  values: Float32Array | Float64Array,
  row: number,
  upright: Float32Array,
  { origin, right, down }: UprightPlaces,
): void {
  let to = origin + down * row;
  if (right === 1) upright.set(values, to);
  else for (let column = 0; column < values.length; column++, to += right) upright[to] = values[column]!;
}
