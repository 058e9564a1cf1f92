import type { FloatArray } from './optimizer.js';
import type { SavedValues } from './saved-values.js';
import { dot, zerosLike } from './vectors.js';

/** Decay of the mean squares per gradient. */
const decay = 0.9;
/** Added to the mean squares, whose average is 1, so that no variable moves much more than the others. */
const floor = 0.01;

/**
 * A diagonal approximation of the inverse Hessian: one over the root of each variable's running mean square gradient, as in
 * AdaGrad and Adam (Duchi et al. 2011; Kingma and Ba 2015). It evens out regions of a picture where the loss is much steeper
 * than in others. Gradients are normalised first: otherwise the first ones of a loss that falls by orders of magnitude would
 * dominate, and the scale of the loss would matter.
 */
export class GradientMetric {
  private readonly square: FloatArray;
  private begun = false;

  constructor(like: FloatArray) {
    this.square = zerosLike(like);
  }

  /** Multiplies a vector, in place, by a factor and the diagonal, which is defined up to a factor. */
  scale(vector: FloatArray, factor: number): void {
    const { square, begun } = this;
    const rounded = rounding(square);
    for (let i = 0; i < vector.length; i += 1)
      vector[i]! *= factor * (begun ? rounded(inverseRoot(square[i]!)) : 1);
  }

  /** `sum_i d_i a_i^2`, in double precision. */
  weightedSquare(a: FloatArray): number {
    const { square, begun } = this;
    const rounded = rounding(square);
    let sum = 0;
    for (let i = 0; i < a.length; i += 1)
      sum += (begun ? rounded(inverseRoot(square[i]!)) : 1) * a[i]! * a[i]!;
    return sum;
  }

  /** Adds the gradient at a new point. */
  add(gradient: FloatArray): void {
    const mean = dot(gradient, gradient) / gradient.length;
    if (!(mean > 0)) return;
    const kept = this.begun ? decay : 0;
    const added = (1 - kept) / mean;
    this.begun = true;
    const { square } = this;
    for (let i = 0; i < square.length; i += 1) {
      square[i] = kept * square[i]! + added * gradient[i]! * gradient[i]!;
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
    return metric;
  }
}

/** The mean squares average 1, as every gradient's squares do that go into them. */
function inverseRoot(square: number): number {
  return 1 / Math.sqrt(square + floor);
}

/** The diagonal has the precision of the variables, though it is never stored: it would be one more vector. */
const rounding = (like: FloatArray): ((value: number) => number) =>
  like instanceof Float32Array ? Math.fround : (value) => value;
