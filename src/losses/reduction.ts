import { add, divide, mean, multiply, square, sum, type Tensor } from '../graph/index.js';

/**
 * How squared differences from a target become one number:
 * - `sum` and `mean` of them;
 * - `relative`: their sum divided by the target's sum of squares, our own: 0 is the target itself and 1 as far from it as
 *   zeros are, for every picture, size and network;
 * - `half-sum`: between features, half their sum (Gatys et al. 2016, equation 1);
 * - `gatys`: between Gram matrices, `1 / (4 C^2 (H W)^2)` times their sum (Gatys et al. 2016, equation 4; for undivided
 *   matrices);
 * - `mean-per-value`: between Gram matrices, their mean divided by C H W, as Udacity's PyTorch lesson does.
 *
 * The last three are a sum or mean with a constant that their source puts before one loss, content or style. Losses that the
 * source doesn't have are plain sums and means.
 */
export type LossReduction = 'sum' | 'mean' | 'relative' | 'half-sum' | 'gatys' | 'mean-per-value';

const kinds = {
  sum: 'sum',
  'half-sum': 'sum',
  gatys: 'sum',
  mean: 'mean',
  'mean-per-value': 'mean',
  relative: 'relative',
} as const satisfies Record<LossReduction, LossReduction>;

/** What a loss divides its sum or mean by, for the reductions that have a constant in it. */
export type ReductionDivisors = Partial<Readonly<Record<LossReduction, number>>>;

/** Squared differences from a target, summed up. */
export interface SquaredDifferences {
  readonly sum: Tensor;
  /** Their mean, divided by a number. */
  mean(divisor: number): Tensor;
  /** The target's sum of squares. */
  readonly energy: Tensor;
}

/** Keeps the loss finite for a target without any energy, such as the features of a black picture. */
const smallestEnergy = 1e-12;

/** A sum of squared differences against the energy (sum of squares) of what they are differences from. */
export const relativeTo = (sumOfSquares: Tensor, energy: Tensor): Tensor =>
  divide(sumOfSquares, add(energy, smallestEnergy));

/** A loss from {@link SquaredDifferences} that were summed up already. */
export function reduceDifferences(
  differences: SquaredDifferences,
  reduction: LossReduction,
  divisors: ReductionDivisors = {},
): Tensor {
  const divisor = divisors[reduction] ?? 1;
  return {
    sum: () => multiply(differences.sum, 1 / divisor),
    mean: () => differences.mean(divisor),
    relative: () => relativeTo(differences.sum, differences.energy),
  }[kinds[reduction]]();
}

/**
 * A loss from the squared differences of each value.
 * @param target what they are differences from
 */
export const reduce = (
  squares: Tensor,
  target: Tensor,
  reduction: LossReduction,
  divisors: ReductionDivisors = {},
): Tensor =>
  reduceDifferences(
    {
      sum: sum(squares),
      mean: (divisor) => multiply(mean(squares), 1 / divisor),
      energy: sum(square(target)),
    },
    reduction,
    divisors,
  );
