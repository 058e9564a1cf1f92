import type { LinePoint } from './cubic-interpolation.js';
import { CurvaturePairs } from './curvature-pairs.js';
import type { Evaluation, FloatArray, Objective, Optimizer, OptimizerState, Step } from './optimizer.js';
import { SavedValues } from './saved-values.js';
import { strongWolfeSearch } from './strong-wolfe.js';
import {
  checkLength,
  dot,
  largestMagnitude,
  moveAlong,
  sameValues,
  sumOfMagnitudes,
  zerosLike,
} from './vectors.js';

/** The options of {@link Lbfgs}. */
export interface LbfgsOptions {
  /** First distance that the line search tries; 1 is the quasi-Newton step itself. @defaultValue 1 */
  readonly learningRate?: number;
  /** Steps to remember, two vectors each. @defaultValue 10 */
  readonly history?: number;
}

/** The vectors that a step needs, allocated once. */
interface Buffers {
  /** Where the last step ended, and the gradient there. */
  x: FloatArray;
  gradient: FloatArray;
  /** The line search's last trial, and the gradients there and at its best one. */
  trial: FloatArray;
  trialGradient: FloatArray;
  bestGradient: FloatArray;
  readonly direction: FloatArray;
}

/**
 * L-BFGS (Liu and Nocedal 1989) with a line search for the strong Wolfe conditions; variables are not bounded. It follows
 * the path of PyTorch's `LBFGS(max_iter=1, line_search_fn="strong_wolfe", tolerance_grad=0, tolerance_change=0)`, except
 * that a pair's curvature is judged relative to its size: PyTorch skips every pair of a small loss.
 * @example
 * ```ts
 * import { Lbfgs } from 'pastiche/engine';
 *
 * const x = Float64Array.of(3, -2);
 * const optimizer = new Lbfgs();
 * for (let step = 0; step < 20; step += 1) {
 *   await optimizer.step(x, (at) => Promise.resolve({ value: at[0]! ** 2 + at[1]! ** 2, gradient: at.map((one) => 2 * one) }));
 * }
 * console.log(x);
 * ```
 */
export class Lbfgs implements Optimizer {
  readonly name = 'lbfgs';
  readonly descends = true;
  private readonly learningRate: number;
  private readonly pairs: CurvaturePairs;
  private buffers: Buffers | undefined;
  /** The loss where the last step ended; `undefined` before the first. */
  private value: number | undefined;

  /** @throws StyleError `E_ARGUMENT` when the history isn't a positive whole number */
  constructor({ learningRate = 1, history = 10 }: LbfgsOptions = {}) {
    this.learningRate = learningRate;
    this.pairs = new CurvaturePairs(history);
  }

  async step(x: FloatArray, objective: Objective): Promise<Step> {
    const buffers = (this.buffers ??= allocate(x));
    checkLength('vector of variables', x, buffers.x.length);
    let evaluations = 0;
    const evaluate = async (at: FloatArray, gradient: FloatArray): Promise<number> => {
      const result: Evaluation = await objective(at);
      checkLength('gradient', result.gradient, at.length);
      evaluations += 1;
      gradient.set(result.gradient);
      return result.value;
    };
    if (this.value === undefined || !sameValues(x, buffers.x)) {
      this.value = undefined;
      buffers.x.set(x);
      const there = await evaluate(x, buffers.gradient);
      if (!Number.isFinite(there)) return { value: there, evaluations };
      this.value = there;
    }
    const value = this.value;

    const { direction } = buffers;
    direction.set(buffers.gradient);
    this.pairs.multiply(direction);
    for (let i = 0; i < direction.length; i += 1) direction[i] = -direction[i]!;
    const slope = dot(buffers.gradient, direction);
    if (!(slope < 0)) return { value, evaluations, stalled: true };
    const steepest = this.pairs.count === 0;
    const first = steepest ? Math.min(1, 1 / sumOfMagnitudes(buffers.gradient)) : 1;

    const at = async (distance: number): Promise<LinePoint> => {
      moveAlong(buffers.x, distance, direction, buffers.trial);
      const there = await evaluate(buffers.trial, buffers.trialGradient);
      return { distance, value: there, slope: dot(buffers.trialGradient, direction) };
    };
    const keep = (): void => {
      [buffers.bestGradient, buffers.trialGradient] = [buffers.trialGradient, buffers.bestGradient];
    };
    const start: LinePoint = { distance: 0, value, slope };
    const largest = largestMagnitude(direction);
    const end = await strongWolfeSearch({ at, keep }, start, first * this.learningRate, largest);
    if (end.distance === 0) {
      // The line search found no lower point: without pairs the next step follows the gradient.
      this.pairs.clear();
      return { value, evaluations, ...(steepest && { stalled: true }) };
    }
    moveAlong(buffers.x, end.distance, direction, buffers.trial);
    this.pairs.add(buffers.x, buffers.trial, buffers.gradient, buffers.bestGradient);
    [buffers.x, buffers.trial] = [buffers.trial, buffers.x];
    [buffers.gradient, buffers.bestGradient] = [buffers.bestGradient, buffers.gradient];
    this.value = end.value;
    x.set(buffers.x);
    return { value, evaluations };
  }

  state(): OptimizerState {
    const { scalars, arrays } = this.pairs.state();
    if (this.value === undefined || this.buffers === undefined) return { name: this.name, scalars, arrays };
    const { x, gradient } = this.buffers;
    return {
      name: this.name,
      scalars: { ...scalars, value: this.value },
      arrays: { ...arrays, x: x.slice(), gradient: gradient.slice() },
    };
  }

  restore(state: OptimizerState): void {
    const saved = new SavedValues(state, this.name);
    if (!saved.has('x')) return this.reset();
    const x = saved.array('x');
    const gradient = saved.array('gradient', x.length);
    const value = saved.scalar('value');
    this.pairs.restore(saved, x.length);
    this.buffers = { ...allocate(x), x, gradient };
    this.value = value;
  }

  private reset(): void {
    this.pairs.release();
    this.buffers = undefined;
    this.value = undefined;
  }
}

function allocate(like: FloatArray): Buffers {
  return {
    x: zerosLike(like),
    gradient: zerosLike(like),
    trial: zerosLike(like),
    trialGradient: zerosLike(like),
    bestGradient: zerosLike(like),
    direction: zerosLike(like),
  };
}
