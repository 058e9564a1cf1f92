import { argumentError, StyleError } from '../errors.js';
import type { DecodeOptions, ImageSize, SizeOptions } from './codec.js';
import type { Image } from './image.js';
import { brokenPicture, readHeader, type PictureHeader } from './picture-header.node.js';
import { SampledRaster } from './raster.js';
import { readSamples } from './read-samples.node.js';
import { fitLongSide } from './resize.js';
import {
  resampledImage,
  uprightSize,
  wholeImage,
  withoutOpaqueAlpha,
  type SampledPicture,
} from './sampled-picture.js';

/** The most bytes that Node.js has in one buffer, less one. */
const largestBuffer = 2 ** 32;

function checkSamples({ size }: PictureHeader, name: string): void {
  if (size.reading.samples < largestBuffer) return;
  throw new StyleError(
    'E_IMAGE_SIZE',
    `"${name}" has ${size.width}x${size.height} pixels, whose ${(size.reading.samples / 1e9).toFixed(1)} GB of samples do not fit into one buffer (4.3 GB).`,
    'Make it smaller first.',
  );
}

/**
 * Decodes a JPEG, PNG, WebP, TIFF, AVIF or GIF file, of several frames or pages the first. The EXIF orientation is applied.
 * Grey, palette and CMYK become RGB, and an embedded ICC profile is converted to sRGB; 16 bits per channel stay
 * 16 bits. A file without a profile is taken to be sRGB, or for CMYK to be in libvips' general-purpose profile. Colours
 * under transparent pixels are kept as they are in the file. An alpha channel that is opaque everywhere is dropped.
 *
 * TIFF files of other numbers: floats are sRGB from 0 to 1, or linear light where their profile says so; whole numbers of 32
 * bits are taken by the largest among them for pictures of 8 bits (up to 255), of 16 (up to 65535) or of all 32; Lab is
 * relative to D50.
 * @param name what to call the bytes in an error
 * @returns with `longSide` what `resizeImage` makes of the whole picture, within rounding
 * @throws StyleError `E_IMAGE_DECODE` when the bytes are empty, no picture of these formats (the message says what they are
 *   instead), broken or cut off, or have numbers that are no colours; `E_IMAGE_SIZE` when the header announces more than
 *   `maxPixels`, which is its `option`; `E_ARGUMENT` when `maxPixels` is not positive or `longSide` no positive whole number
 * @example
 * ```ts no-run
 * import { decodeImage } from 'pastiche';
 *
 * const response = await fetch('https://example.com/photo.jpg');
 * const photo = await decodeImage(new Uint8Array(await response.arrayBuffer()), 'photo.jpg', { longSide: 1024 });
 * ```
 */
export async function decodeImage(
  bytes: Uint8Array,
  name: string,
  options: DecodeOptions = {},
): Promise<Image> {
  const { longSide } = options;
  if (longSide !== undefined && !(Number.isInteger(longSide) && longSide > 0)) {
    throw argumentError(
      'longSide',
      `The long side ${longSide} is not a positive whole number.`,
      'Give longSide a number of pixels.',
    );
  }
  const picture = await decodeSamples(bytes, name, options);
  const { width, height } = uprightSize(picture);
  if (longSide === undefined || longSide >= Math.max(width, height)) return wholeImage(picture);
  return resampledImage(picture, fitLongSide(width, height, longSide));
}

/**
 * Decodes a file as {@link decodeImage} does, to a picture whose floats are made for the parts alone that are read of it.
 * @param name what to call the bytes in an error, and the picture
 * @throws StyleError as {@link decodeImage}
 */
export const decodeRaster = async (
  bytes: Uint8Array,
  name: string,
  options: SizeOptions = {},
): Promise<SampledRaster> => new SampledRaster(await decodeSamples(bytes, name, options), name);

async function decodeSamples(
  bytes: Uint8Array,
  name: string,
  { maxPixels }: SizeOptions,
): Promise<SampledPicture> {
  const header = await readHeader(bytes, name, maxPixels);
  checkSamples(header, name);
  const decoded = await readSamples(header, name).catch((error: unknown) => {
    throw error instanceof StyleError ? error : brokenPicture(name, header.format, error);
  });
  return withoutOpaqueAlpha(decoded);
}

/**
 * Reads what a picture file's header says, and decodes nothing: the size of the upright picture, its bits and whether it
 * has alpha.
 * @param name what to call the bytes in an error
 * @throws StyleError as {@link decodeImage}, as far as the header shows it: not for a file that is cut off, nor for numbers
 *   that are no colours
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { decodeImageSize } from 'pastiche';
 *
 * const { width, height, alpha } = await decodeImageSize(await readFile('photo.jpg'), 'photo.jpg');
 * console.log(width, height, alpha);
 * ```
 */
export async function decodeImageSize(
  bytes: Uint8Array,
  name: string,
  options: SizeOptions = {},
): Promise<ImageSize> {
  return (await readHeader(bytes, name, options.maxPixels)).size;
}
