import type { ConvolutionWeights } from '../networks/vgg-weights.js';
import { contentError, readConvolution, type KernelLayout, type NamedTensor } from './convolution-reading.js';
import { vggLayers, type VggArchitecture, type VggLayer } from '../networks/vgg-layers.js';

/** How a file format names and lays out the tensors of VGG's convolutions. */
export interface VggNaming {
  readonly layout: KernelLayout;
  /** The format's name of a convolution's kernel or bias, for the message when it is missing. */
  tensorName(convolution: VggLayer, part: 'weight' | 'bias'): string;
  /** The tensor itself, or undefined when the file has none. */
  tensor(convolution: VggLayer, part: 'weight' | 'bias'): NamedTensor | undefined;
}

/**
 * Collects the convolutions of a VGG network from the first to the last that the file has. Any channel counts are
 * accepted, as long as every layer takes what the one before it gives.
 * @param file the file's name, for messages
 * @throws StyleError `E_WEIGHTS_CONTENT` naming the first tensor that is missing, of the wrong shape or not finite
 */
export function assembleConvolutions(
  file: string,
  architecture: VggArchitecture,
  naming: VggNaming,
): Record<string, ConvolutionWeights> {
  const all = vggLayers(architecture);
  const last = all.findLastIndex((convolution) => naming.tensor(convolution, 'weight') !== undefined);
  const convolutions: Record<string, ConvolutionWeights> = {};
  let channels = 3;
  let reason = 'the photograph has 3 channels';
  for (const convolution of all.slice(0, last + 1)) {
    const weight = required(file, naming, convolution, 'weight', all[last]!);
    const bias = required(file, naming, convolution, 'bias', all[last]!);
    const read = readConvolution(file, weight, bias, naming.layout, {
      inputChannels: channels,
      kernel: 3,
      reason,
    });
    convolutions[convolution.name] = read;
    channels = read.outputChannels;
    reason = `${convolution.name} before it gives ${channels} channels`;
  }
  return convolutions;
}

function required(
  file: string,
  naming: VggNaming,
  convolution: VggLayer,
  part: 'weight' | 'bias',
  last: VggLayer,
): NamedTensor {
  const tensor = naming.tensor(convolution, part);
  if (tensor) return tensor;
  throw contentError(
    file,
    `tensor ${naming.tensorName(convolution, part)} is missing, although the file goes on to ` +
      `${naming.tensorName(last, 'weight')}.`,
  );
}
