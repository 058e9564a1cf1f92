import { vggLayers } from '../../../src/networks/vgg-layers.js';
import type { ConvolutionWeights, VggWeights } from '../../../src/networks/vgg-weights.js';
import { createRandom } from '../../../src/random.js';

export interface RandomTeacher {
  readonly seed?: number;
  /** Channels of the five blocks. */
  readonly widths?: readonly number[];
  /** The last layer that it has. */
  readonly last?: string;
  /** Channels that its projections lead to; none without. */
  readonly projected?: number;
}

/**
 * A VGG-19 with random weights of a scale that keeps features alive (He et al. 2015). In each layer every other channel is
 * nearly a sum of others, as in trained networks: a student of fewer channels can tell nearly as much.
 */
export function randomTeacher({
  seed = 1,
  widths = [8, 16, 16, 16, 16],
  last,
  projected,
}: RandomTeacher = {}): VggWeights {
  const random = createRandom(seed);
  const normals = (length: number, scale: number): Float32Array =>
    Float32Array.from({ length }, () => scale * random.normal());
  const convolution = (inputChannels: number, outputChannels: number, kernel: number): ConvolutionWeights => {
    const taps = inputChannels * kernel ** 2;
    const weight = normals(outputChannels * taps, Math.sqrt(2 / taps));
    for (let row = 1; row < outputChannels; row += 2) {
      for (let i = row * taps; i < (row + 1) * taps; i += 1) {
        weight[i] = 0.9 * weight[i - taps]! + 0.15 * weight[i]!;
      }
    }
    return { inputChannels, outputChannels, kernel, weight, bias: normals(outputChannels, 0.1) };
  };
  const convolutions: Record<string, ConvolutionWeights> = {};
  const projections: Record<string, ConvolutionWeights> = {};
  let channels = 3;
  for (const { name, block, place } of vggLayers('vgg19')) {
    const width = widths[block - 1]!;
    convolutions[name] = convolution(channels, width, 3);
    if (projected !== undefined && place === 1) {
      projections[name.replace('conv', 'relu')] = convolution(width, projected, 1);
    }
    channels = width;
    if (name === last) break;
  }
  const preprocess: ConvolutionWeights = {
    inputChannels: 3,
    outputChannels: 3,
    kernel: 1,
    weight: Float32Array.of(4, 0, 0, 0, 4, 0, 0, 0, 4),
    bias: Float32Array.of(-2, -2, -2),
  };
  return {
    architecture: 'vgg19',
    preprocess,
    convolutions,
    projections,
    source: { name: 'random', format: 'test' },
  };
}
