import type { NamedTensors } from '../../graph/index.js';
import { activationHistogram, type ActivationHistogram } from '../../losses/activation-histogram.js';
import { channelStatistics } from '../../losses/channel-statistics.js';
import { gramMatrix } from '../../losses/gram.js';
import { RankTarget } from '../../ranks/rank-matching.js';
import { runOnce, type OutputValues, type Runtime } from '../../runtime/runtime.js';
import { histogramInput, pictureInput } from '../optimization/graph-inputs.js';

/** One layer of a texture against the sample. Lower is nearer; 0 is the sample itself. */
export interface LayerDistances {
  readonly layer: string;
  /** `||G - G_s||^2 / ||G_s||^2`. */
  readonly gram: number;
  /** The relative histogram loss. */
  readonly histogram: number;
  /** Means and standard deviations of the channels: the length of the difference over that of the sample's. */
  readonly mean: number;
  readonly deviation: number;
}

/** A layer's activations in the sample and in both textures, counted. */
export interface LayerHistograms {
  readonly layer: string;
  /** All channels together. */
  readonly all: ActivationHistogram;
  /** The channel that adds most to the histogram distance of the texture by Gram alone, and its own counts. */
  readonly channel: number;
  readonly one: ActivationHistogram;
}

/**
 * What the network makes of a picture.
 * @param graph a texture's activations, or its sample's, by their names as inputs of the loss
 * @returns under `relu1_1.gram` and so on the activations, the Gram matrix, and the channels' means and deviations
 */
export function measureLayers(
  runtime: Runtime,
  layers: readonly string[],
  graph: NamedTensors,
  picture: Float32Array,
): Promise<OutputValues> {
  const outputs = layers.flatMap((layer) => {
    const activations = graph[histogramInput(layer)]!;
    const kinds = { activations, gram: gramMatrix(activations, 'hw'), ...channelStatistics(activations) };
    return Object.entries(kinds).map(([kind, tensor]) => [`${layer}.${kind}`, tensor]);
  });
  return runOnce(runtime, Object.fromEntries(outputs) as NamedTensors, { [pictureInput]: picture });
}

/** How far a picture's layer is from the sample's, both as {@link measureLayers} gives them. */
export function layerDistances(layer: string, measured: OutputValues, sample: OutputValues): LayerDistances {
  const distance = (kind: string): number =>
    relativeDistance(measured[`${layer}.${kind}`]!, sample[`${layer}.${kind}`]!);
  return {
    layer,
    gram: distance('gram'),
    histogram: relativeDistance(measured[`${layer}.activations`]!, matched(layer, measured, sample)),
    mean: Math.sqrt(distance('mean')),
    deviation: Math.sqrt(distance('deviation')),
  };
}

/** Counts the activations of a layer in pictures that {@link measureLayers} has measured. */
export function layerHistograms(
  layer: string,
  { sample, gram, both }: Readonly<Record<'sample' | 'gram' | 'both', OutputValues>>,
): LayerHistograms {
  const channels = sample[`${layer}.mean`]!.length;
  const partOf = (values: Float32Array, channel: number): Float32Array => {
    const size = values.length / channels;
    return values.subarray(channel * size, (channel + 1) * size);
  };
  const name = `${layer}.activations`;
  const target = matched(layer, gram, sample);
  const shares = Array.from({ length: channels }, (_, channel) =>
    squaredDistance(partOf(gram[name]!, channel), partOf(target, channel)),
  );
  const channel = shares.indexOf(Math.max(...shares));
  const counted = (part: (values: Float32Array) => Float32Array): ActivationHistogram => {
    const sets = { sample: part(sample[name]!), gram: part(gram[name]!), both: part(both[name]!) };
    return activationHistogram(sets, binsFor(sets.sample.length));
  };
  return {
    layer,
    channel,
    all: counted((values) => values),
    one: counted((values) => partOf(values, channel)),
  };
}

/** A layer's activations with the distribution of the sample's in each channel. */
function matched(layer: string, measured: OutputValues, sample: OutputValues): Float32Array {
  const target = RankTarget.of(sample[`${layer}.activations`]!, sample[`${layer}.mean`]!.length);
  return target.match(measured[`${layer}.activations`]!);
}

/** Twice the cube root of the number of values (the rule of Rice University), within what a chart can show. */
const binsFor = (count: number): number => Math.min(Math.max(Math.ceil(2 * Math.cbrt(count)), 8), 40);

const squaredDistance = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);

/** The squared distance over the target's squared length. */
function relativeDistance(values: Float32Array, target: Float32Array): number {
  const length = target.reduce((sum, value) => sum + value ** 2, 0);
  return squaredDistance(values, target) / (length || 1);
}
