import {
  input,
  mean,
  multiply,
  square,
  subtract,
  type NamedTensors,
  type Tensor,
} from '../../graph/index.js';
import { patchLoss, type PatchTargets } from '../../losses/patches.js';
import { totalVariation } from '../../losses/total-variation.js';
import { vggFeatures } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { Size } from '../../images/image.js';
import { activeContentLayers, contentTerms } from '../optimization/content-terms.js';
import { activeLayers } from '../optimization/layer-weights.js';
import type { PictureLoss } from '../optimization/compiled-loss.js';
import { countedTerms, weighted } from '../optimization/loss-terms.js';
import type { PatchStyleSettings } from './options.js';

/** Names of the graphs' inputs beside the picture. */
export const patchInput = (layer: string, part: keyof PatchTargets): string => `patches.${layer}.${part}`;

/** The painting's pixels at the matches, as a picture. */
export const colorsInput = 'colors';

export const activePatchLayers = (settings: PatchStyleSettings): [string, number][] =>
  activeLayers(settings.patchLayers, settings.styleWeight);

/** The maps of a picture whose patches are matched, by layer. */
export function patchMaps(x: Tensor, weights: VggWeights, settings: PatchStyleSettings): NamedTensors {
  const layers = activePatchLayers(settings).map(([name]) => name);
  return vggFeatures(x, weights, layers, { pooling: settings.pooling });
}

/**
 * The loss of Li and Wand 2016, equation 1: patches, content and smoothness, each weighted, as expressions of the
 * picture and the targets. Ours is that the pixels count as one more layer of patches, with the matches of the finest layer: the mean
 * squared difference of each pixel from the mean of those that the matches have there. Deep layers hardly see colours
 * that alternate from pixel to pixel, and where overlapping matches contradict each other such grain is what brings
 * the features nearest to their mean.
 */
export const patchPictureLoss = (
  weights: VggWeights,
  settings: PatchStyleSettings,
  size: Size,
): PictureLoss => ({ size, terms: (x) => patchTerms(x, weights, settings) });

function patchTerms(x: Tensor, weights: VggWeights, settings: PatchStyleSettings): NamedTensors {
  const [contentLayers, patchLayers] = [activeContentLayers(settings), activePatchLayers(settings)];
  const names = [...new Set([...contentLayers, ...patchLayers].map(([layer]) => layer))];
  const maps = vggFeatures(x, weights, names, { pooling: settings.pooling });
  const content = contentTerms(maps, settings, 'relative');
  const style = patchLayers.map(([layer, weight]) => {
    const map = maps[layer]!;
    const targets = {
      average: input(patchInput(layer, 'average'), map.shape),
      coverage: input(patchInput(layer, 'coverage'), [1, 1, ...map.shape.slice(2)]),
      residual: input(patchInput(layer, 'residual'), [1]),
      energy: input(patchInput(layer, 'energy'), [1]),
    };
    return multiply(patchLoss(map, targets, 'relative'), weight * settings.styleWeight);
  });
  if (patchLayers.length > 0 && settings.colorWeight !== 0) {
    const difference = subtract(x, input(colorsInput, x.shape));
    style.push(multiply(mean(square(difference)), settings.colorWeight * settings.styleWeight));
  }
  const smoothness = weighted(settings.tvWeight, () => totalVariation(x, 'absolute-mean'));
  return countedTerms({ content, style, totalVariation: smoothness });
}
