import { StyleError } from '../errors.js';
import { createImage, type Image, type Size } from './image.js';

/**
 * How a sample is weighed by its distance: `lanczos3` (windowed sinc, three lobes), `bicubic` (Keys 1981, a = -1/2),
 * `bilinear` (triangle), `nearest` (no averaging at all).
 */
export type ResizeKernel = 'lanczos3' | 'bicubic' | 'bilinear' | 'nearest';

/**
 * Lanczos keeps the most detail of a photograph that is made smaller, without aliasing, and detail is what the content
 * loss measures and what brush strokes follow. Its overshoot at hard edges is clamped away in pictures.
 */
export const defaultResizeKernel: ResizeKernel = 'lanczos3';

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

function keysCubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

/** The kernels that average: the distance at which the weight ends, and the weight. */
const averaging: Record<Exclude<ResizeKernel, 'nearest'>, { support: number; weight(x: number): number }> = {
  lanczos3: { support: 3, weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
  bicubic: { support: 2, weight: keysCubic },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
};

/** For every output position along one axis: the first input sample and where its weights lie in `weights`. */
interface AxisTaps {
  readonly first: Int32Array;
  /** One more than there are outputs: the weights of output `i` are `weights[offset[i]] .. weights[offset[i + 1] - 1]`. */
  readonly offset: Int32Array;
  readonly weights: Float64Array;
}

function axisTaps(size: number, newSize: number, kernel: ResizeKernel): AxisTaps {
  const scale = size / newSize;
  const first = new Int32Array(newSize);
  const offset = new Int32Array(newSize + 1);
  const weights: number[] = [];
  for (let i = 0; i < newSize; i++) {
    const centre = (i + 0.5) * scale;
    if (kernel === 'nearest') {
      first[i] = Math.min(size - 1, Math.floor(centre));
      weights.push(1);
    } else {
      const { support, weight } = averaging[kernel];
      // Making smaller, the kernel widens to cover everything between two outputs: that is the antialiasing.
      const stretch = Math.max(1, scale);
      const begin = Math.max(0, Math.ceil(centre - support * stretch - 0.5));
      const end = Math.min(size - 1, Math.floor(centre + support * stretch - 0.5));
      const own = Array.from({ length: end - begin + 1 }, (_, k) =>
        weight((begin + k + 0.5 - centre) / stretch),
      );
      const sum = own.reduce((total, w) => total + w, 0);
      first[i] = begin;
      // Taps beyond the edge are left out and the rest normalised, so that a constant stays that constant.
      for (const w of own) weights.push(w / sum);
    }
    offset[i + 1] = weights.length;
  }
  return { first, offset, weights: Float64Array.from(weights) };
}

/** Resamples every row of `rows` rows of `width` values. */
function resampleRows(
  source: Float32Array,
  rows: number,
  width: number,
  newWidth: number,
  taps: AxisTaps,
): Float32Array {
  const { first, offset, weights } = taps;
  const result = new Float32Array(rows * newWidth);
  for (let row = 0; row < rows; row += 4) {
    // Four rows at once: four sums that don't wait for each other take half the time. The last four may overlap the ones before.
    const top = Math.max(0, Math.min(row, rows - 4));
    const [second, third, fourth] = [1, 2, 3].map((step) => Math.min(step, rows - 1)) as [
      number,
      number,
      number,
    ];
    for (let x = 0; x < newWidth; x++) {
      let from = top * width + first[x]!;
      let sum0 = 0;
      let sum1 = 0;
      let sum2 = 0;
      let sum3 = 0;
      for (let k = offset[x]!, end = offset[x + 1]!; k < end; k++, from++) {
        const weight = weights[k]!;
        sum0 += weight * source[from]!;
        sum1 += weight * source[from + second * width]!;
        sum2 += weight * source[from + third * width]!;
        sum3 += weight * source[from + fourth * width]!;
      }
      result[top * newWidth + x] = sum0;
      result[(top + second) * newWidth + x] = sum1;
      result[(top + third) * newWidth + x] = sum2;
      result[(top + fourth) * newWidth + x] = sum3;
    }
  }
  return result;
}

/** Resamples every column of `planes` planes of `height` rows of `width` values. */
function resampleColumns(
  source: Float32Array,
  planes: number,
  height: number,
  width: number,
  newHeight: number,
  taps: AxisTaps,
): Float32Array {
  const { first, offset, weights } = taps;
  const result = new Float32Array(planes * newHeight * width);
  const sums = new Float64Array(width);
  for (let plane = 0; plane < planes; plane++) {
    for (let y = 0; y < newHeight; y++) {
      sums.fill(0);
      let from = (plane * height + first[y]!) * width;
      // Whole rows at a time, so that memory is read in order.
      for (let k = offset[y]!, end = offset[y + 1]!; k < end; k++, from += width) {
        const weight = weights[k]!;
        for (let x = 0; x < width; x++) sums[x]! += weight * source[from + x]!;
      }
      result.set(sums, (plane * newHeight + y) * width);
    }
  }
  return result;
}

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
  height: number,
  width: number,
  newHeight: number,
  newWidth: number,
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

function clampUnit(values: Float32Array): Float32Array {
  for (let i = 0; i < values.length; i++) values[i] = Math.min(1, Math.max(0, values[i]!));
  return values;
}

/** Below this alpha (half a step of eight bits) a colour can't be recovered from its premultiplied value. */
const leastAlpha = 0.5 / 255;

/**
 * Resamples a picture, clamped to [0, 1]. Where there is alpha, colours are weighed by it (premultiplied), so that the
 * colour that happens to lie under transparent pixels does not bleed into visible ones; pixels that come out transparent
 * keep the plain average of the colours under them.
 * @param width new width in pixels
 * @param height new height in pixels
 * @returns the same object when the size stays the same
 * @throws StyleError `E_ARGUMENT` when a size is not a positive whole number
 */
export function resizeImage(
  image: Image,
  width: number,
  height: number,
  kernel: ResizeKernel = defaultResizeKernel,
): Image {
  if (width === image.width && height === image.height) return image;
  const resized = (planes: Float32Array, channels: number): Float32Array =>
    resizePlanes(planes, channels, image.height, image.width, height, width, kernel);
  const { rgb, alpha } = image;
  if (alpha === undefined) return createImage(width, height, clampUnit(resized(rgb, 3)));

  const pixels = alpha.length;
  const newAlpha = clampUnit(resized(alpha, 1));
  const premultiplied = new Float32Array(rgb.length);
  for (let i = 0; i < rgb.length; i += pixels) {
    for (let pixel = 0; pixel < pixels; pixel++) premultiplied[i + pixel] = rgb[i + pixel]! * alpha[pixel]!;
  }
  const colours = resized(premultiplied, 3);
  const under = newAlpha.some((value) => value < leastAlpha) ? resized(rgb, 3) : colours;
  const newPixels = newAlpha.length;
  for (let i = 0; i < colours.length; i++) {
    const opacity = newAlpha[i % newPixels]!;
    colours[i] = opacity < leastAlpha ? under[i]! : colours[i]! / opacity;
  }
  return createImage(width, height, clampUnit(colours), newAlpha);
}

/**
 * The size, in the same proportions, whose longer side is `longSide`, smaller or larger than before; each side is rounded
 * to whole pixels and at least 1.
 * @throws StyleError `E_ARGUMENT` when a size is not a positive whole number
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
