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
 * @param x RGB in 0..1, `[1, 3, H, W]`
 * @returns by layer, `[1, C, floor(H / 4), floor(W / 4)]`
 */
export function hypercolumns(
  x: Tensor,
  weights: VggWeights,
  layers: readonly string[],
  pooling: Pooling,
): Record<string, Tensor> {
  const features = vggFeatures(x, weights, layers, { pooling, padding: 'zero' });
  const [height, width] = x.shape.slice(2).map((side) => Math.floor(side / 4)) as [number, number];
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
export const pictureHypercolumns = (
  weights: VggWeights,
  layers: readonly string[],
  pooling: Pooling,
  size: Size,
): NamedTensors => hypercolumns(pictureOf(size), weights, layers, pooling);
