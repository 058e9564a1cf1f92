import { input, multiply, type NamedTensors, type Tensor } from '../../graph/index.js';
import type { Image, Size } from '../../images/image.js';
import type { LossTerm } from '../../losses/terms.js';
import type { InputValues, Program } from '../../runtime/runtime.js';
import type { ProgramCache } from '../../runtime/program-cache.js';
import { ActivationMatching, type MatchedLayers } from './activation-matching.js';
import { factorInput, pictureOf } from './graph-inputs.js';
import { gradientsOfTerms, lossWithGradient } from './loss-terms.js';
import { objectiveOf, type CompiledObjective } from './picture-objective.js';
import { factorValues, tunedFactors } from './tuned-factors.js';
import type { GraphUse } from './walk-method.js';

/** The graphs that a picture of one size is optimised with. */
export interface LossGraphs {
  /** The loss with its gradient, see `lossWithGradient`. */
  loss(): NamedTensors;
  /** The picture's activations, which the host remaps for the histogram loss; undefined where that doesn't count. */
  readonly activations?: (() => NamedTensors) | undefined;
  /** The gradient of each term, see `gradientsOfTerms`; undefined unless the terms' weights are tuned. */
  readonly termGradients?: (() => NamedTensors) | undefined;
}

/** What a picture is compared with, and where it begins. */
export interface LossTargets {
  /** Values of the graphs' inputs beside the picture; those that a graph doesn't read are left out. */
  readonly targets: InputValues;
  /** The distributions of the histogram loss. */
  readonly matched?: MatchedLayers | undefined;
  /** The picture that weights are tuned at. */
  readonly start: Image;
}

/** A loss whose targets are bound, as what the optimiser asks. */
export interface CompiledLoss extends CompiledObjective {
  /** Other values may be bound while it is in use. */
  readonly program: Program;
}

/**
 * The graphs of a loss from its terms, each multiplied by an input where they are tuned, see {@link factorInput}.
 * @param terms of the picture: those that count, weighted
 */
export function tunableLoss(
  size: Size,
  isTuned: boolean,
  terms: (picture: Tensor) => NamedTensors,
): Pick<LossGraphs, 'loss' | 'termGradients'> {
  const x = pictureOf(size);
  const tuned = (): NamedTensors =>
    Object.fromEntries(
      Object.entries(terms(x)).map(([term, value]) => [
        term,
        multiply(value, input(factorInput(term as LossTerm), [])),
      ]),
    );
  return {
    loss: () => lossWithGradient(isTuned ? tuned() : terms(x), x),
    termGradients: isTuned ? () => gradientsOfTerms(terms(x), x) : undefined,
  };
}

/** A picture that is only measured, as a plan counts it. @param index which one of the role */
export const measuredUse = (role: string, size: Size, graph: () => NamedTensors, index = 0): GraphUse => ({
  role,
  index,
  size,
  graphs: () => [graph()],
  runs: 1,
  isMeasured: true,
});

/**
 * The graphs of a loss as a plan counts them.
 * @param at the role of the picture that they are about, and its size with its margin
 * @param beside graphs that stay in memory beside them and run now and then
 */
export function lossUses(
  { loss, activations, termGradients }: LossGraphs,
  at: { readonly role: string; readonly size: Size },
  steps: number,
  beside?: () => readonly NamedTensors[],
): GraphUse[] {
  const remapped = (): NamedTensors[] => (activations === undefined ? [] : [activations()]);
  const uses: GraphUse[] = [
    { ...at, graphs: () => [loss(), ...remapped()], runs: steps, ...(beside && { beside }) },
  ];
  if (termGradients === undefined) return uses;
  return [...uses, { ...at, graphs: () => [termGradients(), ...remapped()], runs: 1 }];
}

/**
 * Compiles a loss, binds its targets, and tunes the weights of its terms where they are to be.
 * @param key tells the graphs from others of the same method
 */
export async function compileLoss(
  programs: ProgramCache,
  key: string,
  graphs: LossGraphs,
  { targets, matched = new Map(), start }: LossTargets,
): Promise<CompiledLoss> {
  const bind = (program: Program, values: InputValues): Promise<void> =>
    program.bind(Object.fromEntries(Object.entries(values).filter(([name]) => name in program.inputs)));
  const activations =
    graphs.activations && (await programs.acquire(`activations ${key}`, graphs.activations));
  const matching = activations && new ActivationMatching(activations, matched);
  const factors =
    graphs.termGradients === undefined
      ? {}
      : await programs.use(`gradients ${key}`, graphs.termGradients, async (gradients) => {
          await bind(gradients, targets);
          return tunedFactors(gradients, matching, start.rgb);
        });
  const program = await programs.acquire(`loss ${key}`, () => graphs.loss());
  await bind(program, { ...targets, ...factorValues(program, factors) });
  return {
    program,
    objective: objectiveOf(program, matching),
    dispose: async () => {
      await programs.release(program);
      await programs.release(activations);
    },
  };
}
