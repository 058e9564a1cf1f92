import { StyleError } from '../errors.js';
import type { ConvolutionWeights } from '../networks/vgg-weights.js';

/** A tensor of a weights file, whatever the format. */
export interface NamedTensor {
  /** The file's own name of it, for messages. */
  readonly name: string;
  readonly shape: readonly number[];
  float32(): Float32Array;
}

/** The order of a kernel's axes in the file: PyTorch's output, input, height, width, or Keras' height, width, input, output. */
export type KernelLayout = 'OIHW' | 'HWIO';

/** What a convolution has to look like; an absent `outputChannels` may be any number. */
export interface ConvolutionExpectation {
  readonly inputChannels: number;
  readonly outputChannels?: number;
  readonly kernel: number;
  /** Why these input channels, for the message: "the photograph has 3 channels". */
  readonly reason: string;
}

const remedy =
  'Use the unchanged weights of a plain VGG-16 or VGG-19; pullModel("vgg19") downloads such a file.';

/** @returns the `E_WEIGHTS_CONTENT` error for a file whose tensors are not those of a VGG network. */
export function contentError(file: string, problem: string): StyleError {
  return new StyleError('E_WEIGHTS_CONTENT', `The weights file "${file}" can't be used: ${problem}`, remedy);
}

/**
 * Checks a kernel and its bias and brings them into output, input, height, width order.
 * @throws StyleError `E_WEIGHTS_CONTENT` naming the tensor, with both shapes when its shape is wrong, or with the
 * first number that is not finite
 */
export function readConvolution(
  file: string,
  weight: NamedTensor,
  bias: NamedTensor,
  layout: KernelLayout,
  expected: ConvolutionExpectation,
): ConvolutionWeights {
  const [output, input, height, width] = layout === 'OIHW' ? [0, 1, 2, 3] : [3, 2, 0, 1];
  const { shape } = weight;
  const outputChannels = shape[output];
  const wanted: (number | string)[] = [];
  wanted[output] = expected.outputChannels ?? 'any';
  wanted[input] = expected.inputChannels;
  wanted[height] = expected.kernel;
  wanted[width] = expected.kernel;
  const fits = shape.length === 4 && wanted.every((size, axis) => size === 'any' || size === shape[axis]);
  if (!fits || !outputChannels) {
    throw contentError(
      file,
      `tensor ${weight.name} has the shape [${shape.join(', ')}], and [${wanted.join(', ')}] was expected, ` +
        `since ${expected.reason}.`,
    );
  }
  if (bias.shape.length !== 1 || bias.shape[0] !== outputChannels) {
    throw contentError(
      file,
      `tensor ${bias.name} has the shape [${bias.shape.join(', ')}], and [${outputChannels}] was expected, ` +
        `since ${weight.name} has ${outputChannels} output channels.`,
    );
  }
  const numbers = finite(file, weight);
  return {
    outputChannels,
    inputChannels: expected.inputChannels,
    kernel: expected.kernel,
    weight: layout === 'OIHW' ? numbers : toOutputFirst(numbers, outputChannels, expected.kernel ** 2),
    bias: finite(file, bias),
  };
}

/** A tensor's numbers, all of them finite. */
function finite(file: string, tensor: NamedTensor): Float32Array {
  const numbers = tensor.float32();
  for (let index = 0; index < numbers.length; index++) {
    if (!Number.isFinite(numbers[index])) {
      throw contentError(
        file,
        `tensor ${tensor.name} has ${numbers[index]} at index ${index}, and only finite numbers were expected.`,
      );
    }
  }
  return numbers;
}

/** From [height, width, input, output] to [output, input, height, width]; `taps` is height times width. */
function toOutputFirst(numbers: Float32Array, outputs: number, taps: number): Float32Array {
  const inputs = numbers.length / outputs / taps;
  const result = new Float32Array(numbers.length);
  for (let tap = 0; tap < taps; tap++) {
    for (let input = 0; input < inputs; input++) {
      const row = (tap * inputs + input) * outputs;
      for (let output = 0; output < outputs; output++) {
        result[(output * inputs + input) * taps + tap] = numbers[row + output]!;
      }
    }
  }
  return result;
}
