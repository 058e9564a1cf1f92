import type { Image } from '../images/image.js';
import { resizeImage } from '../images/resize.js';
import { input, type Tensor } from '../graph/index.js';
import { channelStatistics, channelStatisticsLoss } from '../losses/channel-statistics.js';
import { contentLoss } from '../losses/content.js';
import { gramLoss, gramMatrix } from '../losses/gram.js';
import { homogeneousGram, projectedGramLoss } from '../losses/projected-gram.js';
import { totalVariation } from '../losses/total-variation.js';
import { findLayer, vggFeatures, type Pooling } from '../networks/vgg.js';
import type { VggWeights } from '../networks/vgg-weights.js';
import { runOnce, type OutputValues, type Runtime } from '../runtime/runtime.js';
import { pictureInput, pictureOf } from './picture-input.js';

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
export interface Evaluation {
  /** At relu4_2: mean squared difference, and `||f - f_c||^2 / ||f_c||^2`. */
  readonly content: { readonly mean: number; readonly relative: number };
  /** `gram` and `meanStd` are summed over the layers, `relative` is their mean. */
  readonly style: StyleDistances & { readonly layers: Readonly<Record<string, StyleDistances>> };
  readonly totalVariation: { readonly absoluteMean: number; readonly squaredSum: number };
}

export interface EvaluationInput {
  readonly picture: Image;
  /** Brought to the picture's size. */
  readonly content: Image;
  /** Brought to the picture's long side, as stylize does. */
  readonly style: Image;
  /** @defaultValue `max` */
  readonly pooling?: Pooling;
}

/** The photograph's and the painting's values come back in as inputs under their names with this before them. */
const target = (name: string): string => `target.${name}`;

const contentLayer = 'relu4_2';
const styleLayers = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1'];
const kinds = ['gram', 'relative', 'meanStd'] as const;

/**
 * Measures any picture, whatever made it, against a photograph and a painting under a network, so that results of
 * different tools and settings can be compared.
 * @throws StyleError `E_IMAGE_SIZE` when a picture is too small for the network's layers
 */
export async function evaluatePicture(
  runtime: Runtime,
  weights: VggWeights,
  work: EvaluationInput,
): Promise<Evaluation> {
  const { picture, pooling = 'max' } = work;
  const content = resizeImage(work.content, picture.width, picture.height);
  const ratio = Math.max(picture.width, picture.height) / Math.max(work.style.width, work.style.height);
  const scaled = (side: number): number => Math.max(1, Math.round(side * ratio));
  const style = resizeImage(work.style, scaled(work.style.width), scaled(work.style.height));

  const targets = {
    ...(await runOnce(
      runtime,
      { [contentLayer]: features(pictureOf(content), weights, [contentLayer], pooling)[contentLayer]! },
      { [pictureInput]: content.rgb },
    )),
    ...(await runOnce(
      runtime,
      styleStatistics(features(pictureOf(style), weights, styleLayers, pooling), weights),
      { [pictureInput]: style.rgb },
    )),
  };
  const inputs = Object.fromEntries(Object.entries(targets).map(([name, values]) => [target(name), values]));
  const found = distances(picture, weights, pooling);
  return summarize(await runOnce(runtime, found, { ...inputs, [pictureInput]: picture.rgb }));
}

function features(
  x: Tensor,
  weights: VggWeights,
  layers: readonly string[],
  pooling: Pooling,
): Record<string, Tensor> {
  return vggFeatures(x, weights, layers, { pooling, padding: 'zero' });
}

function styleStatistics(maps: Record<string, Tensor>, weights: VggWeights): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(maps).flatMap(([layer, map]) => {
      const statistics = channelStatistics(map);
      const projection = weights.projections[findLayer(weights, layer).name];
      return [
        [`${layer}.gram`, gramMatrix(map, 'chw')],
        [
          `${layer}.relative`,
          projection === undefined ? gramMatrix(map, 'hw') : homogeneousGram(map, projection, 'hw'),
        ],
        [`${layer}.mean`, statistics.mean],
        [`${layer}.deviation`, statistics.deviation],
      ];
    }),
  );
}

function distances(picture: Image, weights: VggWeights, pooling: Pooling): Record<string, Tensor> {
  const x = pictureOf(picture);
  const maps = features(x, weights, [contentLayer, ...styleLayers], pooling);
  const { [contentLayer]: content, ...styles } = maps;
  const photograph = input(target(contentLayer), content!.shape);
  const outputs: Record<string, Tensor> = {
    'content.mean': contentLoss(content!, photograph, 'mean'),
    'content.relative': contentLoss(content!, photograph, 'relative'),
    absoluteMean: totalVariation(x, 'absolute-mean'),
    squaredSum: totalVariation(x, 'squared-sum'),
  };
  const own = styleStatistics(styles, weights);
  for (const [layer, map] of Object.entries(styles)) {
    const targetOf = (kind: string): Tensor =>
      input(target(`${layer}.${kind}`), own[`${layer}.${kind}`]!.shape);
    const size = map.shape[2]! * map.shape[3]!;
    const projection = weights.projections[findLayer(weights, layer).name];
    const relative = own[`${layer}.relative`]!;
    outputs[`${layer}.gram`] = gramLoss(own[`${layer}.gram`]!, targetOf('gram'), 'mean', size);
    outputs[`${layer}.relative`] =
      projection === undefined
        ? gramLoss(relative, targetOf('relative'), 'relative', size)
        : projectedGramLoss(relative, targetOf('relative'), projection, 'relative', size);
    outputs[`${layer}.meanStd`] = channelStatisticsLoss(map, {
      mean: targetOf('mean'),
      deviation: targetOf('deviation'),
    });
  }
  return outputs;
}

function summarize(values: OutputValues): Evaluation {
  const number = (name: string): number => values[name]![0]!;
  const layers = Object.fromEntries(
    styleLayers.map((layer) => [
      layer,
      Object.fromEntries(kinds.map((kind) => [kind, number(`${layer}.${kind}`)])),
    ]),
  ) as unknown as Record<string, StyleDistances>;
  const total = (kind: (typeof kinds)[number]): number =>
    Object.values(layers).reduce((sumSoFar, layer) => sumSoFar + layer[kind], 0);
  return {
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
