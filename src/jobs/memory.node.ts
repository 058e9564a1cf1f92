import { freemem, totalmem } from 'node:os';
import { StyleError } from '../errors.js';
import type { Image } from '../images/image.js';
import { estimateStylize, type StylizeEstimate } from '../methods/stylize/estimate.js';
import { resolveStylizeSettings, type StylizeOptions } from '../methods/stylize/options.js';
import type { VggWeights } from '../networks/vgg-weights.js';

/** Bytes of memory that this process may still take, as far as the system says. */
export function availableMemory(): number {
  // Older releases of Node.js 20 don't have it; it minds the limits of containers.
  const free = typeof process.availableMemory === 'function' ? process.availableMemory() : freemem();
  // On macOS only pages that never held anything count as free, though most of the others can be had as well.
  return process.platform === 'darwin' ? Math.max(free, totalmem() / 2) : free;
}

/** Sizes that are suggested are multiples of this. */
const sizeStep = 16;

/**
 * Refuses work that needs more memory than there is.
 * @param limit bytes that it may take
 * @param regions how many regions the work has, where it has masks
 * @throws StyleError `E_MEMORY` that names the largest size which would fit
 */
export function checkMemory(
  estimate: StylizeEstimate,
  content: Pick<Image, 'width' | 'height'>,
  weights: VggWeights,
  options: StylizeOptions,
  limit: number,
  regions?: number,
): void {
  if (estimate.memoryBytes <= limit) return;
  const { width, height } = estimate.plan.scales.at(-1)!;
  const size = largestFittingSize(Math.max(width, height), (longSide) => {
    // Scales and their steps were made for the size that does not fit.
    const smaller = { ...options, size: longSide, scales: undefined, iterations: undefined };
    const settings = resolveStylizeSettings(smaller);
    return estimateStylize(content, weights, settings, regions).memoryBytes <= limit;
  });
  throw new StyleError(
    'E_MEMORY',
    `Working at ${width}x${height} takes about ${formatGigabytes(estimate.memoryBytes)} of memory, and ${formatGigabytes(limit)} can be had.`,
    size === undefined
      ? 'No size fits with this network: close other programs, or use a smaller network, such as --network vgg19-16x.'
      : `Use --size ${size}, which fits; or close other programs, or use a smaller network.`,
  );
}

/**
 * @param tooLarge a size that does not fit
 * @param fits whether a size fits; of two sizes the smaller one does if the larger one does
 * @returns the largest that fits, or undefined when none does
 */
export function largestFittingSize(
  tooLarge: number,
  fits: (longSide: number) => boolean,
): number | undefined {
  let low = 0;
  let high = Math.ceil(tooLarge / sizeStep);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const size = middle * sizeStep;
    if (isTooSmall(size, fits) || fits(size)) low = middle;
    else high = middle;
  }
  return low === 0 || isTooSmall(low * sizeStep, fits) ? undefined : low * sizeStep;
}

/** Whether the network's layers can't be reached at this size. */
function isTooSmall(longSide: number, fits: (longSide: number) => boolean): boolean {
  try {
    fits(longSide);
    return false;
  } catch (error) {
    if (error instanceof StyleError && error.code === 'E_IMAGE_SIZE') return true;
    throw error;
  }
}

/** `1.3 GB`; a gigabyte has 1,000,000,000 bytes. */
export function formatGigabytes(bytes: number): string {
  return bytes < 1e8 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
