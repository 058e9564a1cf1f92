import { argumentError } from '../errors.js';
import type { Image } from '../images/image.js';
import type { AnyMethod } from '../methods/method.js';
import { isPixels } from '../images/pixels.js';
import type { PictureSource, ReadOptions } from './platform.js';

/** Whether a value is a picture in memory. */
export function isImage(value: unknown): value is Image {
  return (
    typeof value === 'object' &&
    value !== null &&
    'rgb' in value &&
    value.rgb instanceof Float32Array &&
    'width' in value &&
    'height' in value
  );
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Whether a value is a file or another blob. */
export const isBlob = (value: unknown): value is Extract<PictureSource, { arrayBuffer(): unknown }> =>
  isObject(value) && 'arrayBuffer' in value && typeof value.arrayBuffer === 'function' && 'size' in value;

/** Whether a value is a browser's `ImageBitmap`. */
export const isBitmap = (value: unknown): value is Extract<PictureSource, { close(): unknown }> =>
  isObject(value) && 'close' in value && 'width' in value && 'height' in value;

/**
 * @param name the role that it is for
 * @throws StyleError `E_ARGUMENT` for a value that no picture comes from
 */
export function checkSource(value: unknown, name: string): PictureSource {
  if (typeof value === 'string' && value !== '') return value;
  if (value instanceof URL || value instanceof Uint8Array || value instanceof ArrayBuffer) return value;
  if (isImage(value) || isBlob(value) || isPixels(value) || isBitmap(value)) return value;
  throw argumentError(
    name,
    `The picture ${name} can't be ${typeof value === 'string' ? 'an empty text' : describe(value)}.`,
    "It takes a file's path, a URL, the bytes of a picture file, a Blob, pixels, or an Image.",
  );
}

const describe = (value: unknown): string =>
  value === null
    ? 'null'
    : typeof value === 'object'
      ? value.constructor?.name || 'an object'
      : `${typeof value} ${String(value)}`;

/** Pictures up to this long side are always read at their size: reading one smaller is for what would fill the memory. */
const wholeSide = 4096;

/** How the pictures of a role are read: those that are much larger than what is looked at, smaller. */
export function readOptions(
  method: AnyMethod,
  settings: object,
  role: string,
  maxPixels: number | undefined,
): ReadOptions {
  const needed = method.longestSide?.(settings, role);
  return { maxPixels, longSide: needed && Math.max(needed, wholeSide) };
}
