import {
  add,
  divide,
  heaviside,
  input,
  matmul,
  maxPool,
  mean,
  multiply,
  relu,
  reshape,
  slice,
  square,
  subtract,
  type NamedTensors,
  type PaddingMode,
  type Shape,
  type Tensor,
} from '../../graph/index.js';
import { sumOfTerms } from '../../losses/sum-of-terms.js';
import { applyConvolution, sameSizeConvolution, vggFeatures, vggLayerFeatures } from '../../networks/vgg.js';
import { reluName, resolveLayer } from '../../networks/vgg-layers.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { TrainingGraph } from '../training-step.js';
import { keepChannels } from './feature-moments.js';
import type { StudentLayer } from './student-design.js';

/** A student's teacher and targets. */
export interface Lesson {
  readonly teacher: VggWeights;
  readonly layers: readonly StudentLayer[];
  readonly padding: PaddingMode;
  /** By layer, the teacher's channels that are the student's targets. */
  readonly kept: Readonly<Record<string, readonly number[]>>;
  /** By layer, the mean square of the teacher's kept channels, which errors are divided by. */
  readonly meanSquares: Readonly<Record<string, number>>;
}

/** Number of inputs of a student's convolution at one position: its patch and a 1 for the bias. */
export const patchSize = ({ inputChannels }: StudentLayer): number => 9 * inputChannels + 1;

/** Names and shapes of the trained parameters: each layer's weights and bias in the basis of its whitened inputs. */
export function studentParameterShapes(layers: readonly StudentLayer[]): Record<string, Shape> {
  return Object.fromEntries(layers.map((layer) => [layer.name, [layer.outputChannels, patchSize(layer)]]));
}

const basisName = (layer: string): string => `basis of ${layer}`;

/** Values for the graph's inputs that stay the same for all batches: each layer's basis, `[size, size]`. */
export function basisInputs(bases: Readonly<Record<string, Float32Array>>): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(bases).map(([layer, basis]) => [basisName(layer), basis]));
}

/** `[weights | bias] = V basis` of one layer, `[K, 9 C + 1]`, as the convolution's two operands. */
function operands(layer: StudentLayer, parameters: NamedTensors): { weight: Tensor; bias: Tensor } {
  const size = patchSize(layer);
  const { outputChannels, inputChannels, name } = layer;
  const whole = matmul(parameters[name]!, input(basisName(name), [size, size]));
  return {
    weight: reshape(slice(whole, [0, 0], [outputChannels, size - 1]), [outputChannels, inputChannels, 3, 3]),
    bias: reshape(slice(whole, [0, size - 1], [outputChannels, size]), [outputChannels]),
  };
}

/** The teacher's kept channels at every layer, by the layer's name (`conv4_2`), after the ReLU. */
export function teacherFeatures(
  pictures: Tensor,
  lesson: Omit<Lesson, 'meanSquares'>,
): Record<string, Tensor> {
  const { teacher, layers, padding, kept } = lesson;
  const names = layers.map(({ name }) => reluName(name));
  const features = vggFeatures(pictures, teacher, names, { pooling: 'max', padding });
  return Object.fromEntries(
    layers.map(({ name }) => [name, keepChannels(features[reluName(name)]!, kept[name]!)]),
  );
}

/** The input of each layer's convolution where all layers before it are the teacher's. */
export function teacherInputs(
  pictures: Tensor,
  features: NamedTensors,
  { teacher, layers }: Pick<Lesson, 'teacher' | 'layers'>,
): Record<string, Tensor> {
  let before = applyConvolution(pictures, teacher.preprocess, 'preprocess', 'zero');
  return Object.fromEntries(
    layers.map(({ name, pooled }) => {
      const layerInput = pooled ? maxPool(before, 2) : before;
      before = features[name]!;
      return [name, layerInput];
    }),
  );
}

/** The student's features at every layer, by the layer's name, after the ReLU. */
export function studentFeatures(
  pictures: Tensor,
  parameters: NamedTensors,
  { teacher, layers, padding }: Pick<Lesson, 'teacher' | 'layers' | 'padding'>,
): Record<string, Tensor> {
  const byName = Object.fromEntries(layers.map((layer) => [layer.name, operands(layer, parameters)]));
  const requested = Object.fromEntries(
    layers.map(({ name }) => [name, resolveLayer(teacher.architecture, reluName(name))]),
  );
  return vggLayerFeatures(
    applyConvolution(pictures, teacher.preprocess, 'preprocess', 'zero'),
    teacher.architecture,
    requested,
    { pooling: 'max', padding },
    (value, name) => {
      const { weight, bias } = byName[name]!;
      return sameSizeConvolution(value, weight, bias, name, padding);
    },
  );
}

/** `E[(f - t)^2] / E[t^2]` at each layer, by the name of its activation (`relu4_2`). */
function relativeErrors(
  student: NamedTensors,
  features: NamedTensors,
  lesson: Lesson,
): Record<string, Tensor> {
  return Object.fromEntries(
    lesson.layers.map(({ name }) => [
      reluName(name),
      divide(mean(square(subtract(student[name]!, features[name]!))), lesson.meanSquares[name]!),
    ]),
  );
}

/**
 * Trains all layers at once and each separately: a layer's input are the teacher's features, not the student's (blockwise
 * distillation, Wang et al. 2018), so that gradients end at each layer.
 *
 * The error is that of the values before the ReLU, as far as the teacher's features determine them: where a feature is
 * positive it is that value; where it is 0, the value was at most 0, and only values above 0 are wrong (censored regression,
 * Tobin 1958). Unlike the error after the ReLU it is convex in the weights, and no channel can die.
 */
export function layerwiseGraph(pictures: Tensor, parameters: NamedTensors, lesson: Lesson): TrainingGraph {
  const features = teacherFeatures(pictures, lesson);
  const seen = teacherInputs(pictures, features, lesson);
  const terms = Object.fromEntries(
    lesson.layers.map((layer) => {
      const { name } = layer;
      const { weight, bias } = operands(layer, parameters);
      const before = sameSizeConvolution(seen[name]!, weight, bias, name, lesson.padding);
      const positive = relu(before);
      const below = multiply(heaviside(features[name]!, 0), subtract(before, positive));
      const error = add(subtract(positive, features[name]!), below);
      return [reluName(name), divide(mean(square(error)), lesson.meanSquares[name]!)];
    }),
  );
  return { parameters, total: sumOfTerms(Object.values(terms)), terms };
}

/** Trains the student end to end, by its features at every layer (Romero et al. 2015, with hints at all layers). */
export function networkGraph(pictures: Tensor, parameters: NamedTensors, lesson: Lesson): TrainingGraph {
  const student = studentFeatures(pictures, parameters, lesson);
  const terms = relativeErrors(student, teacherFeatures(pictures, lesson), lesson);
  return { parameters, total: sumOfTerms(Object.values(terms)), terms };
}
