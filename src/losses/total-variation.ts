import {
  absolute,
  add,
  mean,
  multiply,
  pad,
  scalar,
  slice,
  square,
  subtract,
  sum,
  type Tensor,
} from '../graph/index.js';

/**
 * Which total variation:
 * - `absolute-mean`: `(mean |dx| + mean |dy|) / 2` ("Dive into Deep Learning", section 14.12);
 * - `squared-sum`: `sum dx^2 + sum dy^2` (Johnson et al. 2016 and, with a factor 1/2 in its weight, neural-style).
 */
export type TotalVariationForm = 'absolute-mean' | 'squared-sum';

/**
 * Total variation of a picture `[N, C, H, W]`, from the differences between neighbours below and to the right.
 * A side of one pixel has no neighbours and adds nothing.
 * @param border `circular`: the last row and column are neighbours of the first ones, as in a picture that repeats
 * @example
 * ```ts
 * import { graph, totalVariation } from 'pastiche/engine';
 *
 * const roughness = totalVariation(graph.input('picture', [1, 3, 64, 64]), 'absolute-mean');
 * ```
 */
export function totalVariation(
  x: Tensor,
  form: TotalVariationForm,
  border: 'open' | 'circular' = 'open',
): Tensor {
  const reduce = (difference: Tensor): Tensor =>
    form === 'absolute-mean' ? multiply(mean(absolute(difference)), 0.5) : sum(square(difference));
  const terms = [2, 3]
    .filter((axis) => x.shape[axis]! > 1)
    .map((axis) => reduce(neighbourDifference(border === 'open' ? x : closed(x, axis), axis)));
  return terms.reduce((total, term) => add(total, term), scalar(0));
}

/** With the first row or column once more behind the last. */
const closed = (x: Tensor, axis: number): Tensor =>
  pad(
    x,
    x.shape.map(() => 0),
    x.shape.map((_, i) => (i === axis ? 1 : 0)),
    'circular',
  );

function neighbourDifference(x: Tensor, axis: number): Tensor {
  const { next, previous } = neighbours(x, axis);
  return subtract(next, previous);
}

/** All values that have a neighbour before them along an axis, and all that have one behind them. */
export function neighbours(x: Tensor, axis: number): { readonly next: Tensor; readonly previous: Tensor } {
  const origin = x.shape.map(() => 0);
  const next = slice(
    x,
    origin.map((start, i) => (i === axis ? 1 : start)),
    x.shape,
  );
  const previous = slice(
    x,
    origin,
    x.shape.map((length, i) => (i === axis ? length - 1 : length)),
  );
  return { next, previous };
}
