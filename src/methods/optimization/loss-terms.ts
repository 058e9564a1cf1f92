import { gradients, multiply, type NamedTensors, type Tensor } from '../../graph/index.js';
import { sumOfTerms } from '../../losses/sum-of-terms.js';
import type { LossTerm } from '../../losses/terms.js';

/** The terms of a loss that count, weighted, as expressions of the picture `[1, 3, H, W]` and of inputs for its targets. */
export type LossTerms = (picture: Tensor) => NamedTensors;

/** The terms whose weight isn't 0, in the order given. */
export const activeTerms = (weights: Readonly<Partial<Record<LossTerm, number>>>): LossTerm[] =>
  (Object.keys(weights) as LossTerm[]).filter((term) => weights[term] !== 0);

/** Terms with their sum as `total`. */
export const totalled =
  (terms: LossTerms): LossTerms =>
  (x) => {
    const values = terms(x);
    return { ...values, total: sumOfTerms(Object.values(values)) };
  };

/** A term with its weight, as the one part of a sum; none where it doesn't count. */
export const weighted = (weight: number, term: () => Tensor): Tensor[] =>
  weight === 0 ? [] : [multiply(term(), weight)];

/** The terms of a loss that count, each the sum of its parts; a term without parts is left out. */
export function countedTerms(parts: Readonly<Record<string, readonly Tensor[]>>): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(parts)
      .filter(([, values]) => values.length > 0)
      .map(([term, values]) => [term, sumOfTerms(values)]),
  );
}

/**
 * What a loss graph gives: its weighted terms, their sum `total`, and its `gradient` with respect to the picture.
 * @example
 * ```ts
 * import { graph, lossWithGradient, pictureOf } from 'pastiche/engine';
 *
 * const picture = pictureOf({ width: 8, height: 8 });
 * const content = graph.sum(graph.square(graph.subtract(picture, 0.5)));
 * const { total, gradient } = lossWithGradient({ content }, picture);
 * ```
 */
export function lossWithGradient(terms: NamedTensors, picture: Tensor): NamedTensors {
  const total = sumOfTerms(Object.values(terms));
  const [gradient] = gradients(total, [picture]);
  return { ...terms, total, gradient: gradient! };
}
