import { input, multiply, type NamedTensors, type Tensor } from '../../graph/index.js';
import type { Size } from '../../images/image.js';
import { contentLoss } from '../../losses/content.js';
import { neighborLoss, type NeighborFeatures } from '../../losses/neighbors.js';
import { grainLoss } from '../../losses/grain.js';
import { totalVariation } from '../../losses/total-variation.js';
import { vggFeatures } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { contentInput, grainTensors, pictureOf } from '../optimization/graph-inputs.js';
import { activeLayers } from '../optimization/layer-weights.js';
import { countedTerms, lossWithGradient, sumOfTerms } from '../optimization/loss-terms.js';
import { hypercolumns } from './hypercolumns.js';
import type { NeighborSettings } from './options.js';

/** Names of the graph's inputs for a layer, beside the picture. */
export const neighborInput = (layer: string, part: Exclude<keyof NeighborFeatures, 'features'>): string =>
  `neighbors.${layer}.${part}`;

/** The photograph's features, by the names under which the loss graph takes them. */
export function contentTargets(weights: VggWeights, settings: NeighborSettings, size: Size): NamedTensors {
  const layers = activeLayers(settings.contentLayers, settings.contentWeight).map(([layer]) => layer);
  const features = vggFeatures(pictureOf(size), weights, layers, {
    pooling: settings.pooling,
    padding: 'zero',
  });
  return Object.fromEntries(layers.map((layer) => [contentInput(layer), features[layer]!]));
}

/**
 * The loss of a stylisation by neighbours, as a graph of the picture and the targets: each weighted, the distances from
 * neighbours and from the photograph, and two total variations.
 * @param groups layers that look for their neighbours together, as one vector
 */
export function neighborPictureLoss(
  weights: VggWeights,
  settings: NeighborSettings,
  groups: readonly (readonly string[])[],
  size: Size,
): NamedTensors {
  const { styleWeight, contentWeight, contentLayers, tvWeight, grainWeight, pooling } = settings;
  const x = pictureOf(size);
  const content = activeLayers(contentLayers, contentWeight);
  const names = new Set([...groups.flat(), ...content.map(([layer]) => layer)]);
  const features = vggFeatures(x, weights, [...names], { pooling, padding: 'zero' });
  const maps = hypercolumns(features, weights, groups.flat(), size);
  const layerOf = (layer: string): NeighborFeatures => {
    const map = maps[layer]!;
    const byChannel = [1, map.shape[1]!, 1, 1];
    return {
      features: map,
      mean: input(neighborInput(layer, 'mean'), byChannel),
      scale: input(neighborInput(layer, 'scale'), [1]),
      target: input(neighborInput(layer, 'target'), map.shape),
    };
  };
  const neighbors = sumOfTerms(groups.map((layers) => neighborLoss(layers.map(layerOf))));
  const weighted = (weight: number, term: () => Tensor): Tensor[] =>
    weight === 0 ? [] : [multiply(term(), weight)];
  return lossWithGradient(
    countedTerms({
      content: content.map(([layer, share]) => {
        const target = input(contentInput(layer), features[layer]!.shape);
        return multiply(contentLoss(features[layer]!, target, 'relative'), share * contentWeight);
      }),
      style: weighted(styleWeight / groups.length, () => neighbors),
      totalVariation: weighted(tvWeight, () => totalVariation(x, 'absolute-mean')),
      grain: weighted(grainWeight, () => grainLoss(x, grainTensors(x))),
    }),
    x,
  );
}
