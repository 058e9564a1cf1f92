import { autoTune } from '../../losses/auto-tune.js';
import type { LossTerm } from '../../losses/terms.js';
import type { InputValues, Program } from '../../runtime/runtime.js';
import type { ActivationMatching } from './activation-matching.js';
import { factorInput } from './graph-inputs.js';
import { runOnPicture } from './picture-objective.js';

/** A factor for each term of a loss. */
export type TermFactors = Readonly<Partial<Record<LossTerm, number>>>;

/**
 * Factors that keep every term's gradient no longer than the style's (see `autoTune`), or than the first term's where
 * style doesn't count.
 * @param gradients a program of the terms' gradients (see `gradientsOfTerms`), its targets bound
 * @param rgb the picture that the gradients are taken at
 */
export async function tunedFactors(
  gradients: Program,
  matching: ActivationMatching | undefined,
  rgb: Float32Array,
): Promise<TermFactors> {
  const values = await runOnPicture(gradients, rgb, matching);
  const terms = Object.keys(values);
  if (terms.length === 0) return {};
  return autoTune(values, { reference: terms.includes('style') ? 'style' : terms[0]! });
}

/** The factors as inputs of the loss; terms without one count as they are. */
export function factorValues({ inputs }: Program, factors: TermFactors): InputValues {
  const names = Object.keys(inputs).filter((name) => name.startsWith(factorInput('')));
  return Object.fromEntries(
    names.map((name) => {
      const term = name.slice(factorInput('').length) as LossTerm;
      return [name, Float32Array.of(factors[term] ?? 1)];
    }),
  );
}
