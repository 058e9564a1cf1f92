import { StyleError } from '../errors.js';
import { createImage, type Image, type Size } from './image.js';
import { luminanceOf } from './luminance.js';
import { resizePlanes } from './resize.js';

/** Relative tolerance of a mask's proportions, besides the rounding of its sides. */
const formTolerance = 0.01;

/**
 * Checks that a mask has its picture's proportions; its size may differ.
 * @param what the mask's name in the message: `The mask`
 * @throws StyleError `E_IMAGE_SIZE` that names both sizes
 */
export function checkMaskForm(what: string, mask: Size, picture: Size): void {
  const height = (mask.width * picture.height) / picture.width;
  const width = (mask.height * picture.width) / picture.height;
  const fits = (found: number, expected: number): boolean =>
    Math.abs(found - expected) <= 1 + formTolerance * found;
  if (fits(mask.height, height) || fits(mask.width, width)) return;
  throw new StyleError(
    'E_IMAGE_SIZE',
    `${what} is ${mask.width}x${mask.height}, and its picture ${picture.width}x${picture.height}: their proportions differ.`,
    'Draw the mask over the picture, at its size or at a smaller one with the same proportions.',
  );
}

/**
 * The opacity of the paint at every pixel, from a mask: 0 for black, 1 for white, in between for greys; transparent pixels
 * are black. A mask of another size is resized.
 * @param feather pixels over which the paint fades in from the black, inside of the white: a pixel at the distance d from
 * the nearest black one gets the opacity `min(1, d / (feather + 1))`. Black stays black.
 * @returns `height * width` values in [0, 1]
 * @throws StyleError `E_IMAGE_SIZE` when the mask has other proportions
 */
export function paintedParts(mask: Image, width: number, height: number, feather: number): Float32Array {
  checkMaskForm('The mask', mask, { width, height });
  const { alpha } = mask;
  const values = luminanceOf(mask);
  if (alpha !== undefined) for (let i = 0; i < values.length; i += 1) values[i]! *= alpha[i]!;
  const same = mask.width === width && mask.height === height;
  const parts = same ? values : resizePlanes(values, 1, mask, { width, height }, 'bilinear');
  if (feather === 0) return parts;
  const distances = squaredDistances(parts, width, height);
  return parts.map((part, i) => part * Math.min(1, Math.sqrt(distances[i]!) / (feather + 1)));
}

/**
 * Blends a painted picture over a photograph.
 * @param parts the opacity at each pixel, see {@link paintedParts}
 * @returns the photograph, unchanged bit for bit where the opacity is 0; with its transparency
 */
export function paintOver(photograph: Image, painted: Image, parts: Float32Array): Image {
  const rgb = Float32Array.from(photograph.rgb);
  for (let i = 0; i < rgb.length; i += 1) {
    const part = parts[i % parts.length]!;
    if (part > 0) rgb[i]! += part * (painted.rgb[i]! - rgb[i]!);
  }
  return createImage(photograph.width, photograph.height, rgb, photograph.alpha);
}

/**
 * The squared distance of every pixel to the nearest one of value 0, exactly, in two passes of lower envelopes of parabolas
 * (Felzenszwalb and Huttenlocher 2012, "Distance Transforms of Sampled Functions"); infinite where there is none.
 */
function squaredDistances(values: Float32Array, width: number, height: number): Float64Array {
  const squares = Float64Array.from(values, (value) => (value > 0 ? Infinity : 0));
  for (let x = 0; x < width; x += 1) transformLine(squares, x, width, height);
  for (let y = 0; y < height; y += 1) transformLine(squares, y * width, 1, width);
  return squares;
}

/** One row or column: the minimum over q of `(p - q)^2 + f(q)` at every p. */
function transformLine(values: Float64Array, offset: number, stride: number, length: number): void {
  const line = Float64Array.from({ length }, (_, i) => values[offset + i * stride]!);
  const centres: number[] = [];
  const starts: number[] = [];
  for (let q = 0; q < length; q += 1) {
    if (line[q] === Infinity) continue;
    let start = -Infinity;
    while (centres.length > 0) {
      const last = centres.at(-1)!;
      start = (line[q]! + q * q - line[last]! - last * last) / (2 * (q - last));
      if (start > starts.at(-1)!) break;
      centres.pop();
      starts.pop();
      start = -Infinity;
    }
    centres.push(q);
    starts.push(start);
  }
  if (centres.length === 0) return;
  let current = 0;
  for (let p = 0; p < length; p += 1) {
    while (current + 1 < centres.length && starts[current + 1]! <= p) current += 1;
    const q = centres[current]!;
    values[offset + p * stride] = (p - q) ** 2 + line[q]!;
  }
}
