import { matmul, multiply, positions, reshape, square, subtract, type Tensor } from '../graph/index.js';
import { reduce, type LossReduction, type ReductionDivisors } from './reduction.js';

/** What a Gram matrix is divided by: nothing, the number of positions H W, or the number of values C H W. */
export type GramNormalization = 'none' | 'hw' | 'chw';

/** The divisor of a layer's Gram matrix. */
export function gramDivisor(
  normalization: GramNormalization,
  channels: number,
  height: number,
  width: number,
): number {
  return { none: 1, hw: height * width, chw: channels * height * width }[normalization];
}

/**
 * `G = F F^T / n`, where row `i` of `F` is channel `i` at every position: the correlations of channels, summed over
 * positions (Gatys et al. 2016, equation 3, with n = 1).
 *
 * With a guide T the features of each position are multiplied by T there first (Gatys et al. 2017, equation 5). As the
 * guide has unit energy, the products are means over a region; they are multiplied by `H W`, so that the matrix is that of
 * a map filled with the region, and a region that is the whole picture has the ordinary Gram matrix.
 * @param features `[N, C, H, W]`
 * @param guide `[1, 1, H, W]`, its squares summing up to 1
 * @returns `[N, C, C]`
 * @example
 * ```ts
 * import { graph, gramMatrix } from 'pastiche/engine';
 *
 * const features = graph.input('features', [1, 8, 16, 16]);
 * const gram = gramMatrix(features, 'hw'); // [1, 8, 8]
 * ```
 */
export function gramMatrix(features: Tensor, normalization: GramNormalization, guide?: Tensor): Tensor {
  const [n, channels, height, width] = features.shape as [number, number, number, number];
  if (guide !== undefined) {
    return multiply(gramMatrix(multiply(features, guide), normalization), height * width);
  }
  // For one picture a plain matrix product, which ONNX Runtime computes without transposing first.
  const rows = n === 1 ? reshape(positions(features), [channels, height * width]) : positions(features);
  const product = multiply(
    matmul(rows, rows, { transposeB: true }),
    1 / gramDivisor(normalization, channels, height, width),
  );
  return reshape(product, [n, channels, channels]);
}

/** The constants of published losses between Gram matrices of `channels` channels at `size` positions. */
export const gramDivisors = (channels: number, size: number): ReductionDivisors => ({
  gatys: 4 * channels ** 2 * size ** 2,
  'mean-per-value': channels * size,
});

/**
 * A layer's style loss.
 * @param gram `[N, C, C]`, see {@link gramMatrix}
 * @param target `[1, C, C]`
 * @param size the layer's height times width
 * @example
 * ```ts
 * import { graph, gramLoss, gramMatrix } from 'pastiche/engine';
 *
 * const features = graph.input('features', [1, 8, 16, 16]);
 * const target = graph.input('target', [1, 8, 8]);
 * const loss = gramLoss(gramMatrix(features, 'hw'), target, 'relative', 16 * 16);
 * ```
 */
export const gramLoss = (gram: Tensor, target: Tensor, reduction: LossReduction, size: number): Tensor =>
  reduce(square(subtract(gram, target)), target, reduction, gramDivisors(gram.shape[1]!, size));
