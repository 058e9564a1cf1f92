import { input, multiply, type NamedTensors, type Tensor } from '../../graph/index.js';
import { contentLoss } from '../../losses/content.js';
import { styleLoss, styleStatistics } from '../../losses/layer-style.js';
import { totalVariation } from '../../losses/total-variation.js';
import { vggFeatures } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { countedTerms, weighted } from '../optimization/loss-terms.js';
import { styleLayersUpTo } from './levels.js';
import type { ReconstructSettings } from './options.js';

const targetInput = (layer: string): string => `target.${layer}`;

/** What is compared of a picture, by layer. */
function knownOf(
  x: Tensor,
  weights: VggWeights,
  settings: ReconstructSettings,
): [layer: string, value: Tensor, size: number][] {
  const { from, layer, pooling } = settings;
  const layers = from === 'content' ? [layer] : styleLayersUpTo(weights, layer);
  const features = vggFeatures(x, weights, layers, { pooling });
  return layers.map((name) => {
    const feature = features[name]!;
    const value = from === 'content' ? feature : styleStatistics(feature, weights, name, settings);
    return [name, value, feature.shape[2]! * feature.shape[3]!];
  });
}

/** The values of what is known of a picture, by the loss graph's inputs. */
export function reconstructTargets(
  x: Tensor,
  weights: VggWeights,
  settings: ReconstructSettings,
): NamedTensors {
  const known = knownOf(x, weights, settings);
  return Object.fromEntries(known.map(([layer, value]) => [targetInput(layer), value]));
}

/**
 * The terms of a reconstruction's loss, as expressions of the picture and the targets.
 * @returns `content` or `style`, and `totalVariation`, weighted
 */
export function reconstructTerms(
  x: Tensor,
  weights: VggWeights,
  settings: ReconstructSettings,
): NamedTensors {
  const known = knownOf(x, weights, settings);
  const distances = known.map(([layer, value, positions]) => {
    const target = input(targetInput(layer), value.shape);
    const loss =
      settings.from === 'content'
        ? contentLoss(value, target, 'relative')
        : styleLoss(value, target, weights, layer, positions, settings);
    return multiply(loss, 1 / known.length);
  });
  const { tvWeight } = settings;
  const smoothness = weighted(tvWeight, () => totalVariation(x, 'absolute-mean'));
  return countedTerms({ [settings.from]: distances, totalVariation: smoothness });
}
