import {
  add,
  concat,
  log,
  matmul,
  mean,
  multiply,
  relu,
  reshape,
  slice,
  sqrt,
  square,
  subtract,
  type Tensor,
} from '../graph/index.js';
import type { ColorMoments } from '../images/affine-colors.js';
import { layerChannels, vggFeatures } from './vgg.js';
import type { VggWeights } from './vgg-weights.js';

/** The layers whose statistics are a painting's code. */
export const codeLayers = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1'] as const;

/**
 * What is added before logarithms: features of the perceptual network are of the size of 1 to 20, and those of channels that a
 * picture does not move are 0.
 */
const least = 0.05;

/** Numbers that tell a painting's colours: the mean of each channel, then the means of the products of two. */
export const colorLength = 3 + 9;

/**
 * A painting's colours. As {@link styleMoments} these are linear in the painting.
 * @param painting RGB, `[1, 3, H, W]`
 * @returns `[1, colorLength]`
 */
export function paintingColors(painting: Tensor): Tensor {
  const [, , height, width] = painting.shape as [number, number, number, number];
  const pixels = reshape(painting, [3, height * width]);
  const products = multiply(matmul(pixels, pixels, { transposeB: true }), 1 / (height * width));
  return concat([reshape(mean(pixels, [1]), [1, 3]), reshape(products, [1, 9])], 1);
}

/** Mean and covariance of the colours that {@link paintingColors} tells. */
export function colorMomentsOf(colors: Float32Array): ColorMoments {
  const mean = [...colors.subarray(0, 3)];
  const covariance = mean.map((a, row) => mean.map((b, column) => colors[3 + 3 * row + column]! - a * b));
  return { mean, covariance };
}

/** Numbers of a code: a mean and a deviation of each channel. */
export const codeLength = (network: VggWeights): number =>
  2 * codeLayers.reduce((sum, layer) => sum + layerChannels(network, layer), 0);

/**
 * The moments of a painting's features: means of all channels of all layers, then means of their squares. They are linear in the
 * painting: those of two paintings side by side lie between.
 * @param painting RGB in [0, 1], `[1, 3, H, W]`
 * @returns `[1, codeLength]`
 */
export function styleMoments(painting: Tensor, network: VggWeights): Tensor {
  const maps = vggFeatures(painting, network, [...codeLayers], { pooling: 'max', padding: 'zero' });
  const rows = (values: readonly Tensor[]): Tensor =>
    concat(
      values.map((value) => reshape(mean(value, [2, 3]), [1, value.shape[1]!])),
      1,
    );
  const layers = codeLayers.map((layer) => maps[layer]!);
  return concat([rows(layers), rows(layers.map((map) => square(map)))], 1);
}

/**
 * Codes of paintings: logarithms of the means and deviations of their features. Closed form: what a few hundred paintings are too few
 * to learn (Ghiasi et al. 2017 learn a code of 100 numbers from 80 thousand).
 * @param moments `[N, codeLength]`, of {@link styleMoments}
 * @returns `[N, codeLength]`
 */
export function codeOfMoments(moments: Tensor): Tensor {
  const [pictures, length] = moments.shape as [number, number];
  const half = length / 2;
  const means = slice(moments, [0, 0], [pictures, half]);
  const squares = slice(moments, [0, half], [pictures, length]);
  const deviations = sqrt(relu(subtract(squares, square(means))));
  return log(add(concat([means, deviations], 1), least));
}
