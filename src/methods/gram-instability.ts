import { z } from 'zod';
import { input, type NamedTensors } from '../graph/index.js';
import { createImage, type Image } from '../images/image.js';
import { fitLongSide, resizeImage } from '../images/resize.js';
import { activationHistogram, type ActivationHistogram } from '../losses/activation-histogram.js';
import { channelStatistics } from '../losses/channel-statistics.js';
import { gramMatrix } from '../losses/gram.js';
import { histogramLayers, histogramLoss } from '../losses/histogram.js';
import { RankTarget } from '../ranks/rank-matching.js';
import type { VggWeights } from '../networks/vgg-weights.js';
import { runOnce, type OutputValues, type Runtime } from '../runtime/runtime.js';
import {
  gramLayers,
  synthesizeTexture,
  textureFeatures,
  textureScales,
  type TextureLosses,
} from './gram-instability-texture.js';
import { optionError } from './option-error.js';
import { pictureInput } from './picture-input.js';

/** What the demonstration does, and the one place of its defaults. */
export const gramInstabilityOptionsSchema = z.strictObject({
  size: z.int().min(64).max(512).default(128).describe('long side of the textures in pixels'),
  iterations: z.int().min(1).default(100).describe('optimiser steps at each of the two scales'),
  histogramWeight: z
    .number()
    .positive()
    .default(1)
    .describe('weight of the histogram loss beside the Gram loss'),
  seed: z.int().min(0).max(0x7fffffff).default(0).describe('seed of the noise that both textures begin with'),
});

/** Options of {@link demonstrateGramInstability}; what is left out has its default. */
export type GramInstabilityOptions = z.input<typeof gramInstabilityOptionsSchema>;
/** The same with nothing left out. */
export type GramInstabilitySettings = z.output<typeof gramInstabilityOptionsSchema>;

/** A map of one channel, `side` by `side`, and what losses see of it. */
export interface TextbookMap {
  readonly side: number;
  readonly values: Float32Array;
  readonly gram: number;
  readonly mean: number;
  readonly variance: number;
}

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

/** One synthesised texture. */
export interface SynthesizedTexture {
  readonly image: Image;
  readonly layers: readonly LayerDistances[];
  /** The weighted losses before each step. */
  readonly curve: readonly TextureLosses[];
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

export interface GramInstability {
  /** `histogram` is the relative histogram loss of the even map against the uneven one. */
  readonly pair: { readonly even: TextbookMap; readonly uneven: TextbookMap; readonly histogram: number };
  readonly sample: Image;
  readonly gram: SynthesizedTexture;
  readonly both: SynthesizedTexture;
  readonly histograms: readonly LayerHistograms[];
  readonly options: GramInstabilitySettings;
}

export interface GramInstabilityInput {
  /** Any picture; its transparency is left out. */
  readonly sample: Image;
  readonly options?: GramInstabilityOptions | undefined;
  /** Told after each step of which there are so many in all. */
  readonly onProgress?: ((progress: { readonly step: number; readonly steps: number }) => void) | undefined;
  /** Ends the work after a step, which throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Twice the cube root of the number of values (the rule of Rice University), within what a chart can show. */
const binsFor = (count: number): number => Math.min(Math.max(Math.ceil(2 * Math.cbrt(count)), 8), 40);

/**
 * Shows what Gram matrices can't see (Risser, Wilmot and Barnes 2017): two maps of equal Gram value and other
 * mean and variance; then a texture synthesised by the Gram loss alone beside one by Gram and histogram loss, from the same
 * noise in as many steps, with their distances from the sample and their activations counted.
 * @throws StyleError `E_ARGUMENT` for options that can't be, `E_IMAGE_SIZE` for a sample so narrow that the network's layers
 * don't fit
 */
export async function demonstrateGramInstability(
  runtime: Runtime,
  weights: VggWeights,
  work: GramInstabilityInput,
): Promise<GramInstability> {
  const parsed = gramInstabilityOptionsSchema.safeParse(work.options ?? {});
  if (!parsed.success) throw optionError(parsed.error.issues[0]!, work.options);
  const options = parsed.data;
  const { size, iterations, seed } = options;
  const { width, height } = fitLongSide(work.sample.width, work.sample.height, size);
  const opaque = createImage(work.sample.width, work.sample.height, work.sample.rgb);
  const sample = resizeImage(opaque, width, height);

  const steps = 2 * textureScales.length * iterations;
  let step = 0;
  const onStep = (): void => {
    step += 1;
    work.signal?.throwIfAborted();
    work.onProgress?.({ step, steps });
  };
  const pair = await textbookPair(runtime);
  const target = await statistics(runtime, weights, sample);
  const textures: SynthesizedTexture[] = [];
  const found: OutputValues[] = [];
  for (const histogramWeight of [0, options.histogramWeight]) {
    const task = { sample, histogramWeight, iterations, seed, onStep };
    const { image, curve } = await synthesizeTexture(runtime, weights, task);
    const own = await statistics(runtime, weights, image);
    found.push(own);
    textures.push({ image, curve, layers: gramLayers.map((layer) => distances(layer, own, target)) });
  }
  const [gram, both] = textures as [SynthesizedTexture, SynthesizedTexture];
  const histograms = histogramLayers.map((layer) => countLayer(layer, target, found[0]!, found[1]!));
  return { pair, sample, gram, both, histograms, options };
}

/** The paper's pair, measured by the losses themselves. */
async function textbookPair(runtime: Runtime): Promise<GramInstability['pair']> {
  const side = 16;
  const count = side * side;
  const even = new Float32Array(count).fill(Math.SQRT1_2);
  const uneven = Float32Array.from({ length: count }, (_, i) => (i % side < side / 2 ? 1 : 0));
  const [x, matched] = [input('x', [1, 1, side, side]), input('matched', [1, 1, side, side])];
  const program = await runtime.compile({
    gram: gramMatrix(x, 'hw'),
    histogram: histogramLoss(x, matched, 'relative'),
  });
  const target = RankTarget.of(uneven, 1);
  const measure = async (values: Float32Array): Promise<TextbookMap & { histogram: number }> => {
    const measured = await program.run({ x: values, matched: target.match(values) });
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
    const [gram, histogram] = [measured['gram']![0]!, measured['histogram']![0]!];
    return { side, values, mean, variance, gram, histogram };
  };
  try {
    const first = await measure(even);
    return { even: first, uneven: await measure(uneven), histogram: first.histogram };
  } finally {
    await program.dispose();
  }
}

/** At every layer, under `relu1_1.gram` and so on, what distances and counts are made of. */
async function statistics(runtime: Runtime, weights: VggWeights, image: Image): Promise<OutputValues> {
  const { features } = textureFeatures(weights, image, [...new Set([...gramLayers, ...histogramLayers])]);
  const outputs = Object.entries(features).flatMap(([layer, map]) => {
    const kinds = { activations: map, gram: gramMatrix(map, 'hw'), ...channelStatistics(map) };
    return Object.entries(kinds).map(([kind, tensor]) => [`${layer}.${kind}`, tensor]);
  });
  return runOnce(runtime, Object.fromEntries(outputs) as NamedTensors, { [pictureInput]: image.rgb });
}

function distances(layer: string, own: OutputValues, sample: OutputValues): LayerDistances {
  const pick = (values: OutputValues, kind: string): Float32Array => values[`${layer}.${kind}`]!;
  const squares = (kind: string): number => relative(pick(own, kind), pick(sample, kind));
  const activations = pick(own, 'activations');
  const target = RankTarget.of(pick(sample, 'activations'), pick(sample, 'mean').length);
  return {
    layer,
    gram: squares('gram'),
    histogram: relative(activations, target.match(activations)),
    mean: Math.sqrt(squares('mean')),
    deviation: Math.sqrt(squares('deviation')),
  };
}

/** The squared distance over the target's squared length. */
function relative(values: Float32Array, target: Float32Array): number {
  let [difference, length] = [0, 0];
  for (let i = 0; i < values.length; i += 1) {
    difference += (values[i]! - target[i]!) ** 2;
    length += target[i]! ** 2;
  }
  return length === 0 ? difference : difference / length;
}

function countLayer(
  layer: string,
  sample: OutputValues,
  gram: OutputValues,
  both: OutputValues,
): LayerHistograms {
  const channels = sample[`${layer}.mean`]!.length;
  const [style, own, other] = [sample, gram, both].map((values) => values[`${layer}.activations`]!) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const size = own.length / channels;
  const matched = RankTarget.of(style, channels).match(own);
  const shares = Array.from({ length: channels }, (_, channel) => {
    let sum = 0;
    for (let i = channel * size; i < (channel + 1) * size; i += 1) sum += (own[i]! - matched[i]!) ** 2;
    return sum;
  });
  const channel = shares.indexOf(Math.max(...shares));
  const counted = (part: (values: Float32Array) => Float32Array): ActivationHistogram => {
    const sets = { sample: part(style), gram: part(own), both: part(other) };
    return activationHistogram(sets, binsFor(sets.sample.length));
  };
  return {
    layer,
    all: counted((values) => values),
    channel,
    one: counted((values) => values.subarray(channel * size, (channel + 1) * size)),
  };
}
