import { StyleError } from '../errors.js';

/** NumPy's names of the element types that are written, little-endian. */
const elementTypes = { Float32Array: '<f4', Int32Array: '<i4' } as const;

/**
 * Writes an array in NumPy's format .npy, version 1.0: `numpy.load` reads it.
 * @param values in row-major order
 * @param shape one length per axis
 * @throws StyleError `E_SHAPE` when the shape and the number of values differ
 */
export function encodeNpy(values: Float32Array | Int32Array, shape: readonly number[]): Uint8Array {
  const size = shape.reduce((product, length) => product * length, 1);
  if (size !== values.length) {
    throw new StyleError(
      'E_SHAPE',
      `An array of shape [${shape.join(', ')}] needs ${size} values and has ${values.length}.`,
      'Give as many values as the shape says.',
    );
  }
  const type = elementTypes[values instanceof Float32Array ? 'Float32Array' : 'Int32Array'];
  // A tuple of one element has a comma behind it.
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const description = `{'descr': '${type}', 'fortran_order': False, 'shape': (${axes}), }`;
  // Magic number, version and length take 10 bytes; the numbers begin at a multiple of 64.
  const headerLength = Math.ceil((10 + description.length + 1) / 64) * 64 - 10;
  const file = new Uint8Array(10 + headerLength + 4 * values.length);
  file.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, headerLength & 0xff, headerLength >> 8]);
  file.set(new TextEncoder().encode(`${description.padEnd(headerLength - 1)}\n`), 10);
  const view = new DataView(file.buffer, 10 + headerLength);
  if (values instanceof Float32Array) values.forEach((value, i) => view.setFloat32(4 * i, value, true));
  else values.forEach((value, i) => view.setInt32(4 * i, value, true));
  return file;
}
