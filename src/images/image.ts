import { StyleError } from '../errors.js';

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle of a picture. */
export interface Part extends Size {
  /** Columns and rows of the picture before it. */
  readonly left: number;
  readonly top: number;
}

/**
 * A picture in memory: sRGB-encoded RGB as three planes (all red values, then green, then blue; the layout NCHW that
 * networks read), values in [0, 1], rows from top to bottom. Alpha, where the file had it, is one more plane in [0, 1],
 * not premultiplied.
 */
export interface Image extends Size {
  /** `3 * height * width` values. */
  readonly rgb: Float32Array;
  /** `height * width` values; absent where the picture is opaque. */
  readonly alpha?: Float32Array;
  /** What it is called in messages: its file. */
  readonly name?: string;
}

/**
 * Makes an {@link Image} and checks that its planes have the right lengths.
 * @throws StyleError `E_IMAGE_SIZE` when a side is not a positive whole number or a plane has another length
 * @example
 * ```ts
 * import { createImage } from 'pastiche';
 *
 * // Two pixels, orange and blue: all red values first, then green, then blue.
 * const picture = createImage(2, 1, Float32Array.of(1, 0, 0.5, 0.2, 0, 0.8));
 * ```
 */
export function createImage(width: number, height: number, rgb: Float32Array, alpha?: Float32Array): Image {
  const pixels = width * height;
  const whole = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (!whole || rgb.length !== 3 * pixels || (alpha !== undefined && alpha.length !== pixels)) {
    throw new StyleError(
      'E_IMAGE_SIZE',
      `A picture of ${width}x${height} needs ${3 * pixels} colour values and has ${rgb.length}.`,
      'Give width and height as positive whole numbers, and the planes at their full length.',
    );
  }
  return alpha === undefined ? { width, height, rgb } : { width, height, rgb, alpha };
}
