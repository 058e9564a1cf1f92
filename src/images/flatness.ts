import { nthSmallest } from '../ranks/nth-smallest.js';
import type { Image, Size } from './image.js';
import { luminanceOf } from './luminance.js';

/** The difference of neighbours' luminance, in 0..1, that begins to count as an edge. */
const edge = 0.02;

/** Less variation than half a step of 8 bits is none. */
const leastVariation = 0.5 / 255;

/**
 * How flat a picture is around each pixel, from 1, plain, to 0, an edge: `exp(-g / 0.02)`, where g is the length of the
 * luminance's gradient, blurred over 5 x 5 pixels so that grain does not count as edges.
 * @returns `height * width` values
 */
export function flatness(image: Image): Float32Array {
  const { width, height } = image;
  const values = boxBlur(luminanceOf(image), image);
  const gradient = new Float32Array(values.length);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const across =
        values[y * width + Math.min(x + 1, width - 1)]! - values[y * width + Math.max(x - 1, 0)]!;
      const down = values[Math.min(y + 1, height - 1) * width + x]! - values[Math.max(y - 1, 0) * width + x]!;
      gradient[y * width + x] = Math.hypot(across, down) / 2;
    }
  }
  return boxBlur(gradient, image).map((length) => Math.exp(-length / edge));
}

/** How much neighbouring pixels of a picture differ in luminance and in chroma: the median, which edges don't change. */
export interface Variation {
  readonly luma: number;
  readonly chroma: number;
}

/** A picture's variation; at least half a step of 8 bits each. */
export function variationOf(image: Image): Variation {
  const { rgb } = image;
  const luma = luminanceOf(image);
  const plane = (channel: number): Float32Array =>
    luma.map((value, i) => rgb[channel * luma.length + i]! - value);
  return {
    luma: Math.max(leastVariation, medianDifference(luma, image)),
    // B - Y and R - Y are Cb / 0.564 and Cr / 0.713.
    chroma: Math.max(
      leastVariation / 2,
      (0.713 * medianDifference(plane(0), image) + 0.564 * medianDifference(plane(2), image)) / 2,
    ),
  };
}

/** The median distance between neighbours below and to the right. */
function medianDifference(values: Float32Array, { width, height }: Size): number {
  const differences = new Float32Array((width - 1) * (height - 1));
  for (let y = 0; y + 1 < height; y += 1) {
    for (let x = 0; x + 1 < width; x += 1) {
      const value = values[y * width + x]!;
      differences[y * (width - 1) + x] =
        (Math.abs(values[y * width + x + 1]! - value) + Math.abs(values[(y + 1) * width + x]! - value)) / 2;
    }
  }
  if (differences.length === 0) return 0;
  return nthSmallest(differences, Math.floor(differences.length / 2));
}

/** Means over 3 x 3 pixels, twice; beyond the border the outermost pixels go on. */
function boxBlur(values: Float32Array, { width, height }: Size): Float32Array {
  const along = (
    from: Float32Array,
    length: number,
    lines: number,
    step: number,
    next: number,
  ): Float32Array => {
    const out = new Float32Array(from.length);
    for (let line = 0; line < lines; line += 1) {
      const first = line * next;
      const last = first + (length - 1) * step;
      let before = from[first]!;
      let here = before;
      for (let at = first; at <= last; at += step) {
        const after = from[Math.min(at + step, last)]!;
        out[at] = (before + here + after) / 3;
        before = here;
        here = after;
      }
    }
    return out;
  };
  let blurred = values;
  for (let pass = 0; pass < 2; pass += 1) {
    blurred = along(along(blurred, width, height, 1, width), height, width, width, 1);
  }
  return blurred;
}
