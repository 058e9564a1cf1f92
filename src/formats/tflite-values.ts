import { StyleError } from '../errors.js';
import { halfToFloat32 } from './half-float.js';
import type { TfliteQuantization, TfliteTensor } from './tflite.js';

/** What can't be read of a constant, as an error. */
function contentError({ name, type }: TfliteTensor, file: string, problem: string): StyleError {
  return new StyleError(
    'E_WEIGHTS_CONTENT',
    `The tensor "${name}" (${type}) of "${file}" ${problem}.`,
    'Get the file again, or one whose weights are float32, float16 or quantised to 8 bits.',
  );
}

/** The elements of a constant as they lie in the file: copied, since they may begin at any byte of it. */
function elements(tensor: TfliteTensor, data: Uint8Array, file: string): ArrayLike<number> {
  const { buffer } = new Uint8Array(data);
  switch (tensor.type) {
    case 'FLOAT32':
      return new Float32Array(buffer);
    case 'FLOAT16':
      return halfToFloat32(new Uint16Array(buffer));
    case 'INT8':
      return new Int8Array(buffer);
    case 'UINT8':
      return new Uint8Array(buffer);
    case 'INT16':
      return new Int16Array(buffer);
    case 'INT32':
      return new Int32Array(buffer);
    default:
      throw contentError(tensor, file, 'is of a type that is not read');
  }
}

/**
 * The numbers of a constant, in the order of its shape; quantised ones as what they stand for.
 * @param file the file's name, for messages
 * @throws StyleError `E_WEIGHTS_CONTENT` for a tensor that is no constant, of another type, with scales that don't fit its shape, or
 * with numbers that are not finite
 */
export function tfliteFloats(tensor: TfliteTensor, file: string): Float32Array {
  const { data, quantization, shape } = tensor;
  if (data === undefined) throw contentError(tensor, file, 'has no values');
  const numbers = elements(tensor, data, file);
  const isFloat = tensor.type === 'FLOAT32' || tensor.type === 'FLOAT16';
  const floats =
    isFloat || quantization === undefined
      ? Float32Array.from(numbers)
      : dequantized(numbers, shape, quantization, (problem) => contentError(tensor, file, problem));
  if (!floats.every(Number.isFinite)) throw contentError(tensor, file, 'has numbers that are not finite');
  return floats;
}

function dequantized(
  numbers: ArrayLike<number>,
  shape: readonly number[],
  { scales, zeroPoints, axis }: TfliteQuantization,
  failure: (problem: string) => StyleError,
): Float32Array {
  const isForAll = scales.length === 1;
  if (!isForAll && shape[axis] !== scales.length)
    throw failure(`has ${scales.length} scales for axis ${axis} of [${shape.join(', ')}]`);
  if (zeroPoints.length !== 0 && zeroPoints.length !== scales.length)
    throw failure(`has ${scales.length} scales and ${zeroPoints.length} zero points`);
  // A channel's numbers lie in stretches of this length.
  const stretch = isForAll
    ? numbers.length
    : shape.slice(axis + 1).reduce((product, length) => product * length, 1);
  const floats = new Float32Array(numbers.length);
  for (let start = 0, channel = 0; start < floats.length; start += stretch, channel += 1) {
    const [scale, zeroPoint] = [scales[channel % scales.length]!, zeroPoints[channel % scales.length] ?? 0];
    const end = start + stretch;
    for (let index = start; index < end; index += 1) floats[index] = scale * (numbers[index]! - zeroPoint);
  }
  return floats;
}

/**
 * The whole numbers of a constant that is no weight: axes, widths of borders, sizes.
 * @throws StyleError `E_WEIGHTS_CONTENT` for a tensor that is no constant of int32
 */
export function tfliteIntegers(tensor: TfliteTensor, file: string): number[] {
  if (tensor.data === undefined) throw contentError(tensor, file, 'has no values');
  if (tensor.type !== 'INT32') throw contentError(tensor, file, 'is not of whole numbers');
  return Array.from(elements(tensor, tensor.data, file));
}
