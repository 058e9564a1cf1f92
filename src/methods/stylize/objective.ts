import { autoTune } from '../../losses/auto-tune.js';
import type { Losses } from '../../progress.js';
import type { InputValues, Program } from '../../runtime/runtime.js';
import type { ActivationMatching } from '../activation-matching.js';
import type { PictureObjective } from '../optimize-scale.js';
import type { LossTerm } from '../../progress.js';
import { factorInput, pictureInput } from './picture-loss.js';

/** The compiled loss as what the optimiser asks. The histogram loss takes a pass more: the host remaps activations. */
export function objectiveOf(loss: Program, matching: ActivationMatching | undefined): PictureObjective {
  return async (rgb) => {
    const picture = { [pictureInput]: rgb };
    const values = await loss.run({ ...picture, ...(await matching?.matched(picture)) });
    const value = (name: keyof Losses): number => values[name]![0]!;
    const optional = (['histogram', 'laplacian'] as const).filter((name) => name in values);
    return {
      losses: {
        total: value('total'),
        content: value('content'),
        style: value('style'),
        totalVariation: value('totalVariation'),
        ...Object.fromEntries(optional.map((name) => [name, value(name)])),
      },
      gradient: values['gradient']!,
    };
  };
}

/** A factor for each term of a loss. */
export type TermFactors = Readonly<Partial<Record<LossTerm, number>>>;

/**
 * Factors that keep every term's gradient no longer than the style's (see `autoTune`), or than the first term's where
 * style doesn't count.
 * @param gradients a program of `termGradients`, its targets bound
 * @param rgb the picture that the gradients are taken at
 */
export async function tunedFactors(
  gradients: Program,
  matching: ActivationMatching | undefined,
  rgb: Float32Array,
): Promise<TermFactors> {
  const picture = { [pictureInput]: rgb };
  const values = await gradients.run({ ...picture, ...(await matching?.matched(picture)) });
  const terms = Object.keys(values);
  if (terms.length === 0) return {};
  return autoTune(values, { reference: terms.includes('style') ? 'style' : terms[0]! });
}

/** The factors as inputs of the loss; terms without one count as they are. */
export function factorValues(loss: Program, factors: TermFactors): InputValues {
  const values = Object.entries(factors).map(([term, factor]) => [
    factorInput(term as LossTerm),
    Float32Array.of(factor),
  ]);
  return { ...defaults(loss), ...(Object.fromEntries(values) as InputValues) };
}

const defaults = ({ inputs }: Program): InputValues =>
  Object.fromEntries(
    Object.keys(inputs)
      .filter((name) => name.startsWith(factorInput('')))
      .map((name) => [name, Float32Array.of(1)]),
  );
