import type { FloatArray } from './optimizer.js';
import type { SavedValues } from './saved-values.js';
import { dot, zerosLike } from './vectors.js';

/** How much of the mean squares the next gradient leaves. */
const decay = 0.9;
/** Mean squares far below this part of their average count as this much, so that nothing moves much more than the rest. */
const floor = 0.01;

/**
 * A diagonal stand-in for the inverse Hessian: one over the root of each variable's running mean square gradient, as in
 * AdaGrad and Adam (Duchi et al. 2011; Kingma and Ba 2015). It makes up for regions of a picture where the loss is much
 * steeper than in others. Every gradient counts with its direction alone, its length divided out: losses that fall by
 * orders of magnitude would otherwise be remembered for their beginning, and the scale of the loss would matter.
 */
export class GradientMetric {
  /** Up to a factor. */
  readonly diagonal: FloatArray;
  private readonly square: FloatArray;
  private begun = false;

  constructor(like: FloatArray) {
    this.diagonal = zerosLike(like).fill(1);
    this.square = zerosLike(like);
  }

  /** Takes in the gradient at a new point. */
  add(gradient: FloatArray): void {
    const mean = dot(gradient, gradient) / gradient.length;
    if (!(mean > 0)) return;
    const kept = this.begun ? decay : 0;
    const added = (1 - kept) / mean;
    this.begun = true;
    const { square, diagonal } = this;
    for (let i = 0; i < square.length; i += 1) {
      square[i] = kept * square[i]! + added * gradient[i]! * gradient[i]!;
      // Of the square as it is stored, rounded: a restored metric is this one to the bit.
      diagonal[i] = inverseRoot(square[i]!);
    }
  }

  /** A copy of the mean squares. */
  state(): FloatArray {
    return this.square.slice();
  }

  /**
   * The metric whose {@link state} was saved as `square`.
   * @throws StyleError `E_STATE` when it wasn't, or with another length
   */
  static restored(saved: SavedValues, like: FloatArray): GradientMetric {
    const metric = new GradientMetric(like);
    metric.square.set(saved.array('square', like.length));
    metric.begun = dot(metric.square, metric.square) > 0;
    if (metric.begun)
      for (let i = 0; i < like.length; i += 1) metric.diagonal[i] = inverseRoot(metric.square[i]!);
    return metric;
  }
}

/** The mean squares average 1, as every gradient's squares do that go into them. */
function inverseRoot(square: number): number {
  return 1 / Math.sqrt(square + floor);
}
