import type { Losses } from '../../losses/terms.js';
import type { NamedTensors } from '../../graph/index.js';
import type { Image } from '../../images/image.js';
import type { InputValues, OutputValues, Program } from '../../runtime/runtime.js';
import type { ProgramCache } from '../../runtime/program-cache.js';
import type { ActivationMatching } from './activation-matching.js';
import { pictureInput } from './graph-inputs.js';

/** The losses of a picture, and the gradient of their total with respect to every value of the picture. */
export interface PictureEvaluation {
  readonly losses: Losses;
  readonly gradient: Float32Array;
}

/**
 * What is minimised.
 * @param rgb planes of the picture with its margin; pixels may lie outside 0..1
 */
export type PictureObjective = (rgb: Float32Array) => Promise<PictureEvaluation>;

/** An objective with the programs that it needs, which `dispose` frees. */
export interface CompiledObjective {
  readonly objective: PictureObjective;
  dispose(): Promise<void>;
}

/** What a program computes of a picture. The histogram loss takes a pass more: the host remaps activations. */
export async function runOnPicture(
  program: Program,
  rgb: Float32Array,
  matching?: ActivationMatching,
): Promise<OutputValues> {
  const picture = { [pictureInput]: rgb };
  return program.run({ ...picture, ...(await matching?.matched(picture)) });
}

/**
 * What a graph computes of a picture; nothing where the graph has no outputs.
 * @param key tells the graph from others of the same method
 * @param inputs values of its inputs beside the picture
 */
export async function pictureValues(
  programs: ProgramCache,
  key: string,
  graph: NamedTensors,
  { rgb }: Image,
  inputs?: InputValues,
): Promise<OutputValues> {
  if (Object.keys(graph).length === 0) return {};
  return programs.use(
    key,
    () => graph,
    (program) => program.run({ [pictureInput]: rgb, ...inputs }),
  );
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
export function objectiveOf(loss: Program, matching?: ActivationMatching): PictureObjective {
  return async (rgb) => {
    const { gradient, ...values } = await runOnPicture(loss, rgb, matching);
    const losses = Object.fromEntries(Object.entries(values).map(([term, value]) => [term, value[0]!]));
    return { losses: losses as unknown as Losses, gradient: gradient! };
  };
}
