import {
  concat,
  constant,
  matmul,
  multiply,
  positions,
  reshape,
  subtract,
  sum,
  transpose,
  type Tensor,
} from '../graph/index.js';
import type { ConvolutionWeights } from '../networks/vgg-weights.js';
import { gramDivisor, gramDivisors, type GramNormalization } from './gram.js';
import { reduceDifferences, type LossReduction } from './reduction.js';

/*
 * A compact network's features F (C channels) stand for those of the full network, F' = A F + b (C' channels). With a
 * channel of ones below F, F' = [A b] [F; 1], so the full network's Gram matrix is B S B^T with B = [A b] and S the Gram
 * matrix of [F; 1]. Squared distances between two such matrices need only M = B^T B, which is small:
 *
 *   ||B D B^T||^2 = trace(M D M D),   D = S1 - S2
 *
 * so the losses are in the full network's space without computing its maps.
 */

/**
 * The Gram matrix of the features with a channel of ones appended, divided as the full network's would be.
 * @param features `[1, C, H, W]`, the compact network's
 * @param projection the layer's 1x1 convolution to the full network
 * @param guide `[1, 1, H, W]`, of a region; see `gramMatrix`. The channel of ones is multiplied by it as well
 * @returns `[1, C + 1, C + 1]`
 */
export function homogeneousGram(
  features: Tensor,
  projection: ConvolutionWeights,
  normalization: GramNormalization,
  guide?: Tensor,
): Tensor {
  const [, channels, height, width] = features.shape as [number, number, number, number];
  if (guide !== undefined) return guidedGram(features, projection, normalization, guide);
  const rows = reshape(positions(features), [channels, height * width]);
  const sums = sum(rows, [1], true);
  const count = constant([height * width], [1, 1]);
  const upper = concat([matmul(rows, rows, { transposeB: true }), sums], 1);
  const lower = concat([transpose(sums, [1, 0]), count], 1);
  const scale = 1 / gramDivisor(normalization, projection.outputChannels, height, width);
  return reshape(multiply(concat([upper, lower], 0), scale), [1, channels + 1, channels + 1]);
}

function guidedGram(
  features: Tensor,
  projection: ConvolutionWeights,
  normalization: GramNormalization,
  guide: Tensor,
): Tensor {
  const [, channels, height, width] = features.shape as [number, number, number, number];
  const size = height * width;
  const rows = concat([reshape(multiply(features, guide), [channels, size]), reshape(guide, [1, size])], 0);
  const scale = size / gramDivisor(normalization, projection.outputChannels, height, width);
  const product = multiply(matmul(rows, rows, { transposeB: true }), scale);
  return reshape(product, [1, channels + 1, channels + 1]);
}

/** A plan tries out the graphs of many sizes, and for each of them the matrices would take longer than all else. */
const metrics = new WeakMap<ConvolutionWeights, Tensor>();

function projectionMetric(projection: ConvolutionWeights): Tensor {
  const known = metrics.get(projection);
  if (known !== undefined) return known;
  const extended = projection.inputChannels + 1;
  const metric = constant(computeMetric(projection), [extended, extended]);
  metrics.set(projection, metric);
  return metric;
}

/** `M = [A b]^T [A b]`, summed in double precision. */
function computeMetric({ weight, bias, outputChannels, inputChannels }: ConvolutionWeights): Float32Array {
  const size = inputChannels + 1;
  const entry = (row: number, column: number): number =>
    column === inputChannels ? bias[row]! : weight[row * inputChannels + column]!;
  const metric = new Float32Array(size * size);
  for (let i = 0; i < size; i += 1) {
    for (let j = i; j < size; j += 1) {
      let total = 0;
      for (let row = 0; row < outputChannels; row += 1) total += entry(row, i) * entry(row, j);
      metric[i * size + j] = total;
      metric[j * size + i] = total;
    }
  }
  return metric;
}

/**
 * The style loss of a layer in the full network's space, with the meaning of each reduction as in {@link gramLoss}.
 * @param gram `[1, C + 1, C + 1]`, see {@link homogeneousGram}
 * @param target the style's, of the same shape
 * @param size the layer's height times width
 */
export function projectedGramLoss(
  gram: Tensor,
  target: Tensor,
  projection: ConvolutionWeights,
  reduction: LossReduction,
  size: number,
): Tensor {
  const extended = projection.inputChannels + 1;
  const metric = projectionMetric(projection);
  const energy = (matrix: Tensor): Tensor => {
    const product = matmul(metric, reshape(matrix, [extended, extended]));
    return sum(multiply(product, transpose(product, [1, 0])));
  };
  const squares = energy(subtract(gram, target));
  const channels = projection.outputChannels;
  return reduceDifferences(
    {
      sum: squares,
      mean: (divisor) => multiply(squares, 1 / (channels ** 2 * divisor)),
      energy: energy(target),
    },
    reduction,
    gramDivisors(channels, size),
  );
}
