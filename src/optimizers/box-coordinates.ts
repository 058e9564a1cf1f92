import { StyleError } from '../errors.js';
import type { FloatArray } from './optimizer.js';

/** An interval that every variable of a problem stays in. */
export interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

/** How values in a box are described by the variables that an optimiser moves. */
export interface BoxCoordinates {
  /** Whether the variables are the values themselves, so that one array can be both. */
  readonly direct: boolean;
  /** The most that a value changes per change of its variable. */
  readonly steepness: number;
  /** The variables of values in the box. */
  fromValues(values: FloatArray, variables: FloatArray): void;
  /** The values of variables. */
  toValues(variables: FloatArray, values: FloatArray): void;
  /** The gradient with respect to the variables, by the chain rule from the one with respect to the values. */
  pullBack(variables: FloatArray, gradient: FloatArray, out: FloatArray): void;
  /** `out = variables + factor * direction`, brought back to where variables may be. */
  move(variables: FloatArray, factor: number, direction: FloatArray, out: FloatArray): void;
  /** Sets the components of a vector to zero that belong to a value which a bound keeps from following the gradient down. */
  hold(variables: FloatArray, gradient: FloatArray, vector: FloatArray): void;
}

/**
 * The values are the variables, and each is brought back to the nearest bound when it leaves the box. Values at a bound
 * whose gradient points outwards are held there (Bertsekas 1982, "Projected Newton methods", equation 20, with epsilon 0).
 */
export class ProjectedCoordinates implements BoxCoordinates {
  readonly direct = true;
  readonly steepness = 1;

  constructor(private readonly bounds: Bounds) {}

  fromValues(values: FloatArray, variables: FloatArray): void {
    variables.set(values);
  }

  toValues(variables: FloatArray, values: FloatArray): void {
    if (values !== variables) values.set(variables);
  }

  pullBack(_variables: FloatArray, gradient: FloatArray, out: FloatArray): void {
    out.set(gradient);
  }

  move(variables: FloatArray, factor: number, direction: FloatArray, out: FloatArray): void {
    const { lower, upper } = this.bounds;
    for (let i = 0; i < out.length; i += 1) {
      const moved = variables[i]! + factor * direction[i]!;
      out[i] = moved < lower ? lower : moved > upper ? upper : moved;
    }
  }

  hold(variables: FloatArray, gradient: FloatArray, vector: FloatArray): void {
    const { lower, upper } = this.bounds;
    for (let i = 0; i < vector.length; i += 1) {
      const at = variables[i]!;
      if ((at <= lower && gradient[i]! > 0) || (at >= upper && gradient[i]! < 0)) vector[i] = 0;
    }
  }
}

/**
 * The substitution `value = middle + half * sin(variable)`: whatever the variable is, the value is in the box, and the
 * optimiser needn't know of any bounds. On a bound the sine is flat and would never let a value go. So values that start
 * within a hundredth of the range from a bound start at that distance from it.
 */
export class SineCoordinates implements BoxCoordinates {
  readonly direct = false;
  readonly steepness: number;
  private readonly middle: number;

  constructor({ lower, upper }: Bounds) {
    this.middle = (lower + upper) / 2;
    this.steepness = (upper - lower) / 2;
  }

  fromValues(values: FloatArray, variables: FloatArray): void {
    for (let i = 0; i < values.length; i += 1) {
      const sine = (values[i]! - this.middle) / this.steepness;
      variables[i] = Math.asin(Math.min(Math.max(sine, -0.98), 0.98));
    }
  }

  toValues(variables: FloatArray, values: FloatArray): void {
    const { middle, steepness } = this;
    for (let i = 0; i < values.length; i += 1) values[i] = middle + steepness * Math.sin(variables[i]!);
  }

  pullBack(variables: FloatArray, gradient: FloatArray, out: FloatArray): void {
    const { steepness } = this;
    for (let i = 0; i < out.length; i += 1) out[i] = gradient[i]! * steepness * Math.cos(variables[i]!);
  }

  move(variables: FloatArray, factor: number, direction: FloatArray, out: FloatArray): void {
    for (let i = 0; i < out.length; i += 1) out[i] = variables[i]! + factor * direction[i]!;
  }

  hold(): void {
    // No value is ever at a bound for good.
  }
}

/**
 * Checks that there is room between two bounds.
 * @throws StyleError `E_ARGUMENT` when there is none, or a bound isn't finite
 */
export function checkBounds({ lower, upper }: Bounds): void {
  if (Number.isFinite(lower) && Number.isFinite(upper) && lower < upper) return;
  throw new StyleError(
    'E_ARGUMENT',
    `Values can't be kept between ${lower} and ${upper}.`,
    'Give two finite bounds, the lower one first.',
  );
}
