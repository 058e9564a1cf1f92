import type { ConvolutionWeights, VggWeights } from '../networks/vgg-weights.js';
import { encodeSafetensors, type TensorToEncode } from '../formats/safetensors.js';

export interface VggEncoding {
  /** F16 halves the file: kernels and projections are rounded, biases and the preprocessing stay float32. */
  readonly dtype: 'F32' | 'F16';
  /** The file's words about itself: licence, source, training. `architecture` is filled in when absent. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes a VGG network, full or compact, as a safetensors file that `readVggWeights` reads:
 * `preprocess`, `conv1_1` .., `project1_1` .. with `.weight` [output, input, kernel, kernel] and `.bias` [output].
 * Equal weights give equal bytes.
 * @throws StyleError `E_SHAPE` when an array is not as long as its channel counts say
 */
export function encodeVggWeights(weights: VggWeights, encoding: VggEncoding): Uint8Array {
  const tensors: Record<string, TensorToEncode> = {};
  const add = (name: string, convolution: ConvolutionWeights, dtype: 'F32' | 'F16') => {
    const { outputChannels, inputChannels, kernel, weight, bias } = convolution;
    tensors[`${name}.weight`] = {
      dtype,
      shape: [outputChannels, inputChannels, kernel, kernel],
      data: weight,
    };
    tensors[`${name}.bias`] = { dtype: 'F32', shape: [outputChannels], data: bias };
  };
  // Half precision would move the mean of ImageNet by up to 0.03 of 255.
  add('preprocess', weights.preprocess, 'F32');
  for (const [name, convolution] of Object.entries(weights.convolutions))
    add(name, convolution, encoding.dtype);
  for (const [layer, projection] of Object.entries(weights.projections)) {
    add(layer.replace('relu', 'project'), projection, encoding.dtype);
  }
  return encodeSafetensors(tensors, { architecture: weights.architecture, ...encoding.metadata });
}
