import { createImage, type Image, type Size } from '../../images/image.js';
import type { PaintReceiver } from './painter.js';

/**
 * Paints the whole picture for each region and puts their parts together, so that no border of a region shows.
 * @param regions with how much of each there is at each pixel, parts of 1; without that it is everywhere
 */
export async function paintRegions<Region extends { readonly parts?: Float32Array }>(
  regions: readonly Region[],
  { width, height }: Size,
  paint: (region: Region, receive: PaintReceiver) => Promise<void>,
): Promise<Image> {
  const sum = new Float32Array(3 * width * height);
  for (const region of regions) {
    const { parts } = region;
    await paint(region, (part, left, top) => {
      for (let i = 0; i < part.rgb.length; i += 1) {
        const row = Math.floor(i / part.width);
        const pixel = (top + (row % part.height)) * width + left + i - row * part.width;
        const share = parts === undefined ? 1 : parts[pixel]!;
        sum[Math.floor(row / part.height) * width * height + pixel]! += share * part.rgb[i]!;
      }
    });
  }
  return createImage(width, height, sum);
}
