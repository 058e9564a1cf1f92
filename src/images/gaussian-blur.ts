import type { Size } from './image.js';
import { resampleColumns, resampleRows, type AxisTaps } from './resample.js';

/** Standard deviations at which the bell is cut off: what lies beyond is less than a step of eight bits. */
const reach = 3;

/** The taps of a Gaussian at the same size. Beyond an edge there is nothing: the remaining weights are normalised. */
function gaussianTaps(size: number, deviation: number): AxisTaps {
  const radius = Math.ceil(reach * deviation);
  const first = new Int32Array(size);
  const offset = new Int32Array(size + 1);
  const weights: number[] = [];
  for (let place = 0; place < size; place += 1) {
    const [begin, end] = [Math.max(0, place - radius), Math.min(size - 1, place + radius)];
    const unscaled = Array.from({ length: end - begin + 1 }, (_, k) =>
      Math.exp(-((begin + k - place) ** 2) / (2 * deviation ** 2)),
    );
    const sum = unscaled.reduce((total, weight) => total + weight, 0);
    first[place] = begin;
    for (const weight of unscaled) weights.push(weight / sum);
    offset[place + 1] = weights.length;
  }
  return { first, offset, weights: Float64Array.from(weights) };
}

/**
 * Blurs planes with a Gaussian.
 * @param planes `channels * height * width` values
 * @param deviation in pixels; 0 for a copy
 */
export function blurPlanes(planes: Float32Array, { width, height }: Size, deviation: number): Float32Array {
  if (deviation === 0) return planes.slice();
  const channels = planes.length / (width * height);
  const across = resampleRows(planes, channels * height, width, width, gaussianTaps(width, deviation));
  return resampleColumns(across, channels, height, width, height, gaussianTaps(height, deviation));
}
