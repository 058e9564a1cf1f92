import type { ImageFormat } from './codec.js';
import type { Size } from './image.js';
import { pixelBytesOf, type SampleForm } from './picture-sink.js';

/** Pixels of the largest JPEG picture whose tables are chosen for it. */
const mostOptimized = 25e6;

/**
 * Whether a JPEG file of a size gets tables of its own, which make it 3 % smaller: libjpeg holds all coefficients of the picture for
 * that, twice, in 16 bits each. The pixels are the same.
 */
export const hasOwnTables = ({ width, height }: Size): boolean => width * height <= mostOptimized;

/** Bytes of a pixel that encoders hold until the whole picture is there, as measured with sharp 0.35 at 12 megapixels. */
const heldBytes: Readonly<Record<ImageFormat, (size: Size) => number>> = {
  jpeg: (size) => (hasOwnTables(size) ? 12 : 0),
  png: () => 0,
  tiff: () => 0,
  gif: () => 8,
  webp: () => 16,
  avif: () => 34,
};

/** Bytes of the encoded file for each of its samples': paint is hard to compress. */
const encodedPart = 0.75;

/** Bytes that encoding a picture takes at its peak, beside its samples: the file, and what the encoder holds. */
export function encodingMemory(size: Size, form: SampleForm, hasAlpha: boolean): number {
  const pixelBytes = encodedPart * pixelBytesOf(form, hasAlpha) + heldBytes[form.format](size);
  return size.width * size.height * pixelBytes;
}
