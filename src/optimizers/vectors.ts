import { StyleError } from '../errors.js';
import type { FloatArray } from './optimizer.js';

// Sums have several accumulators, since each addition to a single one would wait for the one before.

/** `a . b`, summed in double precision. */
export function dot(a: FloatArray, b: FloatArray): number {
  const whole = a.length - (a.length % 4);
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let i = 0; i < whole; i += 4) {
    s0 += a[i]! * b[i]!;
    s1 += a[i + 1]! * b[i + 1]!;
    s2 += a[i + 2]! * b[i + 2]!;
    s3 += a[i + 3]! * b[i + 3]!;
  }
  for (let i = whole; i < a.length; i += 1) s0 += a[i]! * b[i]!;
  return s0 + s1 + (s2 + s3);
}

/** `a . (to - from)`, in double precision. */
export function dotOfChange(a: FloatArray, from: FloatArray, to: FloatArray): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i]! * (to[i]! - from[i]!);
  return sum;
}

/** `y += factor * x`. */
export function addScaled(y: FloatArray, factor: number, x: FloatArray): void {
  for (let i = 0; i < y.length; i += 1) y[i]! += factor * x[i]!;
}

/** `out = x + factor * direction`. */
export function moveAlong(x: FloatArray, factor: number, direction: FloatArray, out: FloatArray): void {
  for (let i = 0; i < x.length; i += 1) out[i] = x[i]! + factor * direction[i]!;
}

/** `y += factor * x`, and then `y . z` in double precision, in one pass through memory. */
export function addScaledAndDot(y: FloatArray, factor: number, x: FloatArray, z: FloatArray): number {
  const whole = y.length - (y.length % 2);
  let [s0, s1] = [0, 0];
  for (let i = 0; i < whole; i += 2) {
    const first = y[i]! + factor * x[i]!;
    const second = y[i + 1]! + factor * x[i + 1]!;
    y[i] = first;
    y[i + 1] = second;
    s0 += first * z[i]!;
    s1 += second * z[i + 1]!;
  }
  for (let i = whole; i < y.length; i += 1) {
    const last = y[i]! + factor * x[i]!;
    y[i] = last;
    s0 += last * z[i]!;
  }
  return s0 + s1;
}

/** `sum_i |a_i|`, in double precision. */
export function sumOfMagnitudes(a: FloatArray): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += Math.abs(a[i]!);
  return sum;
}

/** `max_i |a_i|`; 0 for an empty vector. */
export function largestMagnitude(a: FloatArray): number {
  let largest = 0;
  for (let i = 0; i < a.length; i += 1) {
    const magnitude = Math.abs(a[i]!);
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
}

/** Whether two vectors hold the same numbers. */
export function sameValues(a: FloatArray, b: FloatArray): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

/** What a vector adds up to, and what the sums of its beginnings do: a vector that was changed has others (Fletcher's checksum). */
export interface RunningSums {
  readonly values: number;
  readonly sums: number;
}

/** Sums in double precision, by which a vector is known again. */
export function runningSums(a: FloatArray): RunningSums {
  const whole = a.length - (a.length % 4);
  let [v0, v1, v2, v3] = [0, 0, 0, 0];
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  // Four sums, of every fourth value each. No whole numbers of their weights add up to the same: two values that change places are seen.
  for (let i = 0; i < whole; i += 4) {
    s0 += v0 += a[i]!;
    s1 += v1 += a[i + 1]!;
    s2 += v2 += a[i + 2]!;
    s3 += v3 += a[i + 3]!;
  }
  for (let i = whole; i < a.length; i += 1) s0 += v0 += a[i]!;
  return {
    values: v0 + v1 + (v2 + v3),
    sums: s0 + Math.SQRT2 * s1 + (Math.sqrt(3) * s2 + Math.sqrt(5) * s3),
  };
}

/** A vector of the same type and length, filled with zeros. */
export function zerosLike(x: FloatArray): FloatArray {
  return x instanceof Float64Array ? new Float64Array(x.length) : new Float32Array(x.length);
}

/**
 * Checks that a vector has the length that is expected of it.
 * @param what its name, for the message
 * @throws StyleError `E_SHAPE` when it hasn't
 */
export function checkLength(what: string, vector: FloatArray, expected: number): void {
  if (vector.length === expected) return;
  throw new StyleError(
    'E_SHAPE',
    `The ${what} of an optimiser's step has ${vector.length} values where ${expected} are expected.`,
    "Give the objective's gradient one value per variable, and make another optimiser for another number of variables.",
  );
}
