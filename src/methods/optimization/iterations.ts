import { argumentError } from '../../errors.js';

/**
 * Shares a number of steps out over scales in given proportions, whole steps to each.
 * @param total the steps of all scales together
 * @param proportions what each scale gets against the others; not all 0
 * @returns one number per scale, with exactly `total` as their sum
 */
export function shareIterations(total: number, proportions: readonly number[]): number[] {
  const sum = proportions.reduce((before, share) => before + share, 0);
  let reached = 0;
  let part = 0;
  return proportions.map((share) => {
    const before = reached;
    part += share;
    reached = Math.round((total * part) / sum);
    return reached - before;
  });
}

/**
 * The steps of each scale: as given, a number for all shared out as usual, or the usual ones.
 * @param usual the steps that each scale has where none are given
 * @throws StyleError `E_ARGUMENT` when the numbers of scales and of steps differ
 */
export function iterationsPerScale(
  scales: readonly number[],
  given: number | readonly number[] | undefined,
  usual: readonly number[],
): readonly number[] {
  if (given === undefined) return usual;
  if (typeof given === 'number') return shareIterations(given, usual);
  if (given.length === scales.length) return given;
  throw argumentError(
    'iterations',
    `There are ${given.length} numbers of iterations for ${scales.length} scales (${scales.join(', ')}).`,
    'Give one number per scale, or one number for all.',
  );
}
