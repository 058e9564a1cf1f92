import { readFile, stat } from 'node:fs/promises';
import { StyleError } from '../errors.js';
import {
  checkEncoding,
  imageFormatOf,
  type DecodeOptions,
  type EncodeOptions,
  type ImageCodec,
  type ImageSize,
  type SizeOptions,
} from './codec.js';
import { decodeImage, decodeImageSize, decodeRaster } from './decode.node.js';
import { encodeImage, encodeSamples } from './encode.node.js';
import type { Image, Size } from './image.js';
import type { SamplesSink } from './picture-sink.js';
import type { SampledRaster } from './raster.js';
import { checkReplaceable, replaceFile } from '../replace-file.node.js';

export { decodeImage, decodeImageSize, encodeImage };

/** Pictures by sharp (libvips). Changes none of sharp's settings for the whole process. */
export const sharpCodec: ImageCodec = { decode: decodeImage, encode: encodeImage };

function inputError(path: string, cause: unknown): StyleError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new StyleError(
        'E_INPUT_MISSING',
        `There is no file "${path}".`,
        'Check the name and the folder.',
        { cause },
      );
    case 'ERR_FS_FILE_TOO_LARGE':
      return new StyleError(
        'E_IMAGE_SIZE',
        `"${path}" is larger than 2 GB.`,
        'Make the picture smaller first.',
        { cause },
      );
    default:
      return new StyleError(
        'E_INPUT_PERMISSION',
        `"${path}" may not be read (the system says ${code || String(cause)}).`,
        'Change its permissions and those of its folder, or copy it to another place.',
        { cause },
      );
  }
}

/** The file's bytes; nothing for a named pipe where those are not wanted. */
async function readBytes(path: string, pipes: boolean): Promise<Uint8Array | undefined> {
  try {
    const found = await stat(path);
    if (found.isFIFO() && !pipes) return undefined;
    if (!found.isFile() && !found.isFIFO()) {
      const kind = found.isDirectory() ? 'a folder' : 'a device';
      throw new StyleError('E_INPUT_KIND', `"${path}" is ${kind}, not a picture file.`, 'Name a file.');
    }
    return await readFile(path);
  } catch (error) {
    throw error instanceof StyleError ? error : inputError(path, error);
  }
}

/**
 * Reads a picture file; see {@link decodeImage} for what becomes of its colours. A named pipe is read to its end.
 * @throws StyleError `E_INPUT_MISSING`, `E_INPUT_KIND` for a folder or a device, `E_INPUT_PERMISSION`, and those of {@link decodeImage}
 * @example
 * ```ts
 * import { readImage } from 'pastiche';
 *
 * const { width, height, rgb } = await readImage('photo.jpg');
 * console.log(width, height, rgb[0]); // and the red of the first pixel, 0 to 1
 * ```
 */
export async function readImage(path: string, options: DecodeOptions = {}): Promise<Image> {
  return decodeImage((await readBytes(path, true))!, path, options);
}

/**
 * Reads a picture file as {@link readImage} does, as samples: floats are made for the parts alone that are read of it.
 * @throws StyleError as {@link readImage}
 */
export async function readRaster(path: string, options: SizeOptions = {}): Promise<SampledRaster> {
  return decodeRaster((await readBytes(path, true))!, path, options);
}

/**
 * Reads what a picture file's header says, and decodes nothing; see {@link decodeImageSize}.
 * @returns nothing for a named pipe, which can be read only once
 * @throws StyleError as {@link readImage}, as far as the header shows it
 * @example
 * ```ts
 * import { readImageSize } from 'pastiche';
 *
 * const size = await readImageSize('photo.jpg');
 * if (size !== undefined) console.log(`${size.width}x${size.height}, ${size.bitDepth} bits`);
 * ```
 */
export async function readImageSize(path: string, options: SizeOptions = {}): Promise<ImageSize | undefined> {
  const bytes = await readBytes(path, false);
  return bytes && decodeImageSize(bytes, path, options);
}

/**
 * Writes a picture in the format of the file's suffix (see `imageSuffixes`), whole or not at all; by way of a temporary file beside it.
 * @throws StyleError `E_IMAGE_FORMAT` for an unknown suffix, `E_OUTPUT` when the file can't be written, and those of {@link encodeImage}
 * @example
 * ```ts
 * import { readImage, writeImage } from 'pastiche';
 *
 * await writeImage('photo.png', await readImage('photo.jpg'), { bitDepth: 16 });
 * ```
 */
export async function writeImage(path: string, image: Image, options: EncodeOptions = {}): Promise<void> {
  const format = imageFormatOf(path);
  await replaceFile(path, await encodeImage(image, format, options));
}

/**
 * Writes a picture that was collected in the form that the file's format takes, as {@link writeImage} does.
 * @throws StyleError as {@link writeImage}
 */
export async function writeSamples(
  path: string,
  samples: SamplesSink,
  options: EncodeOptions = {},
): Promise<void> {
  const format = imageFormatOf(path);
  await replaceFile(path, await encodeSamples(samples, format, options));
}

/**
 * Checks, before a long run begins, that {@link writeImage} will succeed at its end, as far as that can be known.
 * @param size width and height of the picture to come, where they are known already
 * @throws StyleError `E_OUTPUT` for the place, `E_IMAGE_FORMAT` for the suffix, `E_ARGUMENT` and `E_IMAGE_SIZE` for the options and the size
 */
export async function checkWritable(path: string, options: EncodeOptions = {}, size?: Size): Promise<void> {
  await checkReplaceable(path);
  checkEncoding(imageFormatOf(path), options, size);
}
