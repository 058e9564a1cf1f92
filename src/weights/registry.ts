import type { VggArchitecture } from '../networks/vgg-layers.js';

/** How a model's file is got. */
export type ModelSource =
  /** The file as it is published. */
  | { readonly kind: 'file'; readonly url: string }
  /** Some tensors of a published safetensors file, read by HTTP ranges and stored as a smaller file. */
  | { readonly kind: 'tensors'; readonly url: string; readonly names: readonly string[] }
  /** No public address has it in a form that we read; `instruction` says what to do instead. */
  | { readonly kind: 'none'; readonly instruction: string };

/** What is known of a file of a network. */
export interface ModelFile {
  /** Name of the stored file; for a VGG network `NAME.safetensors` is found as well. */
  readonly fileName: string;
  /** Bytes of the stored file; exact and verified where `hash` is given. */
  readonly size: number;
  /** The published digest of the file; without one, that of the first download is recorded and holds from then on. */
  readonly hash?: { readonly algorithm: 'md5' | 'sha256'; readonly digest: string };
  readonly source: ModelSource;
}

/** What is known of a network that has a name, and of its file, or the first one of several. */
export interface ModelRecord extends ModelFile {
  readonly name: string;
  /** What it is, in a few words. */
  readonly title: string;
  /** A VGG network is one to measure losses with; Magenta's paints. */
  readonly architecture: VggArchitecture | 'magenta';
  /** SPDX identifier of the licence of the numbers. */
  readonly licence: string;
  /** Whose work it is, and where it is published. */
  readonly credit: string;
  /** The other files of a network that has several, all in one folder. */
  readonly also?: readonly ModelFile[];
}

/** Places of VGG-19's convolutions in torchvision's `features`. */
const vgg19Features = [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34];

const vggCredit = 'Simonyan and Zisserman 2014 (Visual Geometry Group, Oxford)';

/** Where the TensorFlow team has the files of Magenta's network. */
const magentaFolder =
  'https://storage.googleapis.com/download.tensorflow.org/models/tflite/task_library/style_transfer/android/';
const magentaFile = 'magenta_arbitrary-image-stylization-v1-256_';

/** The name that Magenta's network has. */
export const magentaName = 'magenta';

/** The known models. */
export const modelRegistry: readonly ModelRecord[] = [
  {
    name: 'pastiche-vgg',
    title: 'VGG-19 with a quarter of the channels, to relu5_1, distilled by us',
    architecture: 'vgg19',
    licence: 'MIT',
    credit: 'Pastiche, from the network of Wang et al. 2020; see models/MODEL_CARD.md',
    fileName: 'pastiche-vgg.safetensors',
    size: 1_936_680,
    hash: { algorithm: 'sha256', digest: '812d7eadde3693b44978c1e46c4dcfee59ff9b9fbbe17f076c20a797ea3a6b83' },
    source: { kind: 'none', instruction: 'It is part of the package: install Pastiche again.' },
  },
  {
    name: 'vgg19',
    title: 'VGG-19, the weights of its authors as Keras publishes them, without the classifier',
    architecture: 'vgg19',
    licence: 'CC-BY-4.0',
    credit: `${vggCredit}, converted by Keras`,
    fileName: 'vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5',
    size: 80_134_624,
    hash: { algorithm: 'md5', digest: '253f8cb515780f3b799900260a226db6' },
    source: {
      kind: 'file',
      url: 'https://storage.googleapis.com/tensorflow/keras-applications/vgg19/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5',
    },
  },
  {
    name: 'vgg19-torchvision',
    title: 'VGG-19 as torchvision trained it, convolutions only',
    architecture: 'vgg19',
    licence: 'BSD-3-Clause',
    credit: 'torchvision; the copy timm/vgg19.tv_in1k on Hugging Face',
    fileName: 'vgg19-torchvision.safetensors',
    size: 80_100_000,
    source: {
      kind: 'tensors',
      url: 'https://huggingface.co/timm/vgg19.tv_in1k/resolve/main/model.safetensors',
      names: vgg19Features.flatMap((place) => [`features.${place}.weight`, `features.${place}.bias`]),
    },
  },
  {
    name: 'vgg16',
    title: 'VGG-16, the weights of its authors as Keras publishes them, without the classifier',
    architecture: 'vgg16',
    licence: 'CC-BY-4.0',
    credit: `${vggCredit}, converted by Keras`,
    fileName: 'vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5',
    size: 58_889_256,
    hash: { algorithm: 'md5', digest: '6d6bbae143d832006294945121d1f1fc' },
    source: {
      kind: 'file',
      url: 'https://storage.googleapis.com/tensorflow/keras-applications/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5',
    },
  },
  {
    name: 'vgg19-16x',
    title: 'VGG-19 with a quarter of the channels, to relu5_1, distilled',
    architecture: 'vgg19',
    licence: 'MIT',
    credit: 'Wang et al. 2020, Collaborative Distillation (MingSun-Tse/Collaborative-Distillation)',
    fileName: 'vgg19-16x.safetensors',
    size: 3_860_592,
    source: {
      kind: 'none',
      instruction: 'Put vgg19-16x.safetensors into a folder and name that folder in PASTICHE_MODELS.',
    },
  },
  {
    name: magentaName,
    title: "Magenta's network for any style: prediction in int8, transformer in float16",
    architecture: 'magenta',
    licence: 'Apache-2.0',
    credit:
      'Ghiasi et al. 2017, for mobile devices by the Magenta and TensorFlow teams (arbitrary-image-stylization-v1-256)',
    fileName: 'style_predict_int8.tflite',
    size: 2_828_838,
    hash: { algorithm: 'sha256', digest: 'af6ad4b2e7aeba0675f32636082ab915ced5375229a3f8aff7e714c6213f5ed2' },
    source: { kind: 'file', url: `${magentaFolder}${magentaFile}int8_prediction_1.tflite` },
    also: [
      {
        fileName: 'style_transfer_f16.tflite',
        size: 422_086,
        hash: {
          algorithm: 'sha256',
          digest: '53b5243ed5aa33e408db7976c8a8e51a90a0f7708fd122a31428cd00fbdf6aa6',
        },
        source: { kind: 'file', url: `${magentaFolder}${magentaFile}fp16_transfer_1.tflite` },
      },
    ],
  },
];

/** The networks that the default settings work with, best first: of these the first that is installed is used. */
export const defaultNetworks: readonly string[] = ['pastiche-vgg', 'vgg19-16x', 'vgg19', 'vgg19-torchvision'];

/** The names of the known models, for messages. */
export const modelNames = (): string => modelRegistry.map(({ name }) => name).join(', ');

/** The names of those that losses can be measured with, for messages. */
export const networkNames = (): string =>
  modelRegistry
    .filter(({ architecture }) => architecture !== 'magenta')
    .map(({ name }) => name)
    .join(', ');

/** A record for each file of a model, its main one first. */
export const recordsOfFiles = ({ also = [], ...main }: ModelRecord): ModelRecord[] => [
  main,
  ...also.map((file) => ({ ...main, ...file })),
];

/** The record of a name, or undefined. */
export function findModelRecord(name: string): ModelRecord | undefined {
  return modelRegistry.find((record) => record.name === name);
}
