import type { Tensor } from '../graph/index.js';
import { findLayer } from '../networks/vgg.js';
import type { ConvolutionWeights, VggWeights } from '../networks/vgg-weights.js';
import { gramLoss, gramMatrix, type GramNormalization } from './gram.js';
import { homogeneousGram, projectedGramLoss } from './projected-gram.js';
import type { LossReduction } from './reduction.js';

/** How style is measured at a layer. */
export interface LayerStyleSettings {
  /** What Gram matrices are divided by. */
  readonly gram: GramNormalization;
  readonly styleReduction: LossReduction;
  /** With a compact network: measure in the full network's space, where the layer has a projection to it. */
  readonly projection: boolean;
}

/**
 * A layer's Gram matrix in the space that style is measured in: `[1, C, C]`, or `[1, C + 1, C + 1]` where the layer is
 * projected to the full network's (see {@link homogeneousGram}).
 * @param features the layer's, `[1, C, H, W]`
 * @param layer its name, as {@link findLayer} takes it
 * @param guide `[1, 1, H, W]`, of unit energy: the matrix is that of a region, see {@link gramMatrix}
 * @throws StyleError `E_LAYER` for a layer that the network doesn't have
 */
export function styleStatistics(
  features: Tensor,
  weights: VggWeights,
  layer: string,
  settings: LayerStyleSettings,
  guide?: Tensor,
): Tensor {
  const projection = projectionOf(weights, layer, settings);
  return projection === undefined
    ? gramMatrix(features, settings.gram, guide)
    : homogeneousGram(features, projection, settings.gram, guide);
}

/**
 * A layer's style loss between statistics of {@link styleStatistics}.
 * @param size the layer's height times width
 * @throws StyleError `E_LAYER` for a layer that the network doesn't have
 */
export function styleLoss(
  statistics: Tensor,
  target: Tensor,
  weights: VggWeights,
  layer: string,
  size: number,
  settings: LayerStyleSettings,
): Tensor {
  const projection = projectionOf(weights, layer, settings);
  return projection === undefined
    ? gramLoss(statistics, target, settings.styleReduction, size)
    : projectedGramLoss(statistics, target, projection, settings.styleReduction, size);
}

/** The projection of a layer to the full network's space, where there is one and the settings use it. */
function projectionOf(
  weights: VggWeights,
  layer: string,
  { projection }: LayerStyleSettings,
): ConvolutionWeights | undefined {
  return projection ? weights.projections[findLayer(weights, layer).name] : undefined;
}
