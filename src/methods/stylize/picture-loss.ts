import {
  add,
  constant,
  gradients,
  input,
  multiply,
  scalar,
  type NamedTensors,
  type Tensor,
} from '../../graph/index.js';
import { contentLoss } from '../../losses/content.js';
import { styleLoss, styleStatistics } from '../../losses/layer-style.js';
import { totalVariation } from '../../losses/total-variation.js';
import { vggFeatures } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { LayerWeights } from '../layer-weights.js';
import type { StylizeSettings } from './options.js';

/** Names of the loss graph's inputs and outputs. */
export const pictureInput = 'picture';
export const contentInput = (layer: string): string => `content.${layer}`;
export const styleInput = (layer: string): string => `style.${layer}`;

type LossSettings = Pick<
  StylizeSettings,
  | 'pooling'
  | 'contentLayers'
  | 'contentReduction'
  | 'contentWeight'
  | 'styleLayers'
  | 'styleReduction'
  | 'styleWeight'
  | 'gram'
  | 'projection'
  | 'totalVariationWeight'
  | 'totalVariationForm'
  | 'pixelUnit'
>;

/** Layers that count. A weight of zero takes a layer, or the whole term, out of the graph. */
function activeLayers(layers: LayerWeights, weight: number): [string, number][] {
  return weight === 0 ? [] : Object.entries(layers).filter(([, own]) => own !== 0);
}

const picture = (width: number, height: number): Tensor => input(pictureInput, [1, 3, height, width]);

/** The photograph's features, by the names under which the loss graph takes them. */
export function contentTargets(
  weights: VggWeights,
  settings: LossSettings,
  width: number,
  height: number,
): NamedTensors {
  const layers = activeLayers(settings.contentLayers, settings.contentWeight).map(([layer]) => layer);
  if (layers.length === 0) return {};
  const features = vggFeatures(picture(width, height), weights, layers, {
    pooling: settings.pooling,
    padding: 'zero',
  });
  return Object.fromEntries(layers.map((layer) => [contentInput(layer), features[layer]!]));
}

/** A painting's Gram matrices, by the names under which the loss graph takes them. */
export function styleTargets(
  weights: VggWeights,
  settings: LossSettings,
  width: number,
  height: number,
): NamedTensors {
  const layers = activeLayers(settings.styleLayers, settings.styleWeight).map(([layer]) => layer);
  if (layers.length === 0) return {};
  const features = vggFeatures(picture(width, height), weights, layers, {
    pooling: settings.pooling,
    padding: 'zero',
  });
  return Object.fromEntries(
    layers.map((layer) => [styleInput(layer), styleStatistics(features[layer]!, weights, layer, settings)]),
  );
}

/**
 * The loss of Gatys et al. 2016, equation 7, with total variation: `content weight * content + style weight * style +
 * total variation weight * TV`, as a graph of the picture and the targets.
 * @returns `content`, `style` and `totalVariation` already weighted, their sum `total`, and its `gradient` with respect to
 * the picture `[1, 3, H, W]`, RGB in [0, 1]
 */
export function pictureLoss(
  weights: VggWeights,
  settings: LossSettings,
  width: number,
  height: number,
): NamedTensors {
  const x = picture(width, height);
  const contentLayers = activeLayers(settings.contentLayers, settings.contentWeight);
  const styleLayers = activeLayers(settings.styleLayers, settings.styleWeight);
  const names = [...new Set([...contentLayers, ...styleLayers].map(([layer]) => layer))];
  const features =
    names.length === 0 ? {} : vggFeatures(x, weights, names, { pooling: settings.pooling, padding: 'zero' });

  const content = contentLayers.map(([layer, weight]) => {
    const feature = features[layer]!;
    return multiply(
      contentLoss(feature, input(contentInput(layer), feature.shape), settings.contentReduction),
      weight * settings.contentWeight,
    );
  });
  const style = styleLayers.map(([layer, weight]) => {
    const feature = features[layer]!;
    const gram = styleStatistics(feature, weights, layer, settings);
    const target = input(styleInput(layer), gram.shape);
    const size = feature.shape[2]! * feature.shape[3]!;
    const loss = styleLoss(gram, target, weights, layer, size, settings);
    return multiply(loss, weight * settings.styleWeight);
  });
  const smoothness =
    settings.totalVariationWeight === 0
      ? []
      : [
          multiply(
            totalVariation(inUnits(x, settings), settings.totalVariationForm),
            settings.totalVariationWeight,
          ),
        ];

  const terms = { content: sumOf(content), style: sumOf(style), totalVariation: sumOf(smoothness) };
  const total = sumOf(Object.values(terms));
  const [gradient] = gradients(total, [x]);
  return { ...terms, total, gradient: gradient! };
}

/** The picture in the units that the preset's source computes in. */
function inUnits(x: Tensor, { pixelUnit }: LossSettings): Tensor {
  return multiply(
    x,
    constant(
      pixelUnit.map((range) => 1 / range),
      [1, 3, 1, 1],
    ),
  );
}

function sumOf(terms: readonly Tensor[]): Tensor {
  return terms.length === 0 ? scalar(0) : terms.reduce((total, term) => add(total, term));
}
