import { input, multiply, type NamedTensors } from '../../graph/index.js';
import type { Image } from '../../images/image.js';
import type { CanvasSize } from '../plan.js';
import type { LossTerm, TermFactors } from '../../losses/terms.js';
import type { InputValues } from '../../runtime/runtime.js';
import type { ProgramCache } from '../../runtime/program-cache.js';
import { ActivationMatching, type MatchedLayers } from './activation-matching.js';
import { factorInput, pictureInput, pictureOf } from './graph-inputs.js';
import { lossWithGradient, totalled, type LossTerms } from './loss-terms.js';
import { evaluationOf, lossesOf, type CompiledObjective } from './picture-objective.js';
import { factorValues, tunedFactors } from './tuned-factors.js';
import { measuringGraphs } from './picture-values.js';
import type { GraphUse } from './walk-method.js';
import { plannedWindows, windowedGraphs } from './windowed-graphs.js';
import { compileTerms, type TermsInputs, type TermsProgram } from './windowed-program.js';

/** What is minimised of a picture of one size. */
export interface PictureLoss {
  /** The picture's, with its margin. */
  readonly size: CanvasSize;
  readonly terms: LossTerms;
  /** The picture's activations, which the host remaps for the histogram loss; undefined where that doesn't count. */
  readonly activations?: LossTerms | undefined;
  /** Whether the terms' weights are tuned: then each is multiplied by an input, see {@link factorInput}. @defaultValue false */
  readonly isTuned?: boolean;
  /** What the terms' weights are multiplied by, which may change from step to step. */
  readonly factors?: (() => TermFactors) | undefined;
}

/** What a picture is compared with, and where it begins. */
export interface LossTargets {
  /** Values of the graphs' inputs beside the picture; those that a graph doesn't read are left out. */
  readonly targets: TermsInputs;
  /** The distributions of the histogram loss. */
  readonly matched?: MatchedLayers | undefined;
  /** The picture that weights are tuned at. */
  readonly start: Image;
}

/** A loss whose targets are bound, as what the optimiser asks. */
export interface CompiledLoss extends CompiledObjective {
  /** Binds other targets while it is in use. */
  bind(targets: TermsInputs): Promise<void>;
}

/** The loss with its gradient, see `lossWithGradient`. */
export function lossGraph({ size, terms, isTuned = false }: PictureLoss): NamedTensors {
  const x = pictureOf(size);
  return lossWithGradient(isTuned ? tuned(terms)(x) : terms(x), x);
}

const tuned =
  (terms: LossTerms): LossTerms =>
  (x) =>
    Object.fromEntries(
      Object.entries(terms(x)).map(([term, value]) => [
        term,
        multiply(value, input(factorInput(term as LossTerm), [])),
      ]),
    );

/** A picture that is only measured, as a plan counts it. @param index which one of the role */
export function measuredUse(role: string, size: CanvasSize, terms: LossTerms, index = 0): GraphUse {
  const around = { role, index, size, runs: 1, isMeasured: true };
  if (size.window === undefined) return { ...around, graphs: () => measuringGraphs(size, terms).graphs };
  const { graphs, times, hostBytes } = measuringGraphs(size, terms);
  return { ...around, times, graphs: () => graphs, hostBytes };
}

/**
 * The graphs of a loss as a plan counts them.
 * @param role of the picture that it is about
 * @param beside graphs that stay in memory beside them and run now and then
 */
export function lossUses(
  loss: PictureLoss,
  role: string,
  steps: number,
  beside?: () => readonly NamedTensors[],
): GraphUse[] {
  const { size, terms, activations, isTuned = false } = loss;
  // Tuning takes the gradient of each term once.
  const runs = steps + (isTuned ? Object.keys(terms(pictureOf(size))).length : 0);
  const around = { role, size, runs, ...(beside && { beside }) };
  const windows = windowedGraphs(totalled(isTuned ? tuned(terms) : terms), size);
  if (windows === undefined) {
    const remapped = (): NamedTensors[] => (activations === undefined ? [] : [activations(pictureOf(size))]);
    return [{ ...around, graphs: () => [lossGraph(loss), ...remapped()] }];
  }
  const parts = [plannedWindows(windows), ...(activations ? [measuringGraphs(size, activations)] : [])];
  const graphs = parts.flatMap((part) => part.graphs);
  return [
    {
      ...around,
      graphs: () => graphs,
      times: parts.flatMap((part) => part.times ?? part.graphs.map(() => 1)),
      hostBytes: (isCompact) => parts.reduce((sum, part) => sum + part.hostBytes(isCompact), 0),
    },
  ];
}

/**
 * Compiles a loss, binds its targets, and tunes the weights of its terms where they are to be.
 * @param key tells the graphs from others of the same method
 */
export async function compileLoss(
  programs: ProgramCache,
  key: string,
  loss: PictureLoss,
  { targets, matched = new Map(), start }: LossTargets,
): Promise<CompiledLoss> {
  const { terms, isTuned = false, size, factors: factorsNow } = loss;
  const activations =
    loss.activations && (await compileTerms(programs, `activations ${key}`, size, loss.activations));
  const matching = activations && new ActivationMatching(activations, matched);
  const inputsOf = async (rgb: Float32Array): Promise<InputValues> => {
    const picture = { [pictureInput]: rgb };
    return { ...picture, ...(await matching?.matched(picture)) };
  };
  const compile = async (name: string, of: LossTerms, values: TermsInputs): Promise<TermsProgram> => {
    const whole = (): NamedTensors => lossGraph({ size, terms: of });
    const program = await compileTerms(programs, name, size, totalled(of), whole);
    await program.bind(values);
    return program;
  };
  const isWeighed = isTuned || factorsNow !== undefined;
  const names = isWeighed ? Object.keys(terms(pictureOf(size))) : [];
  let tunedTo: TermFactors = {};
  if (isTuned) {
    const gradients: Record<string, Float32Array> = {};
    for (const term of names) {
      const compiled = await compile(`loss of ${term} ${key}`, (x) => ({ [term]: terms(x)[term]! }), targets);
      gradients[term] = (await compiled.run(await inputsOf(start.rgb)))['gradient']!;
      await compiled.dispose();
    }
    tunedTo = tunedFactors(gradients);
  }
  let taken = factorsNow?.() ?? {};
  const factors = (): InputValues => factorValues(names, productOf(names, tunedTo, taken));
  const compiled = isWeighed
    ? await compile(`weighed loss ${key}`, tuned(terms), { ...targets, ...factors() })
    : await compile(`loss ${key}`, terms, targets);
  return {
    ...(factorsNow !== undefined && {
      factors: () => taken,
      reweigh: async () => {
        const asked = factorsNow();
        if (names.every((name) => factorOf(asked, name) === factorOf(taken, name))) return false;
        taken = { ...asked };
        await compiled.bind(factors());
        return true;
      },
    }),
    objective: Object.assign(
      async (rgb: Float32Array) => evaluationOf(await compiled.run(await inputsOf(rgb))),
      { measure: async (rgb: Float32Array) => lossesOf(await compiled.measure(await inputsOf(rgb))) },
    ),
    bind: (values) => compiled.bind(values),
    dispose: async () => {
      await compiled.dispose();
      await activations?.dispose();
    },
  };
}

const factorOf = (factors: TermFactors, term: string): number => factors[term as LossTerm] ?? 1;

const productOf = (terms: readonly string[], one: TermFactors, other: TermFactors): TermFactors =>
  Object.fromEntries(terms.map((term) => [term, factorOf(one, term) * factorOf(other, term)]));
