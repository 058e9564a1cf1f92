import { argumentError } from '../errors.js';
import type { DecodeOptions } from './codec.js';
import { createImage, type Image, type Size } from './image.js';
import { checkPixelCount } from './pixel-limit.js';
import { shrinkImage } from './resize.js';

/** Pixels of 8 bits, red, green, blue and alpha of each in turn, in sRGB: the `ImageData` of a canvas is such a value. */
export interface Pixels extends Size {
  readonly data: Uint8ClampedArray;
}

/** Pixels in memory of their own, which a canvas takes and which go over to another thread. */
export interface CanvasPixels extends Pixels {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** Whether a value is pixels. */
export const isPixels = (value: unknown): value is Pixels =>
  typeof value === 'object' &&
  value !== null &&
  'data' in value &&
  value.data instanceof Uint8ClampedArray &&
  'width' in value &&
  'height' in value;

/**
 * Makes a picture of pixels. An alpha that is opaque everywhere is dropped.
 * @param name what to call them in an error
 * @throws StyleError `E_ARGUMENT` where there are more or fewer numbers than the size says
 */
export function imageFromPixels({ data, width, height }: Pixels, name: string): Image {
  const count = width * height;
  if (data.length !== 4 * count || count === 0) {
    throw argumentError(
      name,
      `The pixels of ${name} are ${data.length} numbers, and ${width}x${height} pixels have ${4 * count}.`,
      'Give four numbers for each pixel: red, green, blue and alpha.',
    );
  }
  const rgb = new Float32Array(3 * count);
  const alpha = new Float32Array(count);
  let isOpaque = true;
  for (let i = 0; i < count; i += 1) {
    for (let channel = 0; channel < 3; channel += 1) rgb[channel * count + i] = data[4 * i + channel]! / 255;
    alpha[i] = data[4 * i + 3]! / 255;
    isOpaque &&= data[4 * i + 3] === 255;
  }
  return createImage(width, height, rgb, isOpaque ? undefined : alpha);
}

/**
 * Reads a picture from pixels as one is read from a file.
 * @throws StyleError `E_IMAGE_SIZE` for more pixels than allowed; otherwise as {@link imageFromPixels}
 */
export function readPixels(pixels: Pixels, name: string, { maxPixels, longSide }: DecodeOptions): Image {
  checkPixelCount(pixels, name, maxPixels);
  const image = imageFromPixels(pixels, name);
  return longSide === undefined ? image : shrinkImage(image, longSide);
}

/** A picture as pixels, for a canvas: `new ImageData(data, width, height)`. Values are rounded and kept within 8 bits. */
export function pixelsOf({ rgb, alpha, width, height }: Image): CanvasPixels {
  const count = width * height;
  const data = new Uint8ClampedArray(4 * count);
  for (let i = 0; i < count; i += 1) {
    for (let channel = 0; channel < 3; channel += 1) data[4 * i + channel] = rgb[channel * count + i]! * 255;
    data[4 * i + 3] = alpha === undefined ? 255 : alpha[i]! * 255;
  }
  return { data, width, height };
}
