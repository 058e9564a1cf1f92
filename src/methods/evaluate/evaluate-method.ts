import { z } from 'zod';
import { StyleError } from '../../errors.js';
import type { Image, Size } from '../../images/image.js';
import { fitLongSide, resizeImage } from '../../images/resize.js';
import { estimateCost, input, type NamedTensors, type Tensor } from '../../graph/index.js';
import { channelStatistics, channelStatisticsLoss } from '../../losses/channel-statistics.js';
import { contentLoss } from '../../losses/content.js';
import { styleLoss, styleStatistics, type LayerStyleSettings } from '../../losses/layer-style.js';
import { totalVariation } from '../../losses/total-variation.js';
import { vggFeatures } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { runOnce, type OutputValues } from '../../runtime/runtime.js';
import { methodDescriptions } from '../descriptions.js';
import { shortNumber } from '../facts.js';
import type { Method, MethodOutcome, MethodTask } from '../method.js';
import { parseOptions, pooling } from '../options.js';
import { pictureInput, pictureOf } from '../optimization/graph-inputs.js';
import { noOptimizer, optimizationMemory, picturesMemory } from '../optimization/memory.js';

/** One layer's distances from the style. */
export interface StyleDistances {
  /** Mean squared difference of the Gram matrices divided by C H W. */
  readonly gram: number;
  /** `||G - G_s||^2 / ||G_s||^2` with matrices divided by H W; in the full network's space where the file has projections. */
  readonly relative: number;
  /** Mean squared differences of channel means and standard deviations, added. */
  readonly meanStd: number;
}

/** How far a picture is from its content and its style, and how rough it is. Lower is nearer. */
export interface Evaluation extends MethodOutcome {
  /** At relu4_2: mean squared difference, and `||f - f_c||^2 / ||f_c||^2`. */
  readonly content: { readonly mean: number; readonly relative: number };
  /** `gram` and `meanStd` are summed over the layers, `relative` is their mean. */
  readonly style: StyleDistances & { readonly layers: Readonly<Record<string, StyleDistances>> };
  readonly totalVariation: { readonly absoluteMean: number; readonly squaredSum: number };
}

/** What is measured, and against what. */
export interface EvaluatePictures {
  /** The picture to be measured, whatever made it. */
  readonly picture: Image;
  /** The photograph that it was made from; brought to the picture's size. */
  readonly content: Image;
  /** The painting that it was made after; brought to the picture's long side, as stylize does. */
  readonly style: Image;
}

export const evaluateOptionsSchema = z.strictObject({ pooling: pooling.default('max') });

export type EvaluateOptions = z.input<typeof evaluateOptionsSchema>;
type EvaluateSettings = z.output<typeof evaluateOptionsSchema>;

/** The photograph's and the painting's values come back in as inputs under their names with this before them. */
const target = (name: string): string => `target.${name}`;

const contentLayer = 'relu4_2';
const styleLayers = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1'];
const kinds = ['gram', 'relative', 'meanStd'] as const;
/** The two forms in which Gram matrices are compared. */
const gramForms: Readonly<Record<'gram' | 'relative', LayerStyleSettings>> = {
  gram: { gram: 'chw', styleReduction: 'mean', projection: false },
  relative: { gram: 'hw', styleReduction: 'relative', projection: true },
};

/**
 * Measures any picture, whatever made it, against a photograph and a painting under a network, so that results of
 * different tools and settings can be compared.
 */
export const evaluate: Method<EvaluateOptions, EvaluateSettings, EvaluatePictures, Evaluation> = {
  name: 'evaluate',
  description: methodDescriptions.evaluate,
  roles: [
    { name: 'picture', description: 'the picture to measure', argument: true },
    { name: 'content', description: 'the photograph that it was made from' },
    { name: 'style', description: 'the painting that it was made after' },
  ],
  options: evaluateOptionsSchema,
  examples: [
    { pictures: { picture: 'out.png', content: 'photo.jpg', style: 'painting.jpg' } },
    {
      pictures: { picture: 'other-tool.png', content: 'photo.jpg', style: 'painting.jpg' },
      options: { network: 'vgg19', json: true },
    },
  ],
  notes: `Lower is nearer. Photograph and painting are brought to the picture's size, so compare pictures of equal size, and under
the same network.`,
  output: { kind: 'none' },
  resolve: (options) => parseOptions(evaluateOptionsSchema, options),
  network: () => undefined,
  plan({ settings, pictures }, weights) {
    const { width, height } = pictures.picture;
    const size = { width, height };
    const cost = estimateCost(distances(size, weights!, settings));
    const memoryBytes = picturesMemory({ ...pictures }) + optimizationMemory(cost, noOptimizer, size);
    return { ...size, scales: [], memoryBytes, operations: cost.operations };
  },
  terms: () => [],
  run: evaluatePicture,
  describe: ({ pooling: kind }, names) => ({
    title: `${names['picture']!.join(', ')} measured`,
    facts: [['Pooling', kind]],
  }),
  summarize({ content, style, totalVariation: smoothness }) {
    const numbers = (...values: number[]): string[] => values.map((value) => shortNumber(value));
    return [
      ['Content', 'mean square', 'relative', ''],
      [`  ${contentLayer}`, ...numbers(content.mean, content.relative), ''],
      ['Style', 'Gram', 'relative', 'mean and std'],
      ...Object.entries(style.layers).map(([layer, { gram, relative, meanStd }]) => [
        `  ${layer}`,
        ...numbers(gram, relative, meanStd),
      ]),
      ['  all', ...numbers(style.gram, style.relative, style.meanStd)],
      ['Total variation', 'mean', 'squared sum', ''],
      ['', ...numbers(smoothness.absoluteMean, smoothness.squaredSum), ''],
    ];
  },
  record: ({ content, style, totalVariation }) => ({ content, style, totalVariation }),
};

async function evaluatePicture(task: MethodTask<EvaluateSettings, EvaluatePictures>): Promise<Evaluation> {
  const { runtime, weights, pictures, settings } = task;
  const { picture } = pictures;
  const content = resizeImage(pictures.content, picture.width, picture.height);
  const painting = pictures.style;
  const shown = fitLongSide(painting.width, painting.height, Math.max(picture.width, picture.height));
  const style = resizeImage(painting, shown.width, shown.height);

  const photographed = vggFeatures(pictureOf(content), weights, [contentLayer], settings);
  const painted = vggFeatures(pictureOf(style), weights, styleLayers, settings);
  const targets = {
    ...(await runOnce(runtime, photographed, { [pictureInput]: content.rgb })),
    ...(await runOnce(runtime, layerStatistics(painted, weights), { [pictureInput]: style.rgb })),
  };
  const inputs = Object.fromEntries(Object.entries(targets).map(([name, values]) => [target(name), values]));
  const graph = distances(picture, weights, settings);
  return summarize(await runOnce(runtime, graph, { ...inputs, [pictureInput]: picture.rgb }));
}

/** What is compared of the style layers' maps, by layer and kind. */
function layerStatistics(maps: NamedTensors, weights: VggWeights): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(maps).flatMap(([layer, map]) => [
      ...Object.entries(gramForms).map(([form, settings]) => [
        `${layer}.${form}`,
        styleStatistics(map, weights, layer, settings),
      ]),
      ...Object.entries(channelStatistics(map)).map(([kind, value]) => [`${layer}.${kind}`, value]),
    ]),
  ) as Record<string, Tensor>;
}

function distances(size: Size, weights: VggWeights, settings: EvaluateSettings): Record<string, Tensor> {
  const x = pictureOf(size);
  const maps = vggFeatures(x, weights, [contentLayer, ...styleLayers], settings);
  const { [contentLayer]: content, ...styles } = maps;
  const photograph = input(target(contentLayer), content!.shape);
  const outputs: Record<string, Tensor> = {
    'content.mean': contentLoss(content!, photograph, 'mean'),
    'content.relative': contentLoss(content!, photograph, 'relative'),
    absoluteMean: totalVariation(x, 'absolute-mean'),
    squaredSum: totalVariation(x, 'squared-sum'),
  };
  const statistics = layerStatistics(styles, weights);
  for (const [layer, map] of Object.entries(styles)) {
    const targetOf = (kind: string): Tensor =>
      input(target(`${layer}.${kind}`), statistics[`${layer}.${kind}`]!.shape);
    const positions = map.shape[2]! * map.shape[3]!;
    for (const [form, measured] of Object.entries(gramForms)) {
      const gram = statistics[`${layer}.${form}`]!;
      outputs[`${layer}.${form}`] = styleLoss(gram, targetOf(form), weights, layer, positions, measured);
    }
    outputs[`${layer}.meanStd`] = channelStatisticsLoss(map, {
      mean: targetOf('mean'),
      deviation: targetOf('deviation'),
    });
  }
  return outputs;
}

function summarize(values: OutputValues): Evaluation {
  const number = (name: string): number => {
    const value = values[name]![0]!;
    if (Number.isFinite(value)) return value;
    throw new StyleError(
      'E_NUMERIC',
      `The distance ${name} is ${value}: the network's values leave the range of numbers.`,
      "Check the network's weights, or use another network.",
      { option: 'network' },
    );
  };
  const layers = Object.fromEntries(
    styleLayers.map((layer) => [
      layer,
      Object.fromEntries(kinds.map((kind) => [kind, number(`${layer}.${kind}`)])),
    ]),
  ) as unknown as Record<string, StyleDistances>;
  const total = (kind: (typeof kinds)[number]): number =>
    Object.values(layers).reduce((sumSoFar, layer) => sumSoFar + layer[kind], 0);
  return {
    stopped: 'finished',
    content: { mean: number('content.mean'), relative: number('content.relative') },
    style: {
      gram: total('gram'),
      relative: total('relative') / styleLayers.length,
      meanStd: total('meanStd'),
      layers,
    },
    totalVariation: { absoluteMean: number('absoluteMean'), squaredSum: number('squaredSum') },
  };
}
