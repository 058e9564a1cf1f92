import { StyleError } from '../errors.js';
import type { AnyMethod, MethodSubject } from '../methods/method.js';
import type { MethodPlan } from '../methods/plan.js';
import type { LoadedNetwork } from '../weights/models.js';

/** Sizes that are suggested are multiples of this. */
const sizeStep = 16;

/** The error of a run that needs more memory than there is. */
export class TooLargeError extends StyleError {
  constructor(
    message: string,
    remedy: string,
    option: string | undefined,
    /** The largest longer side that fits; undefined where none does. */
    readonly size: number | undefined,
  ) {
    super('E_MEMORY', message, remedy, option === undefined ? {} : { option });
  }
}

/**
 * Refuses a run that needs more memory than there is, with the largest size that would fit.
 * @param limit bytes that it may take
 * @throws TooLargeError
 */
export function checkMemory(
  method: AnyMethod,
  subject: MethodSubject<object, object>,
  weights: LoadedNetwork['weights'] | undefined,
  plan: MethodPlan,
  limit: number,
): void {
  if (plan.memoryBytes <= limit) return;
  const { width, height } = plan.scales.at(-1) ?? plan;
  const longSide = Math.max(width, height);
  const size = largestFittingSize(longSide, (side) => {
    const settings = method.resized?.(subject.settings, side, subject.pictures) as object | undefined;
    if (settings === undefined) return false;
    return method.plan({ ...subject, settings }, weights).memoryBytes <= limit;
  });
  const [option, value] =
    size === undefined ? [undefined, ''] : (method.sizeOption?.(size, subject) ?? ['size', String(size)]);
  throw new TooLargeError(
    `Computing at ${width}x${height} takes about ${formatGigabytes(plan.memoryBytes)} of memory, and ${formatGigabytes(limit)} are available.`,
    option === undefined
      ? `No smaller size fits: allow ${formatMegabytes(plan.memoryBytes)}, close other programs, use a smaller picture or a smaller network.`
      : `Use the ${option} ${value}, which fits; or allow ${formatMegabytes(plan.memoryBytes)}, close other programs, or use a smaller network.`,
    option,
    size,
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
  let largest: number | undefined;
  let low = 0;
  let high = Math.ceil(tooLarge / sizeStep);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const size = middle * sizeStep;
    const answer = fitsOrTooSmall(size, fits);
    if (answer === false) high = middle;
    else low = middle;
    if (answer === true) largest = size;
  }
  return largest;
}

/** Whether a size fits; undefined where the network's layers can't be reached at it. */
function fitsOrTooSmall(longSide: number, fits: (longSide: number) => boolean): boolean | undefined {
  try {
    return fits(longSide);
  } catch (error) {
    if (error instanceof StyleError && error.code === 'E_IMAGE_SIZE') return undefined;
    throw error;
  }
}

/** A limit that is enough: rounded up. */
const formatMegabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;

/** `1.3 GB`; a gigabyte has 1,000,000,000 bytes. */
export function formatGigabytes(bytes: number): string {
  return bytes < 1e8 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
