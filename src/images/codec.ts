import { StyleError } from '../errors.js';
import type { Image, Size } from './image.js';

/** The picture formats that are read and written. GIF: the first frame only. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif' | 'gif';

/** File suffix, in lower case, to format. */
export const imageSuffixes: Readonly<Record<string, ImageFormat>> = {
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.png': 'png',
  '.webp': 'webp',
  '.tif': 'tiff',
  '.tiff': 'tiff',
  '.avif': 'avif',
  '.gif': 'gif',
};

/** The quality, 1 to 100, of the formats that lose something; the others always keep every value. */
export const defaultQuality: Readonly<Partial<Record<ImageFormat, number>>> = {
  jpeg: 92,
  webp: 90,
  avif: 75,
};

/** Pictures of more pixels are refused before they are decoded: 100 megapixels, 1.2 GB as planes of floats. */
export const defaultMaxPixels = 100_000_000;

/** The longest side that a format can hold. */
const longestSide: Readonly<Partial<Record<ImageFormat, number>>> = {
  jpeg: 65_535,
  webp: 16_383,
  avif: 16_384,
  gif: 65_535,
};

export interface SizeOptions {
  /** Refuse files of more pixels than this, by their header; {@link defaultMaxPixels} unless given. */
  readonly maxPixels?: number;
}

export interface DecodeOptions extends SizeOptions {
  /**
   * Reduce a picture whose longer side is longer than this to it, in the same proportions. The whole picture never is in
   * memory as floats then. A shorter one is read as it is, as all are where this is not given.
   */
  readonly longSide?: number;
}

/** What a picture file's header says. */
export interface ImageSize extends Size {
  /** Bits of a number in the file: 1, 2, 4, 8, 10, 12, 16 or 32. */
  readonly bitDepth: number;
  /** Whether there is an alpha channel, which may be opaque everywhere. */
  readonly alpha: boolean;
  /** Bytes that reading takes beside the picture itself. */
  readonly reading: ReadingBytes;
}

/** What reading a file takes beside the picture that comes of it, in bytes. */
export interface ReadingBytes {
  /** The file, and a copy where one is made. */
  readonly file: number;
  /** The numbers that the decoder gives. */
  readonly samples: number;
  /** What the decoder needs for itself. */
  readonly decoder: number;
}

/** How a picture was made; goes into the file. */
export interface ImageMetadata {
  /** Name and version of the program. EXIF `Software`, XMP `xmp:CreatorTool`. */
  readonly software: string;
  /** What was made from what, and how. EXIF `ImageDescription`, XMP `dc:description`. */
  readonly description: string;
}

export interface EncodeOptions {
  /** 1 to 100 for JPEG, WebP and AVIF, see {@link defaultQuality}; without effect on PNG, TIFF and GIF. */
  readonly quality?: number;
  /** Bits per channel, 8 unless given; 16 for PNG and TIFF only. */
  readonly bitDepth?: 8 | 16;
  readonly metadata?: ImageMetadata;
}

/** Turns files' bytes into pictures and back; sharp does it in Node. */
export interface ImageCodec {
  /**
   * @param name what to call the bytes in an error, for example a file name
   * @throws StyleError `E_IMAGE_DECODE` when the bytes are no picture, a broken one or of a kind that isn't read,
   *   `E_IMAGE_SIZE` when it has too many pixels
   */
  decode(bytes: Uint8Array, name: string, options?: DecodeOptions): Promise<Image>;
  /** @throws StyleError as {@link checkEncoding}, and `E_NUMERIC` when a value is not a finite number */
  encode(image: Image, format: ImageFormat, options?: EncodeOptions): Promise<Uint8Array>;
}

/**
 * The format that a file name's suffix stands for, in upper or lower case.
 * @throws StyleError `E_IMAGE_FORMAT`, listing the suffixes, when it stands for none
 */
export function imageFormatOf(path: string): ImageFormat {
  const suffix = /\.[^./\\]*$/.exec(path)?.[0].toLowerCase();
  const format =
    suffix !== undefined && Object.hasOwn(imageSuffixes, suffix) ? imageSuffixes[suffix] : undefined;
  if (format === undefined) {
    throw new StyleError(
      'E_IMAGE_FORMAT',
      `The name "${path}" has no suffix of a picture format that can be written.`,
      `Use one of ${Object.keys(imageSuffixes).join(', ')}.`,
    );
  }
  return format;
}

/**
 * Checks that a picture of this size can be written in this way, so that a long run need not end in an error.
 * @param size width and height in pixels, where they are known already
 * @throws StyleError `E_ARGUMENT` for a quality or bit depth that the format does not have, `E_IMAGE_SIZE` when it can't hold that size
 * @example
 * ```ts
 * import { checkEncoding } from 'pastiche/engine';
 *
 * checkEncoding('jpeg', { quality: 90 }, { width: 4000, height: 3000 });
 * ```
 */
export function checkEncoding(format: ImageFormat, options: EncodeOptions = {}, size?: Size): void {
  const { quality, bitDepth = 8 } = options;
  if (quality !== undefined && !(Number.isInteger(quality) && quality >= 1 && quality <= 100)) {
    throw new StyleError(
      'E_ARGUMENT',
      `The quality ${quality} is not a whole number from 1 to 100.`,
      'Give one, for example 90.',
    );
  }
  if (bitDepth !== 8 && bitDepth !== 16) {
    throw new StyleError('E_ARGUMENT', `The bit depth ${String(bitDepth)} can't be written.`, 'Use 8 or 16.');
  }
  if (bitDepth === 16 && format !== 'png' && format !== 'tiff') {
    throw new StyleError(
      'E_ARGUMENT',
      `Format ${format} has no 16 bits per channel.`,
      'Use a .png or .tiff file, or a bit depth of 8.',
    );
  }
  const longest = longestSide[format];
  if (size !== undefined && longest !== undefined && Math.max(size.width, size.height) > longest) {
    throw new StyleError(
      'E_IMAGE_SIZE',
      `A picture of ${size.width}x${size.height} does not fit into format ${format}, whose sides are at most ${longest} pixels.`,
      'Use a .png or .tiff file, or a smaller size.',
    );
  }
}
