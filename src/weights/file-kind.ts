import { StyleError } from '../errors.js';

/** The file formats that Pastiche reads networks from. */
export type WeightsFileKind = 'safetensors' | 'hdf5';

interface OtherKind {
  readonly description: string;
  readonly matches: (bytes: Uint8Array, name: string) => boolean;
}

const wanted =
  'Get the same network as a safetensors or Keras HDF5 file; pullModel downloads vgg19, vgg19-torchvision and vgg16 as such.';

/** Files that people have at hand and take for weights, first match first. */
const others: readonly OtherKind[] = [
  { description: 'is empty', matches: (bytes) => bytes.length === 0 },
  {
    description: 'is a Git LFS pointer, not the file it stands for (git lfs pull gets that)',
    matches: (bytes) => startsWith(bytes, 'version https://git-lfs'),
  },
  {
    description: 'is a web page, probably the answer of a server that did not have the file',
    matches: (bytes) => /^\s*<(!doctype|html|\?xml)/i.test(text(bytes, 64)),
  },
  {
    description: 'is a Caffe model',
    matches: (bytes, name) =>
      /\.(caffemodel|prototxt)$/i.test(name) || text(bytes, 64).includes('VGG_ILSVRC'),
  },
  {
    description: 'is a zip archive, as PyTorch writes .pth and .pt files',
    matches: (bytes) => startsWith(bytes, 'PK\x03\x04'),
  },
  {
    description: 'is a Python pickle, as PyTorch wrote .pth and .pt files',
    matches: (bytes, name) => (bytes[0] === 0x80 && bytes[1]! <= 5) || /\.(pth|pt|pkl|ckpt|bin)$/i.test(name),
  },
  { description: 'is a TensorFlow Lite model', matches: (bytes) => text(bytes.subarray(4), 4) === 'TFL3' },
  { description: 'is an ONNX model', matches: (_bytes, name) => /\.onnx$/i.test(name) },
  { description: 'is a MATLAB file', matches: (bytes) => startsWith(bytes, 'MATLAB') },
  { description: 'is a NumPy array', matches: (bytes) => startsWith(bytes, '\x93NUMPY') },
  { description: 'is compressed with gzip', matches: (bytes) => startsWith(bytes, '\x1f\x8b') },
];

/**
 * Tells by its first bytes whether a file is safetensors or HDF5.
 * @param bytes the whole file, or at least its first kilobytes
 * @param name the file's name: for messages, and where the bytes don't tell
 * @throws StyleError `E_WEIGHTS_FORMAT` that says what the file is instead, as far as it is recognised
 */
export function weightsFileKind(bytes: Uint8Array, name: string): WeightsFileKind {
  // HDF5 allows a user block before the signature, of 512 bytes or a doubling of that.
  for (let offset = 0; offset < Math.min(bytes.length, 8192); offset = offset === 0 ? 512 : offset * 2) {
    if (startsWith(bytes.subarray(offset), '\x89HDF\r\n\x1a\n')) return 'hdf5';
  }
  if (
    bytes[8] === 0x7b ||
    (/\.safetensors$/i.test(name) && others.every(({ matches }) => !matches(bytes, name)))
  ) {
    return 'safetensors';
  }
  const other = others.find(({ matches }) => matches(bytes, name));
  const found = other?.description ?? `begins with the bytes ${hexadecimal(bytes)}`;
  throw new StyleError(
    'E_WEIGHTS_FORMAT',
    `The weights file "${name}" ${found}; a safetensors or Keras HDF5 file was expected.`,
    wanted,
  );
}

function startsWith(bytes: Uint8Array, prefix: string): boolean {
  return text(bytes, prefix.length) === prefix;
}

function text(bytes: Uint8Array, length: number): string {
  return String.fromCharCode(...bytes.subarray(0, length));
}

function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
