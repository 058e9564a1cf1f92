import { createImage, type Image } from './image.js';
import { resizePlanes } from './resize.js';

/**
 * Resamples a picture that tiles, so that the result tiles as well: the kernel wraps around at the border. Opaque: alpha is
 * dropped.
 * @throws StyleError `E_ARGUMENT` when a size is not a positive whole number
 */
export function resizeTile(image: Image, width: number, height: number): Image {
  const wide = alongRows(image.rgb, 3 * image.height, image.width, width);
  const columns = transposed(wide, 3, image.height, width);
  const high = alongRows(columns, 3 * width, image.height, height);
  const rgb = transposed(high, 3, width, height).map((value) => Math.min(Math.max(value, 0), 1));
  return createImage(width, height, rgb);
}

/** Rows that are resampled at once: copies of all rows of a large picture would take much memory. */
const block = 512;

/** Resamples three copies of each row side by side, and keeps the middle one. */
function alongRows(values: Float32Array, rows: number, length: number, newLength: number): Float32Array {
  if (length === newLength) return values;
  const out = new Float32Array(rows * newLength);
  for (let first = 0; first < rows; first += block) {
    const count = Math.min(block, rows - first);
    const copies = new Float32Array(count * 3 * length);
    for (let row = 0; row < count; row += 1) {
      const source = values.subarray((first + row) * length, (first + row + 1) * length);
      for (let copy = 0; copy < 3; copy += 1) copies.set(source, (3 * row + copy) * length);
    }
    const resized = resizePlanes(
      copies,
      1,
      { width: 3 * length, height: count },
      { width: 3 * newLength, height: count },
    );
    for (let row = 0; row < count; row += 1) {
      const middle = (3 * row + 1) * newLength;
      out.set(resized.subarray(middle, middle + newLength), (first + row) * newLength);
    }
  }
  return out;
}

/** Planes of `height` rows with rows and columns exchanged. */
function transposed(values: Float32Array, planes: number, height: number, width: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let row = 0; row < planes * height; row += 1) {
    const plane = Math.floor(row / height) * height * width;
    for (let column = 0; column < width; column += 1) {
      out[plane + column * height + (row % height)] = values[row * width + column]!;
    }
  }
  return out;
}
