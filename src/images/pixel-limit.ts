import { StyleError } from '../errors.js';
import { defaultMaxPixels } from './codec.js';
import type { Size } from './image.js';

/** A number of megapixels as people write it: 108, 0.03. */
const megapixels = (pixels: number): string => String(Number((pixels / 1e6).toPrecision(3)));

/** @throws StyleError `E_IMAGE_SIZE` where a picture has more pixels than it may */
export function checkPixelCount(
  { width, height }: Size,
  name: string,
  maxPixels: number = defaultMaxPixels,
): void {
  const pixels = width * height;
  if (pixels <= maxPixels) return;
  throw new StyleError(
    'E_IMAGE_SIZE',
    `"${name}" has ${width}x${height} pixels (${megapixels(pixels)} megapixels), more than the limit of ${megapixels(maxPixels)} megapixels.`,
    `Make it smaller first, or raise the option maxPixels to ${pixels} if there is memory for it.`,
    { option: 'maxPixels' },
  );
}
