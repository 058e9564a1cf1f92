import { CurvaturePairs } from './curvature-pairs.js';
import {
  addScaled,
  dot,
  zerosLike,
  type FloatArray,
  type Objective,
  type Optimizer,
  type OptimizerState,
  type Step,
} from './optimizer.js';

export interface BoundedLbfgsOptions {
  readonly bounds: { readonly lower: number; readonly upper: number };
  /** Pairs of changes to remember. @defaultValue 8 */
  readonly history?: number;
}

/** The part of its range that a variable must keep from both bounds at the start: on a bound the substitution is flat. */
const startMargin = 0.01;
/** The largest change of a variable in the first step, whose length no curvature tells yet, as a part of the range. */
const firstChange = 0.05;
/** Sufficient decrease of a step (Nocedal and Wright 2006, equation 3.4). */
const decrease = 1e-4;
/** The most shortenings of one step. */
const shortenings = 12;
/** No step moves the substituted variables further than this on average: beyond it the sine is no longer near its tangent. */
const longestStep = 0.5;
/** Memory of the mean squared gradient, and the part of its mean below which a variable counts as having none. */
const metricDecay = 0.9;
const metricFloor = 0.01;
/** Pairs whose cosine between change and gradient change is below this tell no curvature. */
const smallestCosine = 1e-8;

/** A point in the substituted variables, its loss, and the gradient with respect to them. */
interface Point {
  readonly u: FloatArray;
  readonly value: number;
  readonly gradient: FloatArray;
}

/**
 * L-BFGS for variables between bounds, through the substitution `x = middle + half range * sin u`: whatever `u` is, `x` is
 * inside, so that nothing is lost by clipping in the end and the quasi-Newton model stays true.
 *
 * Departures from Liu and Nocedal 1989, each because it reaches a given loss in fewer evaluations: the Hessian is started
 * from a diagonal, the inverse root of the running mean square of the gradients (as in Adam), instead of a multiple of the
 * identity; and a step is taken as soon as the loss decreases enough, so that nearly every step is one evaluation.
 * Multiplying the loss by a number changes nothing.
 */
export class BoundedLbfgs implements Optimizer {
  readonly name = 'bounded';
  private readonly middle: number;
  private readonly half: number;
  private readonly pairs: CurvaturePairs;
  private point: Point | undefined;
  private square: FloatArray | undefined;

  constructor({ bounds, history = 8 }: BoundedLbfgsOptions) {
    this.middle = (bounds.lower + bounds.upper) / 2;
    this.half = (bounds.upper - bounds.lower) / 2;
    this.pairs = new CurvaturePairs(history);
  }

  async step(x: FloatArray, objective: Objective): Promise<Step> {
    let evaluations = 0;
    const evaluate = async (u: FloatArray): Promise<Point> => {
      this.toVariables(u, x);
      const { value, gradient } = await objective(x);
      evaluations += 1;
      return { u, value, gradient: this.substituted(u, gradient) };
    };
    this.point ??= await evaluate(this.fromVariables(x));
    const { value } = this.point;
    if (!Number.isFinite(value)) return { value, evaluations };

    for (;;) {
      const fresh = this.pairs.count === 0;
      const next = await this.search(this.point, evaluate);
      if (next !== undefined) {
        this.remember(this.point, next);
        this.point = next;
        return { value, evaluations };
      }
      // The model may be stale; without its memory the direction is the scaled gradient, which must lead downwards.
      this.pairs.clear();
      if (fresh) {
        this.toVariables(this.point.u, x);
        return { value, evaluations, stalled: true };
      }
    }
  }

  /** Tries ever shorter steps along the quasi-Newton direction until the loss has decreased enough. */
  private async search(from: Point, evaluate: (u: FloatArray) => Promise<Point>): Promise<Point | undefined> {
    const direction = from.gradient.slice();
    this.pairs.apply(direction, this.metric(from.gradient));
    const slope = -dot(from.gradient, direction);
    if (!(slope < 0)) return undefined;
    let length = Math.min(1, longestStep / Math.sqrt(dot(direction, direction) / direction.length));
    if (this.pairs.count === 0) length = (2 * firstChange) / largest(direction);
    for (let attempt = 0; attempt < shortenings; attempt += 1) {
      const u = from.u.slice();
      addScaled(u, -length, direction);
      const next = await evaluate(u);
      if (next.value <= from.value + decrease * length * slope) return next;
      // The minimum of the parabola through both losses and the slope, within reason; what is not a number is cut most.
      const parabola = (-slope * length * length) / (2 * (next.value - from.value - slope * length));
      length = parabola > 0.1 * length ? Math.min(parabola, 0.5 * length) : 0.1 * length;
    }
    return undefined;
  }

  private remember(from: Point, to: Point): void {
    const s = to.u.slice();
    addScaled(s, -1, from.u);
    const y = to.gradient.slice();
    addScaled(y, -1, from.gradient);
    this.pairs.add(s, y, smallestCosine * Math.sqrt(dot(s, s) * dot(y, y)));
  }

  /** The diagonal inverse Hessian to start from, up to a factor; takes in the gradient of a new point. */
  private metric(gradient: FloatArray): FloatArray {
    const first = this.square === undefined;
    const square = (this.square ??= zerosLike(gradient));
    const energy = dot(gradient, gradient) / gradient.length;
    const decay = first ? 0 : metricDecay;
    let mean = 0;
    for (let i = 0; i < square.length; i += 1) {
      square[i] = decay * square[i]! + ((1 - decay) * gradient[i]! * gradient[i]!) / energy;
      mean += square[i]!;
    }
    mean /= square.length;
    return square.map((value: number) => 1 / Math.sqrt(value / mean + metricFloor));
  }

  private fromVariables(x: FloatArray): FloatArray {
    const limit = 1 - 2 * startMargin;
    return x.map((value: number) =>
      Math.asin(Math.min(Math.max((value - this.middle) / this.half, -limit), limit)),
    );
  }

  private toVariables(u: FloatArray, x: FloatArray): void {
    for (let i = 0; i < u.length; i += 1) x[i] = this.middle + this.half * Math.sin(u[i]!);
  }

  private substituted(u: FloatArray, gradient: FloatArray): FloatArray {
    const result = zerosLike(u);
    for (let i = 0; i < u.length; i += 1) result[i] = gradient[i]! * this.half * Math.cos(u[i]!);
    return result;
  }

  state(): OptimizerState {
    const { point, square } = this;
    if (point === undefined) return { name: this.name, scalars: {}, arrays: {} };
    return {
      name: this.name,
      scalars: { value: point.value },
      arrays: {
        ...this.pairs.arrays(),
        u: point.u.slice(),
        gradient: point.gradient.slice(),
        square: square!.slice(),
      },
    };
  }

  restore({ scalars, arrays }: OptimizerState): void {
    this.pairs.restore(arrays);
    const { u, gradient, square } = arrays;
    this.point =
      u === undefined ? undefined : { u: u.slice(), value: scalars['value']!, gradient: gradient!.slice() };
    this.square = square?.slice();
  }
}

function largest(values: FloatArray): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}
