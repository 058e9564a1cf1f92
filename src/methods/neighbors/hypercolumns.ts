import { averagePool, pad, resize, type NamedTensors, type Tensor } from '../../graph/index.js';
import { findLayer, vggFeatures, type Pooling } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';

/** The block whose resolution hypercolumns have: a quarter of the picture's. */
export const hypercolumnBlock = 3;

/**
 * Hypercolumns (Hariharan et al. 2015): the features of several layers at the same positions, at a quarter of the picture's
 * resolution. Finer layers are averaged, so that every one of their positions counts; where they are sampled instead, as in
 * Kolkin et al. 2022, the positions in between are free and show as a grid of dots. Coarser layers are interpolated.
 * @param features by layer, `[1, C, H', W']`
 * @param picture that they are of
 * @returns by layer, `[1, C, floor(H / 4), floor(W / 4)]`
 */
export function hypercolumns(
  features: NamedTensors,
  weights: VggWeights,
  layers: readonly string[],
  picture: Tensor,
): Record<string, Tensor> {
  const [height, width] = picture.shape.slice(2).map((side) => Math.floor(side / 4)) as [number, number];
  const resized = (layer: string): Tensor => {
    const { block } = findLayer(weights, layer).layer;
    if (block < hypercolumnBlock) return averagePool(features[layer]!, 2 ** (hypercolumnBlock - block));
    return block === hypercolumnBlock
      ? features[layer]!
      : enlarged(features[layer]!, 2 ** (block - hypercolumnBlock), height, width);
  };
  return Object.fromEntries(layers.map((layer) => [layer, resized(layer)]));
}

/**
 * Interpolated by a whole factor, so that a position has the same neighbours whatever the sides of the picture are. Rows and columns that
 * pooling has dropped are those before them once more.
 */
function enlarged(map: Tensor, factor: number, height: number, width: number): Tensor {
  const [rows, columns] = map.shape.slice(2).map((side) => factor * side) as [number, number];
  const after = [0, 0, height - rows, width - columns];
  return pad(resize(map, rows, columns, 'bilinear'), [0, 0, 0, 0], after, 'replicate');
}

/** The hypercolumns of a picture, by layer. */
export function pictureHypercolumns(
  picture: Tensor,
  weights: VggWeights,
  layers: readonly string[],
  pooling: Pooling,
): NamedTensors {
  return hypercolumns(vggFeatures(picture, weights, layers, { pooling }), weights, layers, picture);
}
