import { StyleError } from '../../errors.js';
import type { NamedTensors, Tensor } from '../../graph/index.js';
import { reluName } from '../../networks/vgg-layers.js';
import type { FloatArray } from '../../optimizers/optimizer.js';
import { createRandom } from '../../random.js';
import type { Runtime } from '../../runtime/runtime.js';
import type { ParameterSet } from '../parameter-set.js';
import type { PictureSource } from '../training.js';
import { selectChannels } from './channel-selection.js';
import { patchSize, teacherFeatures, teacherInputs, type Lesson } from './distillation-graph.js';
import { averageOver, mapMoments, patchMoments } from './feature-moments.js';
import { layerwiseSteps, type PerceptualSettings } from './perceptual-settings.js';
import { allChannels, type StudentLayer } from './student-design.js';
import { whiten, type Whitening } from './whitening.js';

/** Statistics of the teacher's features, measured before the training begins. */
export interface StudentBasis {
  readonly kept: Readonly<Record<string, readonly number[]>>;
  readonly meanSquares: Readonly<Record<string, number>>;
  /** By layer, the matrix from its trained values to weights and bias, `[9 C + 1, 9 C + 1]` in row-major order. */
  readonly bases: Readonly<Record<string, Float32Array>>;
}

type Teaching = Pick<Lesson, 'teacher' | 'layers' | 'padding'>;

/**
 * Measures the statistics of the teacher's features: its most informative channels, their mean squares, and the bases in
 * which each layer's inputs are white.
 * The parameters stay 0: from there, layerwise training converges to the least-norm weights, with 0 in directions that no
 * picture has. A student that is trained end to end from the first step gets random weights (He et al. 2015), scaled to
 * the teacher's mean squares.
 * @throws StyleError `E_NUMERIC` when a layer of the teacher is 0 on all pictures, or its features are not finite
 */
export async function measureBasis(
  runtimes: readonly Runtime[],
  teaching: Teaching,
  source: PictureSource,
  settings: PerceptualSettings,
  parameters: ParameterSet,
): Promise<StudentBasis> {
  const { layers } = teaching;
  const shape = [settings.batch, 3, settings.size, settings.size] as const;
  const all = allChannels(layers);
  const average = (outputs: (pictures: Tensor) => NamedTensors): ReturnType<typeof averageOver> =>
    averageOver({ runtimes, source, batches: settings.statisticsBatches, shape, outputs });
  const maps = await average((pictures) => {
    const features = teacherFeatures(pictures, { ...teaching, kept: all });
    return Object.fromEntries(Object.entries(features).map(([name, map]) => [name, mapMoments(map)]));
  });
  const kept = Object.fromEntries(
    layers.map(({ name, teacherChannels, outputChannels }) => [
      name,
      selectChannels(maps[name]!, teacherChannels, outputChannels),
    ]),
  );
  const meanSquares = Object.fromEntries(
    layers.map(({ name, teacherChannels }) => {
      const squares = kept[name]!.map((channel) => maps[name]![channel * (teacherChannels + 1)]!);
      return [name, checkAlive(name, squares.reduce((sum, value) => sum + value, 0) / squares.length)];
    }),
  );
  const patches = await average((pictures) => {
    const features = teacherFeatures(pictures, { ...teaching, kept });
    const seen = teacherInputs(pictures, features, teaching);
    return Object.fromEntries(
      Object.entries(seen).map(([name, map]) => [name, patchMoments(map, teaching.padding)]),
    );
  });
  const random = createRandom(settings.seed);
  const bases: Record<string, Float32Array> = {};
  for (const layer of layers) {
    const { name } = layer;
    const size = patchSize(layer);
    const whitening = whiten(patches[name]!, size, settings.damping);
    const root = Math.sqrt(meanSquares[name]!);
    const scale = root * trainingScale(layer, settings);
    bases[name] = Float32Array.from(whitening.inverse, (value) => value * scale);
    if (layerwiseSteps(settings) === 0) {
      initialize(parameters.view(name), whitening, { size, scale, root }, () => random.normal());
    }
  }
  return { kept, meanSquares, bases };
}

/** Errors are relative to the teacher's features, so these must not all be 0. */
function checkAlive(layer: string, meanSquare: number): number {
  if (meanSquare > 0 && Number.isFinite(meanSquare)) return meanSquare;
  throw new StyleError(
    'E_NUMERIC',
    `On the training pictures, the teacher's features at ${reluName(layer)} have the mean square ${meanSquare}.`,
    'Check the weights of the teacher: a layer whose features are all 0, or not finite, can not be learnt from.',
  );
}

/**
 * Square root of a layer's relative learning rate. Its error is a mean over channels, so gradients are `2 / K` of those of
 * one channel's error; and a batch with fewer positions than the layer has inputs measures only a part of the curvature, so
 * that steps have to be shorter.
 */
function trainingScale(layer: StudentLayer, { batch, size }: PerceptualSettings): number {
  const positions = batch * (size / 2 ** (layer.block - 1)) ** 2;
  return Math.sqrt((layer.outputChannels / 2) * Math.min(1, positions / (2 * patchSize(layer))));
}

/** Random weights, in the basis: `V = W L / scale`, with `W` scaled to give a mean square before the ReLU twice the teacher's behind it. */
function initialize(
  view: Float32Array,
  { factor }: Whitening,
  { size, scale, root }: { size: number; scale: number; root: number },
  normal: () => number,
): void {
  const rows = view.length / size;
  const whitened = new Float64Array(view.length);
  for (let row = 0; row < rows; row += 1) {
    const into = whitened.subarray(row * size, (row + 1) * size);
    // The bias, which is last, begins at 0.
    for (let k = 0; k < size - 1; k += 1) {
      const weight = normal();
      for (let j = 0; j <= k; j += 1) into[j] = into[j]! + weight * factor[k * size + j]!;
    }
  }
  // Whitened inputs have the mean square 1: the output's is the sum of squares.
  let squares = 0;
  for (const value of whitened) squares += value * value;
  const gain = (Math.SQRT2 * root) / Math.sqrt(squares / rows) / scale;
  for (let i = 0; i < view.length; i += 1) view[i] = whitened[i]! * gain;
}

/** The weights and the bias of a layer, `[K, 9 C + 1]` in row-major order, from its trained values: `V basis`. */
export function weightsFromBasis(values: FloatArray, basis: Float32Array, size: number): Float64Array {
  const rows = values.length / size;
  const weights = new Float64Array(values.length);
  for (let row = 0; row < rows; row += 1) {
    const into = weights.subarray(row * size, (row + 1) * size);
    for (let k = 0; k < size; k += 1) {
      const value = values[row * size + k]!;
      // The basis is a lower triangle.
      for (let j = 0; j <= k; j += 1) into[j] = into[j]! + value * basis[k * size + j]!;
    }
  }
  return weights;
}
