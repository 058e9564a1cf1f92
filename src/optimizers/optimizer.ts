/** A vector of variables, gradients or history; inner products are summed in double precision whichever it is. */
export type FloatArray = Float32Array | Float64Array;

/** The loss and its gradient at one point. The gradient may be overwritten by the next evaluation. */
export interface Evaluation {
  readonly value: number;
  readonly gradient: FloatArray;
}

export type Objective = (x: FloatArray) => Promise<Evaluation>;

export interface Step {
  /** The loss at the point where the step began. */
  readonly value: number;
  /** Evaluations that the step took. */
  readonly evaluations: number;
  /** True when no step downwards was found: later steps won't find one either. */
  readonly stalled?: boolean;
}

/** Plain data from which an optimiser continues bit for bit. */
export interface OptimizerState {
  readonly name: string;
  readonly scalars: Readonly<Record<string, number>>;
  readonly arrays: Readonly<Record<string, FloatArray>>;
}

/** Walks down a loss, one step at a time. */
export interface Optimizer {
  readonly name: string;
  /** Moves `x`, in place, and returns the loss before the move. */
  step(x: FloatArray, objective: Objective): Promise<Step>;
  /** The state as of the last step; the arrays are copies. */
  state(): OptimizerState;
  restore(state: OptimizerState): void;
}

/** An array of the same type and length, filled with zeros. */
export function zerosLike(x: FloatArray): FloatArray {
  return x instanceof Float64Array ? new Float64Array(x.length) : new Float32Array(x.length);
}

/** `a . b` in double precision. */
export function dot(a: FloatArray, b: FloatArray): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i]! * b[i]!;
  return sum;
}

/** `y += factor * x`. */
export function addScaled(y: FloatArray, factor: number, x: FloatArray): void {
  for (let i = 0; i < y.length; i += 1) y[i]! += factor * x[i]!;
}
