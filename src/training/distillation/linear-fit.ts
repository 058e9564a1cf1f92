import { Matrix, CholeskyDecomposition } from 'ml-matrix';
import { concat, type Tensor } from '../../graph/index.js';
import type { ConvolutionWeights } from '../../networks/vgg-weights.js';
import { byChannel, onesBeside, secondMoments } from './feature-moments.js';
import { symmetricMatrix } from './whitening.js';

/** Added to the second moments of a fit's inputs, as a share of their mean. */
const ridge = 1e-4;

/**
 * `E[s s^T]` with `s` the values of a map's channels at one position, a 1, and those of a second map,
 * `[C + 1 + C', C + 1 + C']`.
 */
export function jointMoments(from: Tensor, to: Tensor): Tensor {
  const source = byChannel(from);
  return secondMoments(concat([source, onesBeside(source), byChannel(to)], 0));
}

/**
 * The 1x1 convolution from one map to another with the smallest mean squared error, by ridge regression.
 * @param moments as {@link jointMoments} gives them
 */
export function fitLinear(
  moments: Float64Array,
  inputChannels: number,
  outputChannels: number,
): ConvolutionWeights {
  const size = inputChannels + 1;
  const whole = symmetricMatrix(moments, size + outputChannels);
  const inputs = whole.subMatrix(0, size - 1, 0, size - 1);
  const damping = (ridge * inputs.trace()) / size;
  for (let i = 0; i < inputChannels; i += 1) inputs.set(i, i, inputs.get(i, i) + damping);
  const cross = whole.subMatrix(0, size - 1, size, whole.columns - 1);
  const solution = new CholeskyDecomposition(inputs).solve(cross);
  const weight = new Float32Array(outputChannels * inputChannels);
  for (let k = 0; k < outputChannels; k += 1) {
    for (let c = 0; c < inputChannels; c += 1) weight[k * inputChannels + c] = solution.get(c, k);
  }
  const bias = Float32Array.from(solution.getRow(inputChannels));
  return { outputChannels, inputChannels, kernel: 1, weight, bias };
}

/** Two 1x1 convolutions, the second one first in the arguments, as one. */
export function composed(second: ConvolutionWeights, first: ConvolutionWeights): ConvolutionWeights {
  const middle = first.outputChannels;
  const left = Matrix.from1DArray(second.outputChannels, middle, second.weight);
  const product = left.mmul(Matrix.from1DArray(middle, first.inputChannels, first.weight));
  const moved = left.mmul(Matrix.columnVector(first.bias));
  return {
    outputChannels: second.outputChannels,
    inputChannels: first.inputChannels,
    kernel: 1,
    weight: Float32Array.from(product.to1DArray()),
    bias: Float32Array.from(second.bias, (value, k) => value + moved.get(k, 0)),
  };
}
