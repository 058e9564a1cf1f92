import { blurPlanes } from '../../images/gaussian-blur.js';
import { clampUnit, resizePlanes } from '../../images/resize.js';

/**
 * Crops as small pictures, from which they are to be found again: blurred and scaled down bicubically (Johnson et al. 2016, section
 * 4.2), without aliasing.
 * @param crops `[N, 3, size, size]`
 * @param blur standard deviation in pixels of the crops
 * @returns `[N, 3, size / factor, size / factor]` in [0, 1]
 */
export function smallCrops(crops: Float32Array, size: number, factor: number, blur: number): Float32Array {
  const large = { width: size, height: size };
  const small = { width: size / factor, height: size / factor };
  const blurred = blurPlanes(crops, large, blur);
  return clampUnit(resizePlanes(blurred, crops.length / (size * size), large, small, 'bicubic'));
}
