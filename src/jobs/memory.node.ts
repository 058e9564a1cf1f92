import { freemem, totalmem } from 'node:os';
import { StyleError } from '../errors.js';

/** Bytes of memory that this process may still take, as far as the system says. */
export function availableMemory(): number {
  // Older releases of Node.js 20 don't have it; it minds the limits of containers.
  const free = typeof process.availableMemory === 'function' ? process.availableMemory() : freemem();
  // On macOS only pages that never held anything count as free, though most of the others can be had as well.
  return process.platform === 'darwin' ? Math.max(free, totalmem() / 2) : free;
}

/** Sizes that are suggested are multiples of this. */
const sizeStep = 16;

/** A work, the memory that it needs, and what to do where that is too much. */
export interface MemoryNeed {
  readonly plan: { readonly scales: readonly { readonly width: number; readonly height: number }[] };
  readonly memoryBytes: number;
  /** @param limit bytes that can be had */
  readonly memoryRemedy: (limit: number) => string;
}

/**
 * Refuses work that needs more memory than there is.
 * @param limit bytes that it may take
 * @throws StyleError `E_MEMORY`
 */
export function checkMemory(
  { plan, memoryBytes, memoryRemedy }: MemoryNeed,
  limit = availableMemory(),
): void {
  if (memoryBytes <= limit) return;
  const { width, height } = plan.scales.at(-1)!;
  throw new StyleError(
    'E_MEMORY',
    `Working at ${width}x${height} takes about ${formatGigabytes(memoryBytes)} of memory, and ${formatGigabytes(limit)} can be had.`,
    memoryRemedy(limit),
  );
}

/**
 * The remedy that names the largest size which would fit.
 * @param tooLarge, fits as for {@link largestFittingSize}
 * @param written what follows `--size` for a long side
 */
export function fittingSizeRemedy(
  tooLarge: number,
  fits: (longSide: number) => boolean,
  written: (longSide: number) => string = String,
): string {
  const size = largestFittingSize(tooLarge, fits);
  return size === undefined
    ? 'No size fits with this network: close other programs, or use a smaller network.'
    : `Use --size ${written(size)}, which fits; or close other programs, or use a smaller network.`;
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
