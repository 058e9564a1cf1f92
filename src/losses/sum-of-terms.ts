import { add, scalar, type Tensor } from '../graph/index.js';

/**
 * The sum of some scalars; 0 where there are none.
 * @example
 * ```ts
 * import { graph, sumOfTerms } from 'pastiche/engine';
 *
 * const total = sumOfTerms([graph.scalar(1), graph.scalar(2)]);
 * ```
 */
export function sumOfTerms(terms: readonly Tensor[]): Tensor {
  return terms.length === 0 ? scalar(0) : terms.reduce((total, term) => add(total, term));
}
