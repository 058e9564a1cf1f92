import { argumentError, StyleError } from '../errors.js';
import { defaultMaxPixels } from './codec.js';
import { createImage, type Image, type Size } from './image.js';

/** Pixels of 8 bits, red, green, blue and alpha of each in turn, in sRGB: the `ImageData` of a canvas is such a value. */
export interface Pixels extends Size {
  readonly data: Uint8ClampedArray;
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

/** A picture as pixels, for a canvas: `new ImageData(data, width, height)`. Values are rounded and kept within 8 bits. */
export function pixelsOf({
  rgb,
  alpha,
  width,
  height,
}: Image): { data: Uint8ClampedArray<ArrayBuffer> } & Size {
  const count = width * height;
  const data = new Uint8ClampedArray(4 * count);
  for (let i = 0; i < count; i += 1) {
    for (let channel = 0; channel < 3; channel += 1) data[4 * i + channel] = rgb[channel * count + i]! * 255;
    data[4 * i + 3] = alpha === undefined ? 255 : alpha[i]! * 255;
  }
  return { data, width, height };
}

/** @throws StyleError `E_IMAGE_SIZE` where a picture has more pixels than it may */
export function checkPixelCount({ width, height }: Size, name: string, maxPixels = defaultMaxPixels): void {
  if (width * height <= maxPixels) return;
  throw new StyleError(
    'E_IMAGE_SIZE',
    `"${name}" has ${width}x${height} pixels, more than the ${maxPixels} that are allowed.`,
    'Make it smaller first, or raise the option maxPixels.',
    { option: 'maxPixels' },
  );
}
