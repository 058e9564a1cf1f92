import {
  absolute,
  argMax,
  castToFloat,
  less,
  max,
  multiply,
  reshape,
  subtract,
  where,
  type NamedTensors,
  type Tensor,
} from '../graph/index.js';

/**
 * Scores that differ by less than this part of the best are equal: the rounding of sums in single precision. The first of
 * them is the match, as the first best is in exact arithmetic.
 */
export const equalScores = 2e-6;

/**
 * The best of each row of scores.
 * @param scores `[rows, columns]`
 * @returns `score` and `match`, `[rows]`: the largest, and the column of the first that is equal to it
 */
export function firstBest(scores: Tensor): NamedTensors {
  const best = max(scores, [1], true);
  const threshold = subtract(best, multiply(absolute(best), equalScores));
  const match = argMax(where(less(scores, threshold), 0, 1), 1);
  return { score: reshape(best, [scores.shape[0]!]), match: castToFloat(match) };
}
