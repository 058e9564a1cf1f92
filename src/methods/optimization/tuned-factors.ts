import { autoTune } from '../../losses/auto-tune.js';
import type { LossTerm, TermFactors } from '../../losses/terms.js';
import type { InputValues } from '../../runtime/runtime.js';
import { factorInput } from './graph-inputs.js';

/**
 * Factors that keep every term's gradient no longer than the style's (see `autoTune`), or than the first term's where
 * style doesn't count.
 * @param gradients of the terms, by name
 */
export function tunedFactors(gradients: Readonly<Record<string, Float32Array>>): TermFactors {
  const terms = Object.keys(gradients);
  if (terms.length === 0) return {};
  return autoTune(gradients, { reference: terms.includes('style') ? 'style' : terms[0]! });
}

/** The factors as inputs of the loss. @param terms those of the loss; without a factor one counts as it is */
export const factorValues = (terms: readonly string[], factors: TermFactors): InputValues =>
  Object.fromEntries(
    terms.map((term) => [factorInput(term as LossTerm), Float32Array.of(factors[term as LossTerm] ?? 1)]),
  );
