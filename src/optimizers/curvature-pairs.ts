import { StyleError } from '../errors.js';
import type { FloatArray, OptimizerState } from './optimizer.js';
import type { SavedValues } from './saved-values.js';
import { addScaled, addScaledAndDot, dot, zerosLike } from './vectors.js';

interface Pair {
  /** Change of the variables, and of the gradient. */
  readonly s: FloatArray;
  readonly y: FloatArray;
  /** `1 / (s . y)`. */
  inverse: number;
}

/** A diagonal approximation of the inverse Hessian, see `GradientMetric`. */
export interface StartingMetric {
  /** Multiplies a vector, in place, by it and a factor. */
  scale(vector: FloatArray, factor: number): void;
  /** The product of a vector, it, and the vector again. */
  weightedSquare(vector: FloatArray): number;
}

/** Below this cosine between the two changes, a pair measures rounding, or negative curvature. */
const smallestCosine = 1e-10;

/**
 * The limited memory of L-BFGS (Nocedal and Wright 2006, section 7.2): the last changes of variables and gradient, which
 * define an approximate inverse Hessian. It is always positive definite, because only pairs of positive curvature are kept.
 * Memory: two vectors per pair, allocated when first needed and reused from then on.
 */
export class CurvaturePairs {
  /** Oldest first. */
  private readonly pairs: Pair[] = [];
  /** Arrays for further pairs, those of dropped ones among them. */
  private readonly spare: Pair[] = [];

  /**
   * @param capacity the most pairs to keep
   * @throws StyleError `E_ARGUMENT` when it isn't a positive whole number
   */
  constructor(private readonly capacity: number) {
    if (Number.isInteger(capacity) && capacity > 0) return;
    throw new StyleError(
      'E_ARGUMENT',
      `L-BFGS can't keep a history of ${capacity} steps.`,
      'Give a positive whole number, such as 10.',
    );
  }

  get count(): number {
    return this.pairs.length;
  }

  /** Drops all pairs, and keeps their arrays for others of that length. */
  clear(): void {
    this.spare.push(...this.pairs.splice(0));
  }

  /** Drops all pairs and their arrays. */
  release(): void {
    this.pairs.length = 0;
    this.spare.length = 0;
  }

  /**
   * Adds a step's pair, unless its curvature isn't positive. The arrays are copied.
   * @returns whether it was added
   */
  add(from: FloatArray, to: FloatArray, gradientFrom: FloatArray, gradientTo: FloatArray): boolean {
    let [product, ofVariables, ofGradients] = [0, 0, 0];
    for (let i = 0; i < from.length; i += 1) {
      const s = to[i]! - from[i]!;
      const y = gradientTo[i]! - gradientFrom[i]!;
      product += s * y;
      ofVariables += s * s;
      ofGradients += y * y;
    }
    // The cautious update of Li and Fukushima 2001, with a threshold that doesn't depend on the loss' scale.
    const curves = product > smallestCosine * Math.sqrt(ofVariables) * Math.sqrt(ofGradients);
    if (!curves) return false;
    // Only now, into the arrays of the pair that it displaces: a pair on trial would be two more vectors.
    const displaced = this.pairs.length === this.capacity ? this.pairs.shift() : this.spare.pop();
    const pair = displaced ?? { s: zerosLike(from), y: zerosLike(from), inverse: 0 };
    for (let i = 0; i < from.length; i += 1) {
      pair.s[i] = to[i]! - from[i]!;
      pair.y[i] = gradientTo[i]! - gradientFrom[i]!;
    }
    pair.inverse = 1 / product;
    this.pairs.push(pair);
    return true;
  }

  /**
   * Multiplies a vector, in place, by the approximate inverse Hessian: the two loops of Nocedal and Wright 2006,
   * algorithm 7.4. Without pairs it multiplies by the metric alone.
   * @param metric the inverse Hessian to start from, positive, up to a factor, which is taken from the last pair
   * (equation 7.20); the identity where it is left out
   */
  multiply(vector: FloatArray, metric: StartingMetric = identity): void {
    const { pairs } = this;
    const last = pairs.at(-1);
    if (last === undefined) return metric.scale(vector, 1);
    const weights = new Float64Array(pairs.length);
    let product = dot(last.s, vector);
    for (let k = pairs.length - 1; k >= 0; k -= 1) {
      const { y, inverse } = pairs[k]!;
      weights[k] = inverse * product;
      const older = pairs[k - 1];
      if (older === undefined) addScaled(vector, -weights[k]!, y);
      else product = addScaledAndDot(vector, -weights[k]!, y, older.s);
    }
    metric.scale(vector, 1 / (last.inverse * metric.weightedSquare(last.y)));
    product = dot(pairs[0]!.y, vector);
    for (let k = 0; k < pairs.length; k += 1) {
      const { s, inverse } = pairs[k]!;
      const weight = weights[k]! - inverse * product;
      const newer = pairs[k + 1];
      if (newer === undefined) addScaled(vector, weight, s);
      else product = addScaledAndDot(vector, weight, s, newer.y);
    }
  }

  /** The pairs as parts of a state: numbers and arrays `s0`, `y0`, `inverse0` and so on, copied. */
  state(): Pick<OptimizerState, 'scalars' | 'arrays'> {
    const scalars: Record<string, number> = { pairs: this.count };
    const arrays: Record<string, FloatArray> = {};
    this.pairs.forEach(({ s, y, inverse }, k) => {
      scalars[`inverse${k}`] = inverse;
      arrays[`s${k}`] = s.slice();
      arrays[`y${k}`] = y.slice();
    });
    return { scalars, arrays };
  }

  /**
   * Restores the pairs of a state; of more than the capacity, the latest.
   * @param length of the vectors
   * @throws StyleError `E_STATE` when one is missing or of another length
   */
  restore(saved: SavedValues, length: number): void {
    const count = saved.scalar('pairs');
    const pairs: Pair[] = [];
    for (let k = Math.max(0, count - this.capacity); k < count; k += 1) {
      const [s, y] = [saved.array(`s${k}`, length), saved.array(`y${k}`, length)];
      pairs.push({ s, y, inverse: saved.scalar(`inverse${k}`) });
    }
    this.release();
    this.pairs.push(...pairs);
  }
}

const identity: StartingMetric = {
  scale(vector, factor) {
    for (let i = 0; i < vector.length; i += 1) vector[i]! *= factor;
  },
  weightedSquare: (vector) => dot(vector, vector),
};
