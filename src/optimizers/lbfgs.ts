import { CurvaturePairs } from './curvature-pairs.js';
import {
  addScaled,
  dot,
  type FloatArray,
  type Objective,
  type Optimizer,
  type OptimizerState,
  type Step,
} from './optimizer.js';
import { strongWolfeSearch, type LinePoint } from './strong-wolfe.js';

export interface LbfgsOptions {
  /** First distance that the line search tries, 1 for a quasi-Newton step. @defaultValue 1 */
  readonly learningRate?: number;
  /** Pairs of changes to remember. @defaultValue 10 */
  readonly history?: number;
}

/** Below this a pair's curvature is not told from rounding. */
const smallestCurvature = 1e-10;

/**
 * L-BFGS (Liu and Nocedal 1989) with a strong Wolfe line search; the path of PyTorch's `LBFGS(max_iter=1,
 * line_search_fn="strong_wolfe")` with both tolerances 0. Variables are not bounded.
 */
export class Lbfgs implements Optimizer {
  readonly name = 'lbfgs';
  private readonly learningRate: number;
  private readonly pairs: CurvaturePairs;
  /** The point where the last step ended, with its loss and gradient: the next step needs no evaluation there. */
  private last: { x: FloatArray; value: number; gradient: FloatArray } | undefined;

  constructor({ learningRate = 1, history = 10 }: LbfgsOptions = {}) {
    this.learningRate = learningRate;
    this.pairs = new CurvaturePairs(history);
  }

  async step(x: FloatArray, objective: Objective): Promise<Step> {
    let evaluations = 0;
    const evaluate = async (at: FloatArray): Promise<{ value: number; gradient: FloatArray }> => {
      const { value, gradient } = await objective(at);
      evaluations += 1;
      return { value, gradient: gradient.slice() };
    };
    const known = this.last !== undefined && this.last.x.every((value, i) => value === x[i]);
    const { value, gradient } = known ? this.last! : await evaluate(x);
    if (!Number.isFinite(value)) return { value, evaluations };

    const direction = gradient.slice();
    this.pairs.apply(direction);
    for (let i = 0; i < direction.length; i += 1) direction[i] = -direction[i]!;
    const slope = dot(gradient, direction);
    if (!(slope < 0)) return { value, evaluations, stalled: true };
    const first =
      this.pairs.count === 0 ? Math.min(1, 1 / absoluteSum(gradient)) * this.learningRate : this.learningRate;

    const origin = x.slice();
    const start: LinePoint<FloatArray> = { distance: 0, value, slope, at: gradient };
    const found = await strongWolfeSearch(start, first, largestComponent(direction), async (distance) => {
      const trial = origin.slice();
      addScaled(trial, distance, direction);
      const result = await evaluate(trial);
      return { distance, value: result.value, slope: dot(result.gradient, direction), at: result.gradient };
    });
    addScaled(x, found.distance, direction);
    const s = direction;
    for (let i = 0; i < s.length; i += 1) s[i]! *= found.distance;
    const y = found.at.slice();
    addScaled(y, -1, gradient);
    this.pairs.add(s, y, smallestCurvature);
    this.last = { x: x.slice(), value: found.value, gradient: found.at };
    return found.distance === 0 ? { value, evaluations, stalled: true } : { value, evaluations };
  }

  state(): OptimizerState {
    const { last } = this;
    return {
      name: this.name,
      scalars: last === undefined ? {} : { value: last.value },
      arrays: {
        ...this.pairs.arrays(),
        ...(last === undefined ? {} : { x: last.x.slice(), gradient: last.gradient.slice() }),
      },
    };
  }

  restore({ scalars, arrays }: OptimizerState): void {
    this.pairs.restore(arrays);
    const { x, gradient } = arrays;
    this.last =
      x === undefined ? undefined : { x: x.slice(), value: scalars['value']!, gradient: gradient!.slice() };
  }
}

function absoluteSum(values: FloatArray): number {
  let sum = 0;
  for (const value of values) sum += Math.abs(value);
  return sum;
}

function largestComponent(values: FloatArray): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}
