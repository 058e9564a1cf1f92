import { StyleError } from '../errors.js';
import {
  checkEncoding,
  defaultQuality,
  type DecodeOptions,
  type EncodeOptions,
  type ImageFormat,
} from './codec.js';
import type { Image } from './image.js';
import { checkPixelCount } from './pixel-limit.js';
import { pixelsOf, readPixels, type CanvasPixels } from './pixels.js';

/**
 * Decodes a picture with the browser's own decoders: the formats that it shows, upright, in sRGB and 8 bits. Colours under
 * transparent pixels are lost.
 * @param name what to call it in an error
 * @throws StyleError `E_IMAGE_DECODE` for what the browser can't show, `E_IMAGE_SIZE` for more pixels than allowed
 */
export async function decodeBlob(source: Blob, name: string, options: DecodeOptions = {}): Promise<Image> {
  const bitmap = await readBitmap(source, name);
  try {
    return decodeBitmap(bitmap, name, options);
  } finally {
    bitmap.close();
  }
}

/**
 * Decodes a picture to the pixels of a canvas, without floats.
 * @throws StyleError as {@link decodeBlob}
 */
export async function decodePixels(source: Blob, name: string): Promise<CanvasPixels> {
  const bitmap = await readBitmap(source, name);
  try {
    return pixelsOfBitmap(bitmap, name);
  } finally {
    bitmap.close();
  }
}

async function readBitmap(source: Blob, name: string): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(source, { imageOrientation: 'from-image', premultiplyAlpha: 'none' });
  } catch (cause) {
    throw new StyleError(
      'E_IMAGE_DECODE',
      `"${name}" is no picture that this browser can show, or a broken one.`,
      'Give a JPEG, PNG, WebP, GIF or AVIF picture.',
      { cause },
    );
  }
}

/**
 * The pixels of a bitmap as a picture; the bitmap stays the caller's.
 * @throws StyleError `E_IMAGE_SIZE` for more pixels than allowed
 */
export function decodeBitmap(bitmap: ImageBitmap, name: string, options: DecodeOptions = {}): Image {
  return readPixels(pixelsOfBitmap(bitmap, name, options.maxPixels), name, options);
}

function pixelsOfBitmap(bitmap: ImageBitmap, name: string, maxPixels?: number): CanvasPixels {
  const { width, height } = bitmap;
  // Before there is a canvas of so many.
  checkPixelCount(bitmap, name, maxPixels);
  const context = contextOf(new OffscreenCanvas(width, height));
  context.drawImage(bitmap, 0, 0);
  return { data: context.getImageData(0, 0, width, height).data, width, height };
}

/**
 * Encodes a picture with the browser's own encoders, in 8 bits: PNG and JPEG everywhere, WebP in most. JPEG is laid over white.
 * Nothing of `metadata` is written.
 * @throws StyleError `E_IMAGE_FORMAT` for a format that this browser does not write, `E_ARGUMENT` for 16 bits or a quality that
 * can't be, `E_IMAGE_SIZE` for a picture that a canvas can't hold
 */
export const encodeBlob = (image: Image, format: ImageFormat, options?: EncodeOptions): Promise<Blob> =>
  encodePixels(pixelsOf(image), format, options);

/**
 * The same of a canvas' pixels.
 * @throws StyleError as {@link encodeBlob}
 */
export async function encodePixels(
  pixels: CanvasPixels,
  format: ImageFormat,
  options: EncodeOptions = {},
): Promise<Blob> {
  checkEncoding(format, options, pixels);
  if (options.bitDepth === 16) {
    throw new StyleError(
      'E_ARGUMENT',
      "Browsers don't write 16 bits per channel.",
      'Leave the bit depth out.',
    );
  }
  const { data, width, height } = pixels;
  const canvas = new OffscreenCanvas(width, height);
  contextOf(canvas).putImageData(new ImageData(data, width, height), 0, 0);
  const type = `image/${format}`;
  const quality = options.quality ?? defaultQuality[format];
  const blob = await (format === 'jpeg' ? onWhite(canvas) : canvas).convertToBlob({
    type,
    ...(quality !== undefined && { quality: quality / 100 }),
  });
  // A format that it doesn't know becomes PNG.
  if (blob.type === type) return blob;
  throw new StyleError('E_IMAGE_FORMAT', `This browser does not write ${format}.`, 'Take png or jpeg.');
}

function onWhite(picture: OffscreenCanvas): OffscreenCanvas {
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = contextOf(canvas);
  context.fillStyle = 'white';
  context.fillRect(0, 0, picture.width, picture.height);
  context.drawImage(picture, 0, 0);
  return canvas;
}

function contextOf(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  const context = canvas.getContext('2d', { colorSpace: 'srgb', willReadFrequently: true });
  if (context !== null) return context;
  throw new StyleError(
    'E_IMAGE_SIZE',
    `This browser has no canvas of ${canvas.width}x${canvas.height} pixels.`,
    'Use a smaller picture.',
  );
}
