import { averagePool, constant, convolution, square, subtract, type Tensor } from '../graph/index.js';
import { StyleError } from '../errors.js';
import { reduce, type LossReduction } from './reduction.js';

/** Side of the squares that are averaged first: smaller detail is noise, which strokes may replace. */
const pooling = 4;

/** The discrete Laplacian: four times a pixel less its four neighbours. */
const kernel = [0, -1, 0, -1, 4, -1, 0, -1, 0];

/**
 * The edges of a picture: the Laplacian of its average-pooled version, summed over the channels (Li, Xu, Nie and Chua 2017,
 * "Laplacian-Steered Neural Style Transfer", section 3.2, with pooling of 4 x 4, their finer one). Outside the border
 * there is nothing to compare with, so that the outermost pixels of the pooled picture have none.
 * @param x `[N, C, H, W]`
 * @returns `[N, 1, floor(H / 4) - 2, floor(W / 4) - 2]`
 * @throws StyleError `E_IMAGE_SIZE` for a side below 12 pixels
 * @example
 * ```ts
 * import { graph, laplacian } from 'pastiche/engine';
 *
 * const edges = laplacian(graph.input('picture', [1, 3, 64, 48])); // [1, 1, 14, 10]
 * ```
 */
export function laplacian(x: Tensor): Tensor {
  const [, channels, height, width] = x.shape as [number, number, number, number];
  if (Math.min(height, width) < 3 * pooling) {
    throw new StyleError(
      'E_IMAGE_SIZE',
      `A picture of ${width}x${height} is too small to lock its detail.`,
      `Use a size with at least ${3 * pooling} pixels on each side, or no lock on detail.`,
    );
  }
  const weights = Array.from({ length: channels }, () => kernel).flat();
  return convolution(averagePool(x, pooling), constant(weights, [1, channels, 3, 3]));
}

/**
 * The Laplacian loss, which keeps a photograph's fine edges in place; `sum` is equation 5 of the paper. Between two
 * Laplacians `relative` is 1 for a picture without edges.
 * @param edges the picture's, see {@link laplacian}
 * @param target the photograph's, of the same shape
 * @example
 * ```ts
 * import { graph, laplacian, laplacianLoss } from 'pastiche/engine';
 *
 * const edges = laplacian(graph.input('picture', [1, 3, 64, 48]));
 * const loss = laplacianLoss(edges, graph.input('target', edges.shape), 'sum');
 * ```
 */
export const laplacianLoss = (edges: Tensor, target: Tensor, reduction: LossReduction): Tensor =>
  reduce(square(subtract(edges, target)), target, reduction);
