import { argumentError } from '../errors.js';

/**
 * Checks a number of threads, where one is given.
 * @throws StyleError `E_ARGUMENT` when it is not a whole number from 1 to far more than any machine has
 */
export function checkThreadCount(threads: number | undefined): number | undefined {
  if (threads === undefined || (Number.isInteger(threads) && threads >= 1 && threads <= 1024)) return threads;
  throw argumentError(
    'threads',
    `The number of threads can't be ${String(threads)}.`,
    'It takes a whole number from 1 to 1024.',
  );
}

/**
 * Threads that a run is computed with: no more than there are processors. More of them have nothing to compute on, and beside other work
 * four were slower than two on two processors.
 */
export const usedThreads = (asked: number, processors: number): number => Math.min(asked, processors);
