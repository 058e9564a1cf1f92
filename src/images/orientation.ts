import type { Part, Size } from './image.js';

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

/** Where in the upright picture the stored one's first pixel stands. */
const cornerOf = (orientation: number): { isFromRight: boolean; isFromBelow: boolean } => ({
  isFromRight: [2, 3, 6, 7].includes(orientation),
  isFromBelow: [3, 4, 7, 8].includes(orientation),
});

/**
 * Where the pixels of a stored picture belong, by its EXIF orientation 1 to 8 (EXIF 2.3, tag 274); any other number is taken
 * for 1, upright.
 */
export function uprightPlaces(stored: Size, orientation: number): UprightPlaces {
  const size = turnedSize(stored, orientation);
  const [lastColumn, lastRow] = [size.width - 1, size.height - 1];
  // The column and row at which the stored picture's first pixel, its neighbour to the right and the one below it stand.
  const { isFromRight, isFromBelow } = cornerOf(orientation);
  const origin = (isFromRight ? lastColumn : 0) + (isFromBelow ? lastRow : 0) * size.width;
  const alongRow = isFromRight ? -1 : 1;
  const alongColumn = isFromBelow ? -size.width : size.width;
  return isSideways(orientation)
    ? { size, origin, right: alongColumn, down: alongRow }
    : { size, origin, right: alongRow, down: alongColumn };
}

/**
 * The part of a stored picture that becomes a part of the upright one.
 * @param upright size of the whole upright picture
 */
export function storedPart(part: Part, upright: Size, orientation: number): Part {
  const { width, height } = part;
  const { isFromRight, isFromBelow } = cornerOf(orientation);
  const left = isFromRight ? upright.width - part.left - width : part.left;
  const top = isFromBelow ? upright.height - part.top - height : part.top;
  return isSideways(orientation)
    ? { left: top, top: left, width: height, height: width }
    : { left, top, width, height };
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
