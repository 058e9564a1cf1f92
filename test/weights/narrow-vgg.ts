import * as hdf5 from 'h5wasm';
import { encodeSafetensors, type TensorToEncode } from '../../src/formats/safetensors.js';

/** Convolutions in their order, written out by hand so that the tests don't use the code's own table. */
export const layers = {
  vgg19: '1_1 1_2 2_1 2_2 3_1 3_2 3_3 3_4 4_1 4_2 4_3 4_4 5_1 5_2 5_3 5_4'.split(' '),
  vgg16: '1_1 1_2 2_1 2_2 3_1 3_2 3_3 4_1 4_2 4_3 5_1 5_2 5_3'.split(' '),
};

/** Their places in torchvision's `features`, from the text. */
export const torchvisionIndices = {
  vgg19: [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34],
  vgg16: [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28],
};

export type Architecture = keyof typeof layers;
export type Tensors = Record<string, TensorToEncode>;

/** The number at a place of a layer's kernel; tells every place of every layer from every other. */
export function kernelNumber(layer: string, output: number, input: number, y: number, x: number): number {
  return Number(layer.replace('_', '')) + output / 16 + input / 256 + y / 1024 + x / 4096;
}

/** Output channels of a layer in the narrow networks: 2, 3, 4, 5, 6 by block. */
export function width(layer: string): number {
  return Number(layer[0]) + 1;
}

interface Convolution {
  layer: string;
  outputs: number;
  inputs: number;
  /** In output, input, height, width order. */
  kernel: number[];
  bias: number[];
}

/** A whole VGG with few channels. */
export function narrowConvolutions(architecture: Architecture): Convolution[] {
  let inputs = 3;
  return layers[architecture].map((layer) => {
    const outputs = width(layer);
    const kernel = [];
    for (let o = 0; o < outputs; o++)
      for (let i = 0; i < inputs; i++)
        for (let y = 0; y < 3; y++) for (let x = 0; x < 3; x++) kernel.push(kernelNumber(layer, o, i, y, x));
    const bias = Array.from({ length: outputs }, (_, o) => -o - 0.5);
    const convolution = { layer, outputs, inputs, kernel, bias };
    inputs = outputs;
    return convolution;
  });
}

/** The narrow network as a state dict of torchvision, with a stub of a classifier. */
export function torchvisionTensors(architecture: Architecture): Tensors {
  const tensors: Tensors = {};
  narrowConvolutions(architecture).forEach(({ outputs, inputs, kernel, bias }, at) => {
    const index = torchvisionIndices[architecture][at];
    tensors[`features.${index}.weight`] = { dtype: 'F32', shape: [outputs, inputs, 3, 3], data: kernel };
    tensors[`features.${index}.bias`] = { dtype: 'F32', shape: [outputs], data: bias };
  });
  tensors['classifier.0.weight'] = { dtype: 'F32', shape: [2, 2], data: [NaN, 1, 2, 3] };
  return tensors;
}

/** The narrow network in Pastiche's own form, with projections at the first layer of every block. */
export function ownTensors(architecture: Architecture): Tensors {
  const tensors: Tensors = {
    'preprocess.weight': { dtype: 'F32', shape: [3, 3, 1, 1], data: [1, 0, 0, 0, 2, 0, 0, 0, 3] },
    'preprocess.bias': { dtype: 'F32', shape: [3], data: [-0.25, -0.5, -0.75] },
  };
  for (const { layer, outputs, inputs, kernel, bias } of narrowConvolutions(architecture)) {
    tensors[`conv${layer}.weight`] = { dtype: 'F32', shape: [outputs, inputs, 3, 3], data: kernel };
    tensors[`conv${layer}.bias`] = { dtype: 'F32', shape: [outputs], data: bias };
    if (!layer.endsWith('_1')) continue;
    tensors[`project${layer}.weight`] = {
      dtype: 'F32',
      shape: [4, outputs, 1, 1],
      data: new Float32Array(4 * outputs).fill(0.5),
    };
    tensors[`project${layer}.bias`] = { dtype: 'F32', shape: [4], data: [1, 2, 3, 4] };
  }
  return tensors;
}

export function asFile(tensors: Tensors): Uint8Array {
  return encodeSafetensors(tensors);
}

/** Kernel in height, width, input, output order, as Keras keeps it. */
export function heightFirst({ outputs, inputs }: Convolution, layer: string): Float32Array {
  const kernel = [];
  for (let y = 0; y < 3; y++)
    for (let x = 0; x < 3; x++)
      for (let i = 0; i < inputs; i++)
        for (let o = 0; o < outputs; o++) kernel.push(kernelNumber(layer, o, i, y, x));
  return Float32Array.from(kernel);
}

export interface Dataset {
  path: string;
  shape: number[];
  data: Float32Array | Float64Array | Int32Array;
}

/** The datasets of a Keras file; `names` makes the two paths of a layer. */
export function kerasDatasets(
  architecture: Architecture,
  names: (layer: string) => [string, string],
): Dataset[] {
  return narrowConvolutions(architecture).flatMap((convolution) => {
    const { layer, outputs, inputs, bias } = convolution;
    const [kernelPath, biasPath] = names(`block${layer.replace('_', '_conv')}`);
    return [
      { path: kernelPath, shape: [3, 3, inputs, outputs], data: heightFirst(convolution, layer) },
      { path: biasPath, shape: [outputs], data: Float32Array.from(bias) },
    ];
  });
}

/** Paths as in the published files, which Keras 1 wrote. */
export function keras1Names(layer: string): [string, string] {
  return [`${layer}/${layer}_W_1:0`, `${layer}/${layer}_b_1:0`];
}

/** Writes an HDF5 file in memory. */
export async function hdf5File(datasets: Dataset[], groups: string[] = []): Promise<Uint8Array> {
  const { FS: fileSystem } = (await hdf5.ready) as unknown as { FS: NonNullable<typeof hdf5.FS> };
  const path = '/made-by-a-test.h5';
  const file = new hdf5.File(path, 'w');
  const made = new Set<string>();
  const group = (name: string) => {
    name.split('/').forEach((_, depth, parts) => {
      const partial = parts.slice(0, depth + 1).join('/');
      if (partial && !made.has(partial)) file.create_group(partial);
      made.add(partial);
    });
  };
  groups.forEach(group);
  for (const dataset of datasets) {
    group(dataset.path.split('/').slice(0, -1).join('/'));
    file.create_dataset({ name: dataset.path, data: dataset.data, shape: dataset.shape });
  }
  file.close();
  const bytes = fileSystem.readFile(path).slice();
  fileSystem.unlink(path);
  return bytes;
}
