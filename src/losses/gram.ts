import { relativeTo } from './relative.js';
import {
  matmul,
  mean,
  multiply,
  positions,
  reshape,
  square,
  subtract,
  sum,
  type Tensor,
} from '../graph/index.js';

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
 * `G = F F^T / n`, where row `i` of `F` is channel `i` at every position: how much channels occur together, wherever
 * (Gatys et al. 2016, equation 3, with n = 1).
 *
 * With a guide T the features of each position are multiplied by T there first (Gatys et al. 2017, equation 5). As the
 * guide has unit energy, the products are means over a region; they are multiplied by `H W`, so that the matrix is that of
 * a map which is like the region everywhere, and a region that is the whole picture has the ordinary Gram matrix.
 * @param features `[N, C, H, W]`
 * @param guide `[1, 1, H, W]`, its squares summing up to 1
 * @returns `[N, C, C]`
 */
export function gramMatrix(features: Tensor, normalization: GramNormalization, guide?: Tensor): Tensor {
  const [n, channels, height, width] = features.shape as [number, number, number, number];
  if (guide !== undefined) {
    return multiply(gramMatrix(multiply(features, guide), normalization), height * width);
  }
  // One picture's product is a plain matrix product, which ONNX Runtime does without transposing first.
  const rows = n === 1 ? reshape(positions(features), [channels, height * width]) : positions(features);
  const product = multiply(
    matmul(rows, rows, { transposeB: true }),
    1 / gramDivisor(normalization, channels, height, width),
  );
  return reshape(product, [n, channels, channels]);
}

/**
 * How the difference of a layer's Gram matrix from its target becomes a number:
 * - `mean`: the mean of the squared differences over the matrix;
 * - `gatys`: `1 / (4 C^2 (H W)^2)` times the sum of squares (Gatys et al. 2016, equation 4; for undivided matrices);
 * - `mean-per-value`: `mean` divided by C H W once more, as Udacity's PyTorch lesson does;
 * - `relative`: `||G - T||^2 / ||T||^2`, our own, which means the same for every pair, size and network: 0 is the style
 *   itself, and 1 as far from it as a grey picture.
 */
export type GramReduction = 'mean' | 'gatys' | 'mean-per-value' | 'relative';

/**
 * A layer's style loss.
 * @param gram `[N, C, C]`, see {@link gramMatrix}
 * @param target `[1, C, C]`
 * @param size the layer's height times width
 */
export function gramLoss(gram: Tensor, target: Tensor, reduction: GramReduction, size: number): Tensor {
  const channels = gram.shape[1]!;
  const squares = square(subtract(gram, target));
  if (reduction === 'relative') return relativeTo(sum(squares), sum(square(target)));
  if (reduction === 'gatys') return multiply(sum(squares), 1 / (4 * channels ** 2 * size ** 2));
  return multiply(mean(squares), reduction === 'mean-per-value' ? 1 / (channels * size) : 1);
}
