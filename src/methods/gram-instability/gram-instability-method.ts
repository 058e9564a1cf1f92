import { z } from 'zod';
import { throwIfAborted } from '../../abort.js';
import { StyleError } from '../../errors.js';
import type { Image, Size } from '../../images/image.js';
import { fitLongSide, resizeImage } from '../../images/resize.js';
import type { OutputValues } from '../../runtime/runtime.js';
import { shortNumber } from '../facts.js';
import type { Method, MethodOutcome, MethodTask } from '../method.js';
import type { OptimizedPicture } from '../optimization/walk-method.js';
import { parseOptions, seed } from '../options.js';
import type { MethodPlan, PlannedScale } from '../plan.js';
import { ProgramCache } from '../../runtime/program-cache.js';
import type { Progress } from '../progress.js';
import type { TextureSettings } from '../texture/options.js';
import { pictureOf } from '../optimization/graph-inputs.js';
import { textureActivations } from '../texture/texture-loss.js';
import { texture, type TexturePictures } from '../texture/texture-method.js';
import {
  layerDistances,
  layerHistograms,
  measureLayers,
  type LayerDistances,
  type LayerHistograms,
} from './layer-measurement.js';
import { textbookPair, type TextbookPair } from './textbook-pair.js';

const schema = z.strictObject({
  size: z.int().min(64).max(512).describe('long side of the textures in pixels').default(128),
  iterations: z.int().min(1).describe('optimiser steps at each of the two scales').default(100),
  histogramWeight: z
    .number()
    .positive()
    .describe('weight of the histogram loss beside the Gram loss')
    .default(1),
  seed: seed.describe('seed of the noise that both textures begin with'),
});
type Settings = z.output<typeof schema>;

/** One of the two textures. */
export type MeasuredTexture = OptimizedPicture & { readonly layers: readonly LayerDistances[] };

export interface GramInstability extends MethodOutcome {
  readonly pair: TextbookPair;
  /** The sample as the textures are made after it, and its size before. */
  readonly sample: Image;
  readonly original: Size;
  /** The texture by Gram alone, and the one with histograms. */
  readonly gram: MeasuredTexture;
  readonly both: MeasuredTexture;
  readonly histograms: readonly LayerHistograms[];
}

/**
 * Shows what Gram matrices can't see (Risser, Wilmot and Barnes 2017): two maps of equal Gram value and other mean and
 * variance; then a texture by the Gram loss alone beside one by Gram and histogram loss, from the same noise in as many
 * steps, with their distances from the sample and their activations counted.
 */
export const gramInstability: Method<z.input<typeof schema>, Settings, TexturePictures, GramInstability> = {
  name: 'gram-instability',
  group: 'demo',
  description: "what Gram matrices can't see, and the histogram loss that does",
  roles: [
    {
      name: 'sample',
      description: "the picture to make textures after (default: Hokusai's wave)",
      argument: true,
      example: 'great-wave.jpg',
    },
  ],
  batch: false,
  options: schema,
  examples: [
    { pictures: {} },
    { pictures: { sample: 'bark.jpg' }, output: 'page.html', options: { histogramWeight: 3 } },
  ],
  notes: 'The page needs nothing but itself.',
  output: { kind: 'page', fileName: 'gram-instability.html' },
  resolve: (options) => parseOptions(schema, options),
  network: () => undefined,
  plan({ settings, pictures }, weights) {
    const sources = { sample: fittedSample(pictures, settings), original: pictures.sample };
    const { gram, both } = textureSettings(settings);
    const [first, second] = [gram, both].map((one) =>
      texture.plan({ settings: one, pictures: sources }, weights),
    ) as [MethodPlan, MethodPlan];
    const labelled = (text: string, { scales }: MethodPlan): PlannedScale[] =>
      scales.map((scale) => ({ ...scale, label: `${text}, ${scale.width}x${scale.height}` }));
    return {
      ...second,
      scales: [...labelled('Gram alone', first), ...labelled('with histograms', second)],
      operations: first.operations + second.operations,
    };
  },
  resized: (settings, size, _pictures, steps) => ({
    ...settings,
    size,
    iterations: steps ?? settings.iterations,
  }),
  terms: () => ['style', 'histogram'],
  run: demonstrate,
  describe({ histogramWeight, seed: number }, names, { scales }) {
    const steps = scales.map(({ iterations, width, height }) => `${iterations} at ${width}x${height}`);
    return {
      title: `what Gram matrices can't see of ${names['sample']!.join(', ')}`,
      facts: [
        ['Steps of each texture', steps.slice(scales.length / 2).join(', ')],
        ['Weight of the histogram loss', String(histogramWeight)],
        ['Seed', String(number)],
      ],
    };
  },
  summarize: ({ pair, gram, both }) => [
    ['Distance', 'Gram: alone', 'with histograms', 'histogram: alone', 'with histograms'],
    ...gram.layers.map(({ layer, ...alone }, index) => {
      const other = both.layers[index]!;
      return [`  ${layer}`, ...[alone.gram, other.gram, alone.histogram, other.histogram].map(shortNumber)];
    }),
    ['  two maps of equal Gram value', '0', '', shortNumber(pair.histogram)],
  ],
  record: ({ pair, gram, both }) => ({ pair: pair.histogram, gram: gram.layers, both: both.layers }),
};

function fittedSample({ sample: { alpha: _, ...opaque } }: TexturePictures, { size }: Settings): Image {
  const { width, height } = fitLongSide(opaque.width, opaque.height, size);
  return { ...opaque, ...resizeImage(opaque, width, height) };
}

/**
 * The settings of the textures. The border's values go on outside, as zeros would be painted as a frame, and there is no
 * margin to be cut off: what is measured and shown is all that the losses were about.
 */
function textureSettings(settings: Settings): Record<'gram' | 'both', TextureSettings> {
  const { size, iterations } = settings;
  const [gram, both] = [0, settings.histogramWeight].map((histogramWeight) => ({
    ...texture.resolve({
      histogramWeight,
      tvWeight: 0,
      projection: false,
      noise: 0.05,
      seed: settings.seed,
      scales: [Math.round(size / 2), size],
      iterations: [iterations, iterations],
    }),
    padding: { texture: 'replicate', sample: 'replicate' } as const,
    margin: 0,
  }));
  return { gram: gram!, both: both! };
}

async function demonstrate(task: MethodTask<Settings, TexturePictures>): Promise<GramInstability> {
  const { settings, pictures, runtime, weights, memory, signal, onProgress } = task;
  const started = performance.now();
  const sample = fittedSample(pictures, settings);
  const textures = textureSettings(settings);
  const layers = Object.keys(textures.both.styleLayers);
  const everywhere = { ...textures.both, histogramLayers: textures.both.styleLayers };
  const features = textureActivations(pictureOf(sample), weights, everywhere);
  const measure = ({ rgb }: Image): Promise<OutputValues> => measureLayers(runtime, layers, features, rgb);
  const target = await measure(sample);
  const make = async (before: number, one: TextureSettings): Promise<[MeasuredTexture, OutputValues]> => {
    const result = await texture.run({
      runtime,
      weights,
      memory,
      signal,
      settings: one,
      pictures: { sample },
      // The graphs of the other texture have the same names.
      programs: new ProgramCache(runtime),
      onProgress: (event) => onProgress?.(ofBoth(event, before, performance.now() - started)),
    });
    throwIfAborted(signal);
    if (result.stopped !== 'finished') {
      throw new StyleError(
        'E_NUMERIC',
        `After ${result.iterations} iterations the loss of a texture was no longer a number.`,
        'Use a lower weight of the histogram loss, or another network.',
        { option: 'histogramWeight' },
      );
    }
    const measured = await measure(result.image);
    return [{ ...result, layers: layers.map((layer) => layerDistances(layer, measured, target)) }, measured];
  };
  const [gram, byGram] = await make(0, textures.gram);
  const [both, byBoth] = await make(1, textures.both);
  const histograms = Object.keys(textures.both.histogramLayers).map((layer) =>
    layerHistograms(layer, { sample: target, gram: byGram, both: byBoth }),
  );
  const pair = await textbookPair(runtime);
  return { stopped: 'finished', pair, sample, original: pictures.sample, gram, both, histograms };
}

/** An event of one of the two textures as one of both together, `before` of which are done. */
function ofBoth(event: Progress, before: number, elapsed: number): Progress {
  if (event.type !== 'iteration' && event.type !== 'stage') return event;
  const place = { scale: before * event.scales + event.scale, scales: 2 * event.scales };
  if (event.type === 'stage') return { ...event, ...place };
  const { iteration, iterations } = event;
  return {
    ...event,
    ...place,
    elapsed,
    iteration: before * iterations + iteration,
    iterations: 2 * iterations,
  };
}
