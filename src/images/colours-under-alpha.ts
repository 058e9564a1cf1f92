import { createImage, type Image } from './image.js';
import { isInvisible } from './resize.js';

/**
 * Gives pixels that can't be seen the colours of visible ones near them, so that what lies under them does not show at the edges of
 * what can be seen when a network looks at both.
 * @param distance how far from visible pixels, in pixels; beyond it colours stay as they are
 * @returns the same object where all pixels can be seen
 */
export function coloursUnderAlpha(image: Image, distance: number): Image {
  const { width, height, alpha } = image;
  if (alpha === undefined) return image;
  const known = Uint8Array.from(alpha, (value) => (isInvisible(value) ? 0 : 1));
  let edge = Array.from(known.keys()).filter((pixel) => known[pixel] === 0);
  if (edge.length === 0) return image;
  const pixels = width * height;
  const rgb = image.rgb.slice();
  for (let step = 0; step < distance && edge.length > 0; step += 1) {
    const found: { readonly pixel: number; readonly near: readonly number[] }[] = [];
    const rest: number[] = [];
    for (const pixel of edge) {
      const near = neighborsOf(pixel, width, height).filter((one) => known[one] === 1);
      if (near.length === 0) rest.push(pixel);
      else found.push({ pixel, near });
    }
    if (found.length === 0) break;
    for (const { pixel, near } of found) {
      for (let plane = 0; plane < rgb.length; plane += pixels) {
        rgb[plane + pixel] = near.reduce((sum, one) => sum + rgb[plane + one]!, 0) / near.length;
      }
    }
    for (const { pixel } of found) known[pixel] = 1;
    edge = rest;
  }
  return createImage(width, height, rgb, alpha);
}

function neighborsOf(pixel: number, width: number, height: number): number[] {
  const [x, y] = [pixel % width, Math.floor(pixel / width)];
  const near: number[] = [];
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row += 1) {
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column += 1) {
      if (row !== y || column !== x) near.push(row * width + column);
    }
  }
  return near;
}
