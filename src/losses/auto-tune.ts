import { StyleError } from '../errors.js';

/** Bounds of the terms' gradients; see {@link autoTune}. */
export interface AutoTuneOptions {
  /** The term whose gradient bounds the others'. Its factor is 1. */
  readonly reference: string;
  /** By term, the norm of its gradient relative to the reference's. @defaultValue 1 */
  readonly shares?: Readonly<Record<string, number>>;
  /** The largest factor: 1 only scales gradients down, more scales weak ones up as well. @defaultValue 1 */
  readonly largest?: number;
}

/**
 * Factors for the terms of a loss that keep any of them from dominating: each term's gradient is scaled to a bounded norm
 * before they are added, `factor = min(largest, share * |g_reference| / |g|)` (after Risser, Wilmot and Barnes 2017,
 * "Automatic tuning of parameters").
 *
 * Where we depart: the paper bounds the gradient that arrives at each layer by constants, found once for its network and
 * its losses. Ours bounds each term's gradient with respect to the picture by that of another term, so that the result
 * depends neither on the network nor on the picture's size or the units of a loss. And where the paper's bounds change
 * the direction from step to step, these factors are meant as weights: computed at the beginning of a scale and kept there,
 * they define one loss that quasi-Newton methods can minimise.
 *
 * @param gradients by term, with respect to the same variables, at one point; the terms' weights are already in them
 * @returns by term; 1 for a term whose gradient is zero
 * @throws StyleError `E_ARGUMENT` when the reference is none of the terms, `E_SHAPE` when the gradients differ in length,
 * `E_NUMERIC` when one isn't finite
 * @example
 * ```ts
 * import { autoTune } from 'pastiche/engine';
 *
 * const gradients = { style: Float32Array.of(3, 4), content: Float32Array.of(0, 50) };
 * console.log(autoTune(gradients, { reference: 'style' })); // { style: 1, content: 0.1 }
 * ```
 */
export function autoTune(
  gradients: Readonly<Record<string, Float32Array>>,
  { reference, shares = {}, largest = 1 }: AutoTuneOptions,
): Record<string, number> {
  const norms = Object.fromEntries(
    Object.entries(gradients).map(([term, gradient]) => [term, normOf(term, gradient)]),
  );
  const referenceNorm = norms[reference];
  if (referenceNorm === undefined) {
    throw new StyleError(
      'E_ARGUMENT',
      `There is no term "${reference}" to compare the others with.`,
      `Name one of ${Object.keys(gradients).join(', ')}.`,
    );
  }
  checkEqualSizes(gradients);
  return Object.fromEntries(
    Object.entries(norms).map(([term, norm]) => {
      // A reference without a gradient, such as a term at its minimum, bounds nothing.
      if (term === reference || norm === 0 || referenceNorm === 0) return [term, 1];
      return [term, Math.min(largest, ((shares[term] ?? 1) * referenceNorm) / norm)];
    }),
  );
}

function normOf(term: string, gradient: Float32Array): number {
  let squares = 0;
  for (let i = 0; i < gradient.length; i += 1) squares += gradient[i]! ** 2;
  if (Number.isFinite(squares)) return Math.sqrt(squares);
  throw new StyleError(
    'E_NUMERIC',
    `The gradient of the term "${term}" is not a finite number everywhere.`,
    'Lower the learning rate or the weights.',
  );
}

function checkEqualSizes(gradients: Readonly<Record<string, Float32Array>>): void {
  const sizes = Object.values(gradients).map(({ length }) => length);
  if (sizes.every((size) => size === sizes[0])) return;
  throw new StyleError(
    'E_SHAPE',
    `Gradients of ${sizes.join(' and ')} values can't be added.`,
    'Give gradients with respect to the same picture.',
  );
}
