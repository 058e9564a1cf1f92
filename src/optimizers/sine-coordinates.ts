import { StyleError } from '../errors.js';
import type { FloatArray } from './optimizer.js';

/** An interval that every variable of a problem stays in. */
export interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

/**
 * The substitution `value = middle + half * sin(variable)`: whatever the variable is, the value is in the box, and the
 * optimiser needn't know of any bounds. On a bound the sine is flat and would never let a value go. So values that start
 * within a hundredth of the range from a bound start at that distance from it.
 */
export class SineCoordinates {
  /** The most that a value changes per change of its variable. */
  readonly steepness: number;
  private readonly middle: number;

  constructor({ lower, upper }: Bounds) {
    this.middle = (lower + upper) / 2;
    this.steepness = (upper - lower) / 2;
  }

  /** The variables of values in the box. */
  fromValues(values: FloatArray, variables: FloatArray): void {
    for (let i = 0; i < values.length; i += 1) {
      const sine = (values[i]! - this.middle) / this.steepness;
      variables[i] = Math.asin(Math.min(Math.max(sine, -0.98), 0.98));
    }
  }

  /** The values of variables. */
  toValues(variables: FloatArray, values: FloatArray): void {
    const { middle, steepness } = this;
    for (let i = 0; i < values.length; i += 1) values[i] = middle + steepness * Math.sin(variables[i]!);
  }

  /** The gradient with respect to the variables, by the chain rule from the one with respect to the values. */
  pullBack(variables: FloatArray, gradient: FloatArray, out: FloatArray): void {
    const { steepness } = this;
    for (let i = 0; i < out.length; i += 1) out[i] = gradient[i]! * steepness * Math.cos(variables[i]!);
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
