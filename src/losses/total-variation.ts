import {
  absolute,
  add,
  mean,
  multiply,
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
 */
export function totalVariation(x: Tensor, form: TotalVariationForm): Tensor {
  const reduce = (difference: Tensor): Tensor =>
    form === 'absolute-mean' ? multiply(mean(absolute(difference)), 0.5) : sum(square(difference));
  const terms = [2, 3]
    .filter((axis) => x.shape[axis]! > 1)
    .map((axis) => reduce(neighbourDifference(x, axis)));
  return terms.reduce((total, term) => add(total, term), scalar(0));
}

function neighbourDifference(x: Tensor, axis: number): Tensor {
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
  return subtract(next, previous);
}
