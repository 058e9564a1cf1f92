import { StyleError } from '../errors.js';
import { createImage, type Image, type Size } from './image.js';
import {
  axisTaps,
  defaultResizeKernel,
  resampleColumns,
  resampleRows,
  type ResizeKernel,
} from './resample.js';

export { defaultResizeKernel, type ResizeKernel };

const isSide = (value: number): boolean => Number.isInteger(value) && value > 0;

/**
 * Resamples planes to a new size, first along one axis and then along the other. Sample centres lie at half pixels (the
 * outer edges of both grids coincide); where the picture gets smaller the kernel is widened by the ratio, so nothing
 * aliases; beyond an edge there is nothing: the remaining weights are normalised. Values are weighed as they are, in
 * sRGB encoding for pictures, as every style-transfer tool does. Results are not clamped: `lanczos3` and `bicubic` can
 * overshoot the range of the input by some percent.
 * @param planes `channels * height * width` values, plane by plane, in rows
 * @returns `channels * newHeight * newWidth` values; a copy when the size stays the same
 * @throws StyleError `E_ARGUMENT` when a size is not a positive whole number, `E_SHAPE` when `planes` has another length
 */
export function resizePlanes(
  planes: Float32Array,
  channels: number,
  { width, height }: Size,
  { width: newWidth, height: newHeight }: Size,
  kernel: ResizeKernel = defaultResizeKernel,
): Float32Array {
  if (![channels, height, width, newHeight, newWidth].every(isSide)) {
    throw new StyleError(
      'E_ARGUMENT',
      `${channels} planes of ${width}x${height} can't be resized to ${newWidth}x${newHeight}.`,
      'Give all sizes as positive whole numbers.',
    );
  }
  if (planes.length !== channels * height * width) {
    throw new StyleError(
      'E_SHAPE',
      `${channels} planes of ${width}x${height} have ${channels * height * width} values, not ${planes.length}.`,
      'Give the planes at their full length.',
    );
  }
  const across = newWidth === width ? undefined : axisTaps(width, newWidth, kernel);
  const down = newHeight === height ? undefined : axisTaps(height, newHeight, kernel);
  if (across === undefined && down === undefined) return planes.slice();
  if (across === undefined) return resampleColumns(planes, channels, height, width, newHeight, down!);
  if (down === undefined) return resampleRows(planes, channels * height, width, newWidth, across);
  // The order does not change the result, only the work: the axis that shrinks most goes first.
  if (newWidth * height <= width * newHeight) {
    const narrow = resampleRows(planes, channels * height, width, newWidth, across);
    return resampleColumns(narrow, channels, height, newWidth, newHeight, down);
  }
  const low = resampleColumns(planes, channels, height, width, newHeight, down);
  return resampleRows(low, channels * newHeight, width, newWidth, across);
}

/** Brings values into [0, 1], in place. */
export function clampUnit(values: Float32Array): Float32Array {
  for (let i = 0; i < values.length; i++) values[i] = Math.min(1, Math.max(0, values[i]!));
  return values;
}

/** Half a step of eight bits. */
const leastAlpha = 0.5 / 255;

/** Whether a colour of this alpha is not to be seen, and can't be recovered from its premultiplied value. */
export const isInvisible = (alpha: number): boolean => alpha < leastAlpha;

/**
 * Divides premultiplied colours by their alpha, in place, and brings them into [0, 1].
 * @param under what stands for the colours of pixels that can't be seen; needed where there are any
 */
export function withoutAlpha(colours: Float32Array, alpha: Float32Array, under?: Float32Array): Float32Array {
  const pixels = alpha.length;
  for (let i = 0; i < colours.length; i++) {
    const opacity = alpha[i % pixels]!;
    colours[i] = under !== undefined && isInvisible(opacity) ? under[i]! : colours[i]! / opacity;
  }
  return clampUnit(colours);
}

/**
 * Resamples a picture, clamped to [0, 1]. Where there is alpha, colours are weighed by it (premultiplied), so that the
 * colour that happens to lie under transparent pixels does not bleed into visible ones; pixels that come out transparent
 * keep the plain average of the colours under them.
 * @param width new width in pixels
 * @param height new height in pixels
 * @returns the same object when the size stays the same
 * @throws StyleError `E_ARGUMENT` when a size is not a positive whole number
 * @example
 * ```ts
 * import { readImage, resizeImage, writeImage } from 'pastiche';
 *
 * await writeImage('thumbnail.png', resizeImage(await readImage('photo.jpg'), 60, 40));
 * ```
 */
export function resizeImage(
  image: Image,
  width: number,
  height: number,
  kernel: ResizeKernel = defaultResizeKernel,
): Image {
  if (width === image.width && height === image.height) return image;
  const resized = (planes: Float32Array, channels: number): Float32Array =>
    resizePlanes(planes, channels, image, { width, height }, kernel);
  const { rgb, alpha } = image;
  if (alpha === undefined) return createImage(width, height, clampUnit(resized(rgb, 3)));

  const pixels = alpha.length;
  const newAlpha = clampUnit(resized(alpha, 1));
  const premultiplied = new Float32Array(rgb.length);
  for (let i = 0; i < rgb.length; i += pixels) {
    for (let pixel = 0; pixel < pixels; pixel++) premultiplied[i + pixel] = rgb[i + pixel]! * alpha[pixel]!;
  }
  const colours = resized(premultiplied, 3);
  const under = newAlpha.some(isInvisible) ? resized(rgb, 3) : undefined;
  return createImage(width, height, withoutAlpha(colours, newAlpha, under), newAlpha);
}

/**
 * The size, in the same proportions, whose longer side is `longSide`, smaller or larger than before; each side is rounded
 * to whole pixels and at least 1.
 * @throws StyleError `E_ARGUMENT` when a size is not a positive whole number
 * @example
 * ```ts
 * import { fitLongSide } from 'pastiche/engine';
 *
 * console.log(fitLongSide(4000, 3000, 512)); // { width: 512, height: 384 }
 * ```
 */
export function fitLongSide(width: number, height: number, longSide: number): Size {
  if (![width, height, longSide].every(isSide)) {
    throw new StyleError(
      'E_ARGUMENT',
      `A picture of ${width}x${height} can't be fitted to a long side of ${longSide}.`,
      'Give all sizes as positive whole numbers.',
    );
  }
  const scale = longSide / Math.max(width, height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/**
 * A picture's size, brought down to a long side where it is larger; never enlarged.
 * @throws StyleError as {@link fitLongSide}
 */
export const withinLongSide = ({ width, height }: Size, longSide: number): Size =>
  fitLongSide(width, height, Math.min(longSide, Math.max(width, height)));

/**
 * A picture, brought down to a long side where it is larger.
 * @throws StyleError as {@link fitLongSide}
 */
export function shrinkImage(image: Image, longSide: number): Image {
  const { width, height } = withinLongSide(image, longSide);
  return resizeImage(image, width, height);
}
