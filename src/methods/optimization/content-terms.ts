import { input, multiply, type NamedTensors, type Tensor } from '../../graph/index.js';
import { contentLoss } from '../../losses/content.js';
import type { LossReduction } from '../../losses/reduction.js';
import { vggFeatures, type Pooling } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { contentInput } from './graph-inputs.js';
import { activeLayers, type LayerWeights } from './layer-weights.js';

/** How much the photograph counts, and at which layers. */
export interface ContentSettings {
  readonly contentLayers: LayerWeights;
  readonly contentWeight: number;
}

/** The content layers that count, with their weights. */
export const activeContentLayers = ({ contentLayers, contentWeight }: ContentSettings): [string, number][] =>
  activeLayers(contentLayers, contentWeight);

/**
 * The photograph's features, by the names under which {@link contentTerms} takes them.
 * @param x the photograph, `[1, 3, H, W]`
 */
export function contentMaps(
  x: Tensor,
  weights: VggWeights,
  settings: ContentSettings & { readonly pooling: Pooling },
): NamedTensors {
  const layers = activeContentLayers(settings).map(([layer]) => layer);
  const features = vggFeatures(x, weights, layers, { pooling: settings.pooling });
  return Object.fromEntries(layers.map((layer) => [contentInput(layer), features[layer]!]));
}

/**
 * The content loss of each layer that counts, weighted, against the photograph's features as inputs.
 * @param features the picture's, by layer
 */
export const contentTerms = (
  features: NamedTensors,
  settings: ContentSettings,
  reduction: LossReduction,
): Tensor[] =>
  activeContentLayers(settings).map(([layer, weight]) => {
    const feature = features[layer]!;
    const loss = contentLoss(feature, input(contentInput(layer), feature.shape), reduction);
    return multiply(loss, weight * settings.contentWeight);
  });
