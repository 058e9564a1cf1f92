import { input, type NamedTensors, type Tensor } from '../../graph/index.js';
import type { Size } from '../../images/image.js';
import { neighborLoss, type NeighborFeatures } from '../../losses/neighbors.js';
import { grainLoss } from '../../losses/grain.js';
import { totalVariation } from '../../losses/total-variation.js';
import { vggFeatures } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { activeContentLayers, contentTerms } from '../optimization/content-terms.js';
import { grainTensors } from '../optimization/graph-inputs.js';
import type { PictureLoss } from '../optimization/compiled-loss.js';
import { countedTerms, weighted } from '../optimization/loss-terms.js';
import { sumOfTerms } from '../../losses/sum-of-terms.js';
import { hypercolumns } from './hypercolumns.js';
import type { NeighborSettings } from './options.js';

/** Names of the graph's inputs for a layer, beside the picture. */
export const neighborInput = (layer: string, part: Exclude<keyof NeighborFeatures, 'features'>): string =>
  `neighbors.${layer}.${part}`;

/**
 * What is minimised in a stylisation by neighbours: each weighted, the distances from neighbours and from the photograph, total
 * variation and grain.
 * @param groups layers that look for their neighbours together, as one vector
 */
export function neighborPictureLoss(
  weights: VggWeights,
  settings: NeighborSettings,
  groups: readonly (readonly string[])[],
  size: Size,
): PictureLoss {
  return { size, terms: (x) => neighborTerms(x, weights, settings, groups) };
}

function neighborTerms(
  x: Tensor,
  weights: VggWeights,
  settings: NeighborSettings,
  groups: readonly (readonly string[])[],
): NamedTensors {
  const { styleWeight, tvWeight, grainWeight, pooling } = settings;
  const names = new Set([...groups.flat(), ...activeContentLayers(settings).map(([layer]) => layer)]);
  const features = vggFeatures(x, weights, [...names], { pooling });
  const maps = hypercolumns(features, weights, groups.flat(), x);
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
  return countedTerms({
    content: contentTerms(features, settings, 'relative'),
    style: weighted(styleWeight / groups.length, () => neighbors),
    totalVariation: weighted(tvWeight, () => totalVariation(x, 'absolute-mean')),
    grain: weighted(grainWeight, () => grainLoss(x, grainTensors(x))),
  });
}
