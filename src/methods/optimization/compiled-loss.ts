import { input, multiply, sizeOf, type NamedTensors } from '../../graph/index.js';
import type { Image, Size } from '../../images/image.js';
import type { CanvasSize } from '../plan.js';
import type { LossTerm } from '../../losses/terms.js';
import { inputsFor, type InputValues } from '../../runtime/runtime.js';
import type { ProgramCache } from '../../runtime/program-cache.js';
import { ActivationMatching, type MatchedLayers } from './activation-matching.js';
import { factorInput, pictureInput, pictureOf } from './graph-inputs.js';
import { lossWithGradient, type LossTerms } from './loss-terms.js';
import { evaluationOf, type CompiledObjective, type PictureEvaluation } from './picture-objective.js';
import { factorValues, tunedFactors } from './tuned-factors.js';
import { measuringGraphs } from './picture-values.js';
import type { GraphUse } from './walk-method.js';
import { compileMaps, compileWindows, effectiveSize, windowedGraphs } from './windowed-loss.js';

/** What is minimised of a picture of one size. */
export interface PictureLoss {
  /** The picture's, with its margin. */
  readonly size: CanvasSize;
  readonly terms: LossTerms;
  /** The picture's activations, which the host remaps for the histogram loss; undefined where that doesn't count. */
  readonly activations?: LossTerms | undefined;
  /** Whether the terms' weights are tuned: then each is multiplied by an input, see {@link factorInput}. @defaultValue false */
  readonly isTuned?: boolean;
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
  /** Binds other targets while it is in use. */
  bind(targets: InputValues): Promise<void>;
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
  const isWhole = size.window === undefined;
  return {
    role,
    index,
    size,
    graphs: () => measuringGraphs(size, terms).graphs,
    runs: isWhole ? 1 : measuringGraphs(size, terms).runs,
    isMeasured: true,
  };
}

/**
 * The graphs of a loss as a plan counts them.
 * @param role of the picture that it is about
 * @param beside graphs that stay in memory beside them and run now and then
 */
export function lossUses(
  given: PictureLoss,
  role: string,
  steps: number,
  beside?: () => readonly NamedTensors[],
): GraphUse[] {
  const { terms, activations, isTuned = false } = given;
  const size = effectiveSize(given.size, terms);
  const loss = { ...given, size };
  // Tuning takes the gradient of each term once.
  const runs = steps + (isTuned ? Object.keys(terms(pictureOf(size))).length : 0);
  const around = { role, size, ...(beside && { beside }) };
  const remapped = (at: Size): NamedTensors[] =>
    activations === undefined ? [] : [activations(pictureOf(at))];
  if (size.window === undefined)
    return [{ ...around, runs, graphs: () => [lossGraph(loss), ...remapped(size)] }];
  const { sums, slopes, windows, window, mapValues } = windowedGraphs(loss);
  const graphs = (): NamedTensors[] => [...sums, ...slopes, ...remapped(window)];
  // Targets and activations are kept whole; windows are cut of them.
  const remappedValues = remapped(size).flatMap((maps) =>
    Object.values(maps).map(({ shape }) => sizeOf(shape)),
  );
  const kept = mapValues + remappedValues.reduce((sum, values) => sum + values, 0);
  return [{ ...around, runs: runs * windows.length, graphs, hostBytes: 4 * kept }];
}

/** A loss of a picture and its targets that can be evaluated, at once or in windows. */
export interface LossEvaluator {
  /** @param inputs the picture, and those targets that are new at each evaluation */
  evaluate(inputs: InputValues): Promise<PictureEvaluation>;
  bind(targets: InputValues): Promise<void>;
  dispose(): Promise<void>;
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
  const { terms, isTuned = false } = loss;
  const size = effectiveSize(loss.size, terms);
  const activations =
    loss.activations && (await compileMaps(programs, `activations ${key}`, size, loss.activations));
  const matching = activations && new ActivationMatching(activations, matched);
  const inputsOf = async (rgb: Float32Array): Promise<InputValues> => {
    const picture = { [pictureInput]: rgb };
    return { ...picture, ...(await matching?.matched(picture)) };
  };
  const compile = size.window === undefined ? compileWhole : compileWindows;
  const factors: Record<string, InputValues[string]> = {};
  if (isTuned) {
    const gradients: Record<string, Float32Array> = {};
    for (const term of Object.keys(terms(pictureOf(size)))) {
      const alone: LossTerms = (x) => ({ [term]: terms(x)[term]! });
      const compiled = await compile(programs, `${term} ${key}`, { size, terms: alone }, targets);
      gradients[term] = (await compiled.evaluate(await inputsOf(start.rgb))).gradient;
      await compiled.dispose();
    }
    Object.assign(factors, factorValues(Object.keys(gradients), tunedFactors(gradients)));
  }
  const weighed = { size, terms: isTuned ? tuned(terms) : terms };
  const compiled = await compile(programs, key, weighed, { ...targets, ...factors });
  return {
    objective: async (rgb) => compiled.evaluate(await inputsOf(rgb)),
    bind: (values) => compiled.bind(values),
    dispose: async () => {
      await compiled.dispose();
      await activations?.dispose();
    },
  };
}

/** A loss whose graph sees the whole picture. */
async function compileWhole(
  programs: ProgramCache,
  key: string,
  loss: PictureLoss,
  targets: InputValues,
): Promise<LossEvaluator> {
  const program = await programs.acquire(`loss ${key}`, () => lossGraph(loss));
  const bind = (values: InputValues): Promise<void> => program.bind(inputsFor(program, values));
  await bind(targets);
  return {
    bind,
    evaluate: async (inputs) => evaluationOf(await program.run(inputs)),
    dispose: () => programs.release(program),
  };
}
