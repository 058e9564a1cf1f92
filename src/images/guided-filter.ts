import { createImage, type Image } from './image.js';
import { luminanceOf } from './luminance.js';

/**
 * Smooths a picture's colours where its brightness is smooth, and keeps its brightness: each channel's difference from the
 * luminance is filtered with the luminance as the guide (He, Sun and Tang 2013, "Guided Image Filtering", equations 5, 6 and 8).
 * @param radius of the square window, in pixels: a side is `2 radius + 1`; at the border only the part inside counts
 * @param epsilon variance of the luminance, which is in 0..1, above which its edges are edges of colours, too
 * @returns a picture of the same size, with its transparency; values outside 0..1 are clipped
 */
export function smoothColors(image: Image, radius: number, epsilon: number): Image {
  const { width, height, rgb, alpha } = image;
  const size = width * height;
  const guide = Float64Array.from(luminanceOf(image));
  const mean = (values: Float64Array): Float64Array => windowMeans(values, width, height, radius);
  const guideMean = mean(guide);
  const variance = mean(guide.map((value) => value * value)).map((square, i) => square - guideMean[i]! ** 2);
  const out = new Float32Array(3 * size);
  for (let channel = 0; channel < 3; channel += 1) {
    const difference = guide.map((value, i) => rgb[channel * size + i]! - value);
    const differenceMean = mean(difference);
    const product = mean(difference.map((value, i) => value * guide[i]!));
    const slope = product.map(
      (value, i) => (value - guideMean[i]! * differenceMean[i]!) / (variance[i]! + epsilon),
    );
    const offset = mean(differenceMean.map((value, i) => value - slope[i]! * guideMean[i]!));
    const slopeMean = mean(slope);
    for (let i = 0; i < size; i += 1) {
      const value = guide[i]! + slopeMean[i]! * guide[i]! + offset[i]!;
      out[channel * size + i] = Math.min(Math.max(value, 0), 1);
    }
  }
  return createImage(width, height, out, alpha);
}

/** The mean over a square window around each pixel, as far as it lies inside. */
function windowMeans(values: Float64Array, width: number, height: number, radius: number): Float64Array {
  const rows = lineMeans(values, width, height, radius, 1, width);
  return lineMeans(rows, height, width, radius, width, 1);
}

/** Means along lines of `length` values that lie `step` apart; `next` is from one line to the next. */
function lineMeans(
  values: Float64Array,
  length: number,
  lines: number,
  radius: number,
  step: number,
  next: number,
): Float64Array {
  const out = new Float64Array(values.length);
  const sums = new Float64Array(length + 1);
  for (let line = 0; line < lines; line += 1) {
    for (let i = 0; i < length; i += 1) sums[i + 1] = sums[i]! + values[line * next + i * step]!;
    for (let i = 0; i < length; i += 1) {
      const [from, to] = [Math.max(0, i - radius), Math.min(length, i + radius + 1)];
      out[line * next + i * step] = (sums[to]! - sums[from]!) / (to - from);
    }
  }
  return out;
}
