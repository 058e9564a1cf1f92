import { averagePool, resize, type NamedTensors, type Tensor } from '../../graph/index.js';
import type { Size } from '../../images/image.js';
import { findLayer, vggFeatures, type Pooling } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { pictureOf } from '../optimization/graph-inputs.js';

/** The block whose resolution hypercolumns have: a quarter of the picture's. */
export const hypercolumnBlock = 3;

/**
 * Hypercolumns (Hariharan et al. 2015): the features of several layers at the same positions, at a quarter of the picture's
 * resolution. Finer layers are averaged, so that every one of their positions counts; where they are sampled instead, as in
 * Kolkin et al. 2022, the positions in between are free and show as a grid of dots. Coarser layers are interpolated.
 * @param features by layer, `[1, C, H', W']`
 * @param size of the picture
 * @returns by layer, `[1, C, floor(H / 4), floor(W / 4)]`
 */
export function hypercolumns(
  features: NamedTensors,
  weights: VggWeights,
  layers: readonly string[],
  size: Size,
): Record<string, Tensor> {
  const [height, width] = [Math.floor(size.height / 4), Math.floor(size.width / 4)];
  const resized = (layer: string): Tensor => {
    const { block } = findLayer(weights, layer).layer;
    if (block < hypercolumnBlock) return averagePool(features[layer]!, 2 ** (hypercolumnBlock - block));
    return block === hypercolumnBlock
      ? features[layer]!
      : resize(features[layer]!, height, width, 'bilinear');
  };
  return Object.fromEntries(layers.map((layer) => [layer, resized(layer)]));
}

/** The hypercolumns of a picture of a size, by layer. */
export function pictureHypercolumns(
  weights: VggWeights,
  layers: readonly string[],
  pooling: Pooling,
  size: Size,
): NamedTensors {
  const features = vggFeatures(pictureOf(size), weights, layers, { pooling });
  return hypercolumns(features, weights, layers, size);
}
