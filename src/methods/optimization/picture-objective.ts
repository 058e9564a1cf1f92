import type { Losses, TermFactors } from '../../losses/terms.js';
import type { OutputValues, Program } from '../../runtime/runtime.js';
import { pictureInput } from './graph-inputs.js';

/** The losses of a picture, and the gradient of their total with respect to every value of the picture. */
export interface PictureEvaluation {
  readonly losses: Losses;
  /** The next evaluation may overwrite it. */
  readonly gradient: Float32Array;
}

/**
 * What is minimised.
 * @param rgb planes of the picture with its margin; pixels may lie outside 0..1
 */
export interface PictureObjective {
  (rgb: Float32Array): Promise<PictureEvaluation>;
  /** The losses alone, where that takes less. */
  measure?(rgb: Float32Array): Promise<Losses>;
}

/** An objective with the programs that it needs, which `dispose` frees. */
export interface CompiledObjective {
  readonly objective: PictureObjective;
  dispose(): Promise<void>;
  /** Of a loss whose weights may change: the factors of its terms, as they are to be now. */
  factors?(): TermFactors;
  /** Takes factors that have changed. @returns whether the loss is another one now */
  reweigh?(): Promise<boolean>;
}

/**
 * A compiled loss (see `lossWithGradient`) as what the optimiser asks.
 * @example
 * ```ts
 * import { createNativeRuntime, graph, lossWithGradient, objectiveOf, pictureOf } from 'pastiche/engine';
 *
 * const picture = pictureOf({ width: 8, height: 8 });
 * const content = graph.sum(graph.square(graph.subtract(picture, 0.5)));
 * const runtime = createNativeRuntime();
 * const objective = objectiveOf(await runtime.compile(lossWithGradient({ content }, picture)));
 * const { losses, gradient } = await objective(new Float32Array(3 * 8 * 8));
 * console.log(losses.total, gradient[0]); // 48, -1
 * await runtime.dispose();
 * ```
 */
export function objectiveOf(loss: Program): PictureObjective {
  return async (rgb) => evaluationOf(await loss.run({ [pictureInput]: rgb }));
}

/** The losses and the gradient among the outputs of a compiled loss. */
export function evaluationOf({ gradient, ...values }: OutputValues): PictureEvaluation {
  return { losses: lossesOf(values), gradient: gradient! };
}

/** The losses among the outputs. */
export function lossesOf({ gradient: _, ...values }: OutputValues): Losses {
  const losses = Object.fromEntries(Object.entries(values).map(([term, value]) => [term, value[0]!]));
  return losses as unknown as Losses;
}
