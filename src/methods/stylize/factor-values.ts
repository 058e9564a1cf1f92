import type { LossTerm } from '../../progress.js';
import type { InputValues, Program } from '../../runtime/runtime.js';
import type { TermFactors } from '../tuned-factors.js';
import { factorInput } from './picture-loss.js';

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
