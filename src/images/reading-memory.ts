import type { DecodeOptions, ImageFormat, ImageSize, ReadingBytes } from './codec.js';
import type { Size } from './image.js';
import { fitLongSide } from './resize.js';

/** What decides on the decoder's memory; as sharp calls it. */
export interface DecodedFile extends Size {
  readonly format: ImageFormat;
  /** Bytes of a pixel as it is decoded. */
  readonly pixelBytes: number;
  /** Whether it comes in several passes from coarse to fine: a progressive JPEG, an interlaced PNG. */
  readonly isProgressive?: boolean | undefined;
  readonly channels: number;
  /** How a JPEG stores colour: `4:2:0` at half the resolution, `4:4:4` at the whole one. */
  readonly chromaSubsampling?: string | undefined;
  readonly bitsPerSample?: number | undefined;
  readonly hasAlpha: boolean;
}

/** libvips keeps about so many rows of a picture that it reads from top to bottom. */
const rowsKept = 600;

/** Coefficients of 16 bits for each pixel of a progressive JPEG. */
function coefficients({ channels, chromaSubsampling = '4:4:4' }: DecodedFile): number {
  if (channels !== 3) return channels;
  return chromaSubsampling.startsWith('4:2:0') ? 1.5 : chromaSubsampling.startsWith('4:2:2') ? 2 : 3;
}

/** Bytes of a pixel that stay in the decoder until the whole picture is there, as measured with sharp 0.35. */
const heldBytes: Readonly<Record<ImageFormat, (file: DecodedFile) => number>> = {
  jpeg: (file) => (file.isProgressive === true ? 2 * coefficients(file) : 0),
  png: (file) => (file.isProgressive === true ? file.pixelBytes : 0),
  tiff: () => 0,
  gif: () => 4.7,
  webp: ({ hasAlpha }) => (hasAlpha ? 8.7 : 7.6),
  avif: ({ bitsPerSample = 8 }) => (bitsPerSample > 8 ? 17 : 14.5),
};

/** Bytes that the decoder of a file needs for itself. */
export function decoderBytes(file: DecodedFile): number {
  const rows = Math.min(file.height, rowsKept) * file.width * file.pixelBytes;
  return rows + file.width * file.height * heldBytes[file.format](file);
}

/** What a picture takes of which only the size is known: that of a photograph as JPEG of usual quality. */
function typicalReading({ width, height }: Size, bitDepth: number, alpha: boolean): ReadingBytes {
  const pixelBytes = (alpha ? 4 : 3) * (bitDepth > 8 ? 2 : 1);
  const pixels = width * height;
  return {
    file: pixels / 2,
    samples: pixels * pixelBytes,
    decoder: Math.min(height, rowsKept) * width * pixelBytes,
  };
}

/** Everything small: the rows that are converted at a time, and what sharp needs however small a picture is. */
const smallThings = 8e6;

/** How many bytes reading a file takes at its peak where its samples stay as they are, those included; as {@link readingMemory}. */
export const decodingMemory = ({ reading: { file, samples, decoder } }: ImageSize): number =>
  Math.round(file + samples + decoder + smallThings);

/**
 * How many bytes reading a picture takes at its peak, the picture that comes of it included, beyond what the process has
 * before: within a quarter of what was measured from 3 to 100 megapixels. For a file with alpha it is counted as if some
 * pixel were transparent.
 * @param size what `readImageSize` says of the file; where only the size is known, a JPEG photograph is assumed, or with
 *   `bitDepth` and `alpha` a picture like it with these
 * @param options those that it will be read with
 * @example
 * ```ts
 * import { readImageSize, readingMemory } from 'pastiche';
 *
 * const size = await readImageSize('photo.jpg');
 * if (size !== undefined) console.log(`about ${Math.round(readingMemory(size) / 1e6)} MB`);
 * ```
 */
export function readingMemory(
  size: Size & Partial<ImageSize>,
  { longSide }: Pick<DecodeOptions, 'longSide'> = {},
): number {
  const { width, height, bitDepth = 8, alpha = false } = size;
  const { file, samples, decoder } = size.reading ?? typicalReading(size, bitDepth, alpha);
  const isReduced = longSide !== undefined && longSide < Math.max(width, height);
  const read = isReduced ? fitLongSide(width, height, longSide) : size;
  // Reduced, colours with alpha are there twice, premultiplied and not, and are copied at the end.
  const planes = alpha ? (isReduced ? 11 : 4) : 3;
  const picture = 4 * planes * read.width * read.height;
  // What the decoder needs is given back before the planes are made.
  return Math.round(file + samples + Math.max(decoder, picture) + smallThings);
}
