import type { Image } from './image.js';

/**
 * Every so many pixels of a large picture, along both sides: at once, where resampling would take seconds, and without new colours,
 * which masks of regions need. For what only has to look like the picture.
 * @param longSide that the result's is at least; the picture itself where it has less than twice that
 */
export function sampledGrid(picture: Image, longSide: number): Image {
  const { width, height, rgb, alpha } = picture;
  const step = Math.floor(Math.max(width, height) / longSide);
  if (step < 2 || Math.min(width, height) < step) return picture;
  const [across, down] = [Math.floor(width / step), Math.floor(height / step)];
  // From the middle of what each pixel stands for, so that the grid isn't shifted.
  const first = Math.floor(step / 2);
  const sampled = (values: Float32Array, planes: number): Float32Array => {
    const out = new Float32Array(planes * across * down);
    let to = 0;
    for (let plane = 0; plane < planes; plane += 1) {
      for (let row = 0; row < down; row += 1) {
        const from = (plane * height + first + row * step) * width + first;
        for (let column = 0; column < across; column += 1) out[to++] = values[from + column * step]!;
      }
    }
    return out;
  };
  const sides = { width: across, height: down, rgb: sampled(rgb, 3) };
  return { ...picture, ...sides, ...(alpha && { alpha: sampled(alpha, 1) }) };
}
