import type { ConvolutionWeights, VggWeights } from '../networks/vgg-weights.js';
import { contentError, readConvolution, type NamedTensor } from './convolution-reading.js';
import { weightsFileKind } from './file-kind.js';
import { readKerasVgg } from './keras-hdf5.js';
import { torchvisionPreprocessing } from './preprocessing.js';
import { parseSafetensors, type SafetensorsFile } from '../formats/safetensors.js';
import { assembleConvolutions } from './vgg-assembly.js';
import { vggLayers, type VggArchitecture, type VggLayer } from '../networks/vgg-layers.js';

/**
 * Reads a VGG network from a file of unknown origin, recognised by its bytes and its tensors' names and shapes:
 * - Pastiche's own safetensors: `preprocess`, `conv1_1` .. with `.weight` and `.bias`, and for a compact network
 *   `project1_1` .., the 1x1 convolutions from its features to the full network's;
 * - a torchvision or timm state dict as safetensors: `features.0.weight` .., the classifier is ignored. Its input is
 *   taken to be torchvision's normalised RGB: a Caffe network renamed to `features.N` can't be told from it;
 * - Keras HDF5, see {@link readKerasVgg}.
 *
 * The numbers may be views on `bytes`.
 * @param bytes the whole file
 * @param name the file's name, for messages and {@link VggWeights.source}
 * @throws StyleError `E_WEIGHTS_FORMAT` when the file is broken or of another format; `E_WEIGHTS_CONTENT` when it holds
 * another network, tensors of wrong shapes (the first is named, with both shapes) or numbers that are not finite
 */
export async function readVggWeights(bytes: Uint8Array, name: string): Promise<VggWeights> {
  if (weightsFileKind(bytes, name) === 'hdf5') return readKerasVgg(bytes, name);
  const file = parseSafetensors(bytes, name);
  if (file.tensors.has('conv1_1.weight')) return readPasticheFile(file);
  if (file.tensors.has('features.0.weight')) return readTorchvision(file);
  const found = [...file.tensors.keys()].slice(0, 4).join(', ') || 'no tensors at all';
  throw contentError(
    name,
    `it has ${found}, and conv1_1.weight (Pastiche) or features.0.weight (torchvision) was expected.`,
  );
}

function readPasticheFile(file: SafetensorsFile): VggWeights {
  const architecture = architectureOf(file);
  const convolutions = assembleConvolutions(file.name, architecture, {
    layout: 'OIHW',
    tensor: ({ name }, part) => file.tensors.get(`${name}.${part}`),
    tensorName: ({ name }, part) => `${name}.${part}`,
  });
  const stranger = [...file.tensors.keys()].find((name) => {
    const convolution = /^(conv\d+_\d+)\.weight$/.exec(name)?.[1];
    return convolution !== undefined && !Object.hasOwn(convolutions, convolution);
  });
  if (stranger) {
    throw contentError(file.name, `it has the tensor ${stranger}, and ${architecture} has no such layer.`);
  }
  return {
    architecture,
    preprocess: readPair(file, 'preprocess', {
      inputChannels: 3,
      outputChannels: 3,
      kernel: 1,
      reason: 'it turns 3 channels into 3',
    }),
    convolutions,
    projections: readProjections(file, convolutions),
    source: { name: file.name, format: 'Pastiche safetensors' },
  };
}

/** Told by the layers that only one of the two has; a file that ends before them may say it in its metadata. */
function architectureOf(file: SafetensorsFile): VggArchitecture {
  const has = (name: string) => file.tensors.has(`${name}.weight`);
  if (['conv3_4', 'conv4_4', 'conv5_4'].some(has)) return 'vgg19';
  if (has('conv4_1')) return 'vgg16';
  return /vgg-?16/i.test(file.metadata['architecture'] ?? '') ? 'vgg16' : 'vgg19';
}

function readProjections(
  file: SafetensorsFile,
  convolutions: Readonly<Record<string, ConvolutionWeights>>,
): Record<string, ConvolutionWeights> {
  const projections: Record<string, ConvolutionWeights> = {};
  for (const tensor of file.tensors.keys()) {
    const layer = /^project(\d+_\d+)\.weight$/.exec(tensor)?.[1];
    if (layer === undefined) continue;
    const convolution = convolutions[`conv${layer}`];
    if (!convolution) {
      throw contentError(
        file.name,
        `it has the tensor ${tensor}, but not conv${layer}.weight, whose features it projects.`,
      );
    }
    const inputChannels = convolution.outputChannels;
    const reason = `conv${layer} gives ${inputChannels} channels`;
    projections[`relu${layer}`] = readPair(file, `project${layer}`, { inputChannels, kernel: 1, reason });
  }
  return projections;
}

function readPair(
  file: SafetensorsFile,
  name: string,
  expected: Parameters<typeof readConvolution>[4],
): ConvolutionWeights {
  const [weight, bias] = (['weight', 'bias'] as const).map((part): NamedTensor => {
    const tensor = file.tensors.get(`${name}.${part}`);
    if (!tensor) throw contentError(file.name, `tensor ${name}.${part} is missing.`);
    return tensor;
  }) as [NamedTensor, NamedTensor];
  return readConvolution(file.name, weight, bias, 'OIHW', expected);
}

function readTorchvision(file: SafetensorsFile): VggWeights {
  const architecture = torchvisionArchitecture(file);
  const tensorName = ({ index }: VggLayer, part: string) => `features.${index}.${part}`;
  return {
    architecture,
    preprocess: torchvisionPreprocessing(),
    convolutions: assembleConvolutions(file.name, architecture, {
      layout: 'OIHW',
      tensor: (convolution, part) => file.tensors.get(tensorName(convolution, part)),
      tensorName,
    }),
    projections: {},
    source: { name: file.name, format: 'torchvision safetensors' },
  };
}

/** Told by the places of the convolutions in `features`; up to VGG-19's conv3_3 they are the same in both. */
function torchvisionArchitecture(file: SafetensorsFile): VggArchitecture {
  const normalised = [...file.tensors.keys()].find((name) => /^features\.\d+\.running_mean$/.test(name));
  if (normalised) {
    throw contentError(
      file.name,
      `it has the tensor ${normalised}, so it is a VGG with batch normalisation, and a plain one was expected.`,
    );
  }
  const places = [...file.tensors.keys()]
    .map((name) => Number(/^features\.(\d+)\.weight$/.exec(name)?.[1] ?? NaN))
    .filter((place) => !Number.isNaN(place));
  const fitting = (['vgg19', 'vgg16'] as const).find((architecture) => {
    const known = vggLayers(architecture).map(({ index }) => index);
    return places.every((place) => known.includes(place));
  });
  if (fitting) return fitting;
  const list = places.sort((a, b) => a - b).join(', ');
  const expected = vggLayers('vgg19').map(({ index }) => index);
  throw contentError(
    file.name,
    `its convolutions are at features ${list}; those of VGG-19 are at ${expected.join(', ')}, and VGG-16's differ from 17 on.`,
  );
}
