import type * as Hdf5Module from 'h5wasm';
import { StyleError } from '../errors.js';
import type { VggWeights } from '../networks/vgg-weights.js';
import { contentError, type NamedTensor } from './convolution-reading.js';
import { caffePreprocessing } from './preprocessing.js';
import { assembleConvolutions } from './vgg-assembly.js';
import { vggLayers, type VggArchitecture, type VggLayer } from '../networks/vgg-layers.js';

type Hdf5 = typeof Hdf5Module;
type FileSystem = NonNullable<Hdf5['FS']>;

/** Numbers the files in h5wasm's own file system in memory, so that two reads at a time don't meet. */
let opened = 0;

/**
 * Reads a VGG network from a Keras HDF5 weights file: the published
 * `vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5` (and VGG-16's), the same with the classifier, or weights that
 * Keras 1, 2 or 3 saved from `keras.applications.VGG19`. The layer is known by the part `block3_conv2` of a dataset's
 * path, the kernel and the bias by their number of axes, so that all of Keras' layouts
 * (`block3_conv2/block3_conv2_W_1:0`, `model_weights/block3_conv2/block3_conv2/kernel:0`) are read alike.
 * Kernels go from height, width, input, output to output, input, height, width. The network takes mean-subtracted
 * BGR in 0 .. 255.
 * @param bytes the whole file
 * @param name the file's name, for messages
 * @throws StyleError `E_WEIGHTS_FORMAT` when the file is not HDF5 or damaged; `E_WEIGHTS_CONTENT` when its tensors are not VGG's
 */
export async function readKerasVgg(bytes: Uint8Array, name: string): Promise<VggWeights> {
  return withDatasets(bytes, name, (tensors) => {
    if (tensors.size === 0) {
      throw contentError(
        name,
        'it has no layer named block1_conv1, block1_conv2, ..., as the VGG networks of Keras have.',
      );
    }
    const architecture = architectureOf(tensors);
    return {
      architecture,
      preprocess: caffePreprocessing(),
      convolutions: assembleConvolutions(name, architecture, {
        layout: 'HWIO',
        tensor: (convolution, part) => tensors.get(key(layerName(convolution), part)),
        tensorName: (convolution, part) =>
          `${part === 'weight' ? 'kernel' : 'bias'} of ${layerName(convolution)}`,
      }),
      projections: {},
      source: { name, format: 'Keras HDF5' },
    };
  });
}

function layerName({ block, place }: VggLayer): string {
  return `block${block}_conv${place}`;
}

function key(layer: string, part: 'weight' | 'bias'): string {
  return `${layer} ${part}`;
}

/** VGG-16 has three convolutions in blocks 3 to 5; a file that ends before telling is the same in both. */
function architectureOf(tensors: ReadonlyMap<string, NamedTensor>): VggArchitecture {
  const has = (layer: string) => tensors.has(key(layer, 'weight'));
  const fourth = vggLayers('vgg19').some(
    (convolution) => convolution.place === 4 && has(layerName(convolution)),
  );
  return fourth || !has('block4_conv1') ? 'vgg19' : 'vgg16';
}

/** Opens the file for as long as `use` works on its tensors, each of which is read when it is asked for. */
async function withDatasets<T>(
  bytes: Uint8Array,
  name: string,
  use: (tensors: ReadonlyMap<string, NamedTensor>) => T,
): Promise<T> {
  const hdf5 = await import('h5wasm');
  const module = await hdf5.ready;
  const fileSystem = module.FS as unknown as FileSystem;
  const path = `/weights-${++opened}.h5`;
  fileSystem.writeFile(path, bytes);
  // Otherwise the library under h5wasm prints its complaints and goes on.
  module.activate_throwing_error_handler();
  try {
    const file = new hdf5.File(path, 'r');
    try {
      return use(collect(hdf5, file, name));
    } finally {
      file.close();
    }
  } catch (cause) {
    if (cause instanceof StyleError) throw cause;
    throw new StyleError(
      'E_WEIGHTS_FORMAT',
      `"${name}" (${bytes.length} bytes) is not a sound HDF5 file: ${lastComplaint(cause)}.`,
      'Get the file again; it may be cut off or damaged. pullModel("vgg19") downloads a good one.',
      { cause },
    );
  } finally {
    module.deactivate_throwing_error_handler();
    fileSystem.unlink(path);
  }
}

/** All kernels (4 axes) and biases (1 axis) of VGG's layers. */
function collect(hdf5: Hdf5, file: InstanceType<Hdf5['File']>, name: string): Map<string, NamedTensor> {
  const tensors = new Map<string, NamedTensor>();
  for (const path of file.paths()) {
    const layer = path.split('/').find((part) => /^block\d+_conv\d+$/.test(part));
    // A model that was saved while it trained carries the optimiser's moments under its layers' names.
    if (!layer || path.startsWith('optimizer')) continue;
    const dataset = file.get(path);
    if (!(dataset instanceof hdf5.Dataset)) continue;
    const shape = dataset.shape ?? [];
    const part = shape.length === 1 ? 'bias' : 'weight';
    if (tensors.has(key(layer, part))) {
      throw contentError(name, `the layer ${layer} has a second ${part}, ${path}, and one was expected.`);
    }
    tensors.set(key(layer, part), { name: path, shape, float32: () => numbers(dataset, name) });
  }
  return tensors;
}

function numbers(dataset: Hdf5Module.Dataset, name: string): Float32Array {
  const values = dataset.value;
  if (values instanceof Float32Array) return values;
  if (values instanceof Float64Array) return new Float32Array(values);
  const tensor = dataset.path.replace(/^\//, '');
  throw contentError(
    name,
    `tensor ${tensor} has the element type ${String(dataset.dtype)}, and float32 was expected.`,
  );
}

/** HDF5 reports a stack of calls; the innermost one says what is wrong with the file. */
function lastComplaint(cause: unknown): string {
  const lines = String(cause instanceof Error ? cause.message : cause).split('\n');
  const innermost = lines.findLast((line) => /^\s*#\d+:/.test(line));
  return innermost?.replace(/^.*\(\):\s*/, '') ?? lines[0]!;
}
