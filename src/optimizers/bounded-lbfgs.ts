import { cubicMinimum } from './cubic-interpolation.js';
import { CurvaturePairs } from './curvature-pairs.js';
import { GradientMetric } from './gradient-metric.js';
import type { Evaluation, FloatArray, Objective, Optimizer, OptimizerState, Step } from './optimizer.js';
import { SavedValues } from './saved-values.js';
import { checkBounds, SineCoordinates, type Bounds } from './sine-coordinates.js';
import {
  checkLength,
  dot,
  dotOfChange,
  largestMagnitude,
  moveAlong,
  runningSums,
  zerosLike,
  type RunningSums,
} from './vectors.js';

/** The options of {@link BoundedLbfgs}. */
export interface BoundedLbfgsOptions {
  /** The interval of every variable. @defaultValue 0 to 1 */
  readonly bounds?: Bounds;
  /** Steps to remember, two vectors each. @defaultValue 8 */
  readonly history?: number;
}

/** Sufficient decrease of a step (Nocedal and Wright 2006, equation 3.4). */
const decrease = 1e-4;
/** How far above the lowest loss so far a step may end, relative to it: the rounding error of a loss in single precision. */
const noise = 1e-6;
/** The largest change of a value in a step without curvature information, as a fraction of the range. */
const firstChange = 0.05;
/** The largest root mean square change of the values in a step, as a fraction of the range. */
const longestStep = 0.1;
/** The most lengths to try along one direction, each at most half as long as the one before. */
const trials = 12;

/** A point with its loss, and the gradient with respect to the variables. */
interface Point {
  readonly variables: FloatArray;
  readonly gradient: FloatArray;
  loss: number;
}

/** The vectors that a step needs, allocated once. The values of a point are nowhere but in the caller's `x`. */
interface Buffers {
  /** Where the last step ended, and the line search's last trial. */
  current: Point;
  trial: Point;
  metric: GradientMetric;
  /** By which it is seen whether somebody else has changed `x` since the last step. */
  sums: RunningSums;
}

/**
 * L-BFGS for variables between two bounds, for losses whose evaluations dominate the cost.
 *
 * Departures from Liu and Nocedal 1989, each because it reaches a given loss in fewer evaluations:
 * - the inverse Hessian is started from the diagonal of `GradientMetric` instead of a multiple of the identity;
 * - a step is accepted at a sufficient decrease alone, nearly always at the first trial: one evaluation per step. In place of
 *   the curvature condition, pairs without positive curvature are skipped;
 * - within the loss' rounding errors the slope decides (Hager and Zhang 2005, equation 4.1, the approximate Wolfe condition);
 * - the first step's length, and the bound on any step's, are in terms of changes of the values.
 *
 * When the line search fails it drops its history and follows the gradient; when this fails too, it has stalled. Scaling the
 * loss does not change the path.
 * @example
 * ```ts
 * import { BoundedLbfgs } from 'pastiche/engine';
 *
 * const x = Float64Array.of(3, -2);
 * const optimizer = new BoundedLbfgs({ bounds: { lower: -4, upper: 4 } });
 * for (let step = 0; step < 20; step += 1) {
 *   await optimizer.step(x, (at) => Promise.resolve({ value: at[0]! ** 2 + at[1]! ** 2, gradient: at.map((one) => 2 * one) }));
 * }
 * console.log(x);
 * ```
 */
export class BoundedLbfgs implements Optimizer {
  readonly name = 'bounded-lbfgs-sine';
  readonly descends = true;
  private readonly bounds: Bounds;
  private readonly coordinates: SineCoordinates;
  private readonly pairs: CurvaturePairs;
  private buffers: Buffers | undefined;
  /** Whether `buffers.current` is a point where the loss is known. */
  private begun = false;
  private lowest = Infinity;

  /** @throws StyleError `E_ARGUMENT` when the bounds leave no room or the history isn't a positive whole number */
  constructor({ bounds = { lower: 0, upper: 1 }, history = 8 }: BoundedLbfgsOptions = {}) {
    checkBounds(bounds);
    this.bounds = bounds;
    this.coordinates = new SineCoordinates(bounds);
    this.pairs = new CurvaturePairs(history);
  }

  async step(x: FloatArray, objective: Objective): Promise<Step> {
    const buffers = (this.buffers ??= this.allocate(x));
    checkLength('vector of variables', x, buffers.current.variables.length);
    let evaluations = 0;
    const evaluate = async (point: Point): Promise<void> => {
      this.coordinates.toValues(point.variables, x);
      const { value, gradient }: Evaluation = await objective(x);
      checkLength('gradient', gradient, x.length);
      evaluations += 1;
      this.coordinates.pullBack(point.variables, gradient, point.gradient);
      point.loss = value;
    };

    if (!this.begun || !sameSums(runningSums(x), buffers.sums)) {
      this.forget(buffers);
      this.clip(x);
      this.coordinates.fromValues(x, buffers.current.variables);
      await evaluate(buffers.current);
      if (!Number.isFinite(buffers.current.loss)) return { value: buffers.current.loss, evaluations };
      buffers.metric.add(buffers.current.gradient);
      this.lowest = buffers.current.loss;
      this.begun = true;
    }

    const value = buffers.current.loss;
    let found = false;
    try {
      for (;;) {
        const steepest = this.pairs.count === 0;
        found = await this.search(buffers, evaluate);
        if (found || steepest) break;
        this.pairs.clear();
      }
    } finally {
      if (!found) this.coordinates.toValues(buffers.current.variables, x);
      buffers.sums = runningSums(x);
    }
    if (!found) return { value, evaluations, stalled: true };
    const { current, trial } = buffers;
    this.pairs.add(current.variables, trial.variables, current.gradient, trial.gradient);
    [buffers.current, buffers.trial] = [trial, current];
    buffers.metric.add(trial.gradient);
    this.lowest = Math.min(this.lowest, trial.loss);
    return { value, evaluations };
  }

  /** Backtracks along the quasi-Newton direction until a step is acceptable. */
  private async search(buffers: Buffers, evaluate: (point: Point) => Promise<void>): Promise<boolean> {
    const { current, trial } = buffers;
    // Minus the direction to go, where the gradient of the first trial will be.
    const direction = trial.gradient;
    direction.set(current.gradient);
    this.pairs.multiply(direction, buffers.metric);
    const length = this.firstLength(direction);
    // At a minimum the direction is zero, or too small to scale.
    if (!Number.isFinite(length)) return false;
    moveAlong(current.variables, -length, direction, trial.variables);
    for (let attempt = 0; attempt < trials; attempt += 1) {
      const expected = dotOfChange(current.gradient, current.variables, trial.variables);
      // So short a step that rounding determines its slope.
      if (!(expected < 0)) return false;
      await evaluate(trial);
      const slope = dotOfChange(trial.gradient, current.variables, trial.variables);
      if (this.isGoodEnough(current.loss, trial.loss, expected, slope)) return true;
      const from = { distance: 0, value: current.loss, slope: expected };
      const part = cubicMinimum(from, { distance: 1, value: trial.loss, slope }, 0.1, 0.5);
      moveBetween(current.variables, part, trial.variables);
    }
    return false;
  }

  private firstLength(direction: FloatArray): number {
    const range = this.bounds.upper - this.bounds.lower;
    const { steepness } = this.coordinates;
    if (this.pairs.count === 0) return (firstChange * range) / (largestMagnitude(direction) * steepness);
    const rootMeanSquare = Math.sqrt(dot(direction, direction) / direction.length);
    return Math.min(1, (longestStep * range) / (rootMeanSquare * steepness));
  }

  /**
   * @param expected the change of the loss by its slope at the start, negative
   * @param slope the same by the slope at the end
   */
  private isGoodEnough(before: number, after: number, expected: number, slope: number): boolean {
    if (!Number.isFinite(after) || !Number.isFinite(slope)) return false;
    if (after <= before + decrease * expected) return true;
    return after <= this.lowest + noise * Math.abs(this.lowest) && slope <= (2 * decrease - 1) * expected;
  }

  state(): OptimizerState {
    const { scalars, arrays } = this.pairs.state();
    if (!this.begun || this.buffers === undefined) return { name: this.name, scalars, arrays };
    const { current, metric } = this.buffers;
    return {
      name: this.name,
      scalars: { ...scalars, loss: current.loss, lowest: this.lowest },
      arrays: {
        ...arrays,
        variables: current.variables.slice(),
        gradient: current.gradient.slice(),
        square: metric.state(),
      },
    };
  }

  restore(state: OptimizerState): void {
    const saved = new SavedValues(state, this.name);
    if (!saved.has('variables')) return this.reset();
    const variables = saved.array('variables');
    const buffers = this.allocate(variables);
    buffers.current.variables.set(variables);
    buffers.current.gradient.set(saved.array('gradient', variables.length));
    buffers.current.loss = saved.scalar('loss');
    buffers.metric = GradientMetric.restored(saved, variables);
    this.coordinates.toValues(variables, buffers.trial.variables);
    buffers.sums = runningSums(buffers.trial.variables);
    const lowest = saved.scalar('lowest');
    this.pairs.restore(saved, variables.length);
    this.buffers = buffers;
    this.lowest = lowest;
    this.begun = true;
  }

  private reset(): void {
    this.pairs.release();
    this.buffers = undefined;
    this.begun = false;
  }

  private forget(buffers: Buffers): void {
    this.pairs.clear();
    if (this.begun) buffers.metric = new GradientMetric(buffers.current.gradient);
    this.begun = false;
  }

  private clip(x: FloatArray): void {
    const { lower, upper } = this.bounds;
    for (let i = 0; i < x.length; i += 1) x[i] = Math.min(Math.max(x[i]!, lower), upper);
  }

  private allocate(like: FloatArray): Buffers {
    const point = (): Point => {
      return { variables: zerosLike(like), gradient: zerosLike(like), loss: NaN };
    };
    return {
      current: point(),
      trial: point(),
      metric: new GradientMetric(like),
      sums: runningSums(like),
    };
  }
}

/** Takes a point nearer to another: to a part of the way. */
function moveBetween(from: FloatArray, part: number, to: FloatArray): void {
  for (let i = 0; i < to.length; i += 1) to[i] = from[i]! + part * (to[i]! - from[i]!);
}

const sameSums = (a: RunningSums, b: RunningSums): boolean => a.values === b.values && a.sums === b.sums;
