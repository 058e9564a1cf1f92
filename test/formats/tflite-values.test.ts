import { describe, expect, it } from 'vitest';
import { tfliteFloats, tfliteIntegers } from '../../src/formats/tflite-values.js';
import type { TfliteTensor } from '../../src/formats/tflite.js';

/** Bytes that begin at an odd place of a longer buffer, as they may in a file that Node.js has read. */
function bytesOf(values: ArrayBufferView): Uint8Array {
  const bytes = new Uint8Array(values.buffer);
  return Buffer.concat([Buffer.alloc(3), bytes, Buffer.alloc(5)]).subarray(3, 3 + bytes.length);
}

const tensor = (
  type: TfliteTensor['type'],
  values: ArrayBufferView,
  shape: readonly number[],
  quantization?: TfliteTensor['quantization'],
): TfliteTensor => ({ name: 'w', type, shape, data: bytesOf(values), quantization });

const failure = (
  one: TfliteTensor,
  read: typeof tfliteFloats | typeof tfliteIntegers = tfliteFloats,
): unknown => {
  try {
    return read(one, 'model.tflite');
  } catch (error) {
    return error;
  }
};
const content = (message: string): unknown =>
  expect.objectContaining({
    code: 'E_WEIGHTS_CONTENT',
    message: expect.stringContaining(message) as string,
  });

describe('tfliteFloats', () => {
  it('gives floats as they are', () => {
    const values = Float32Array.from([1.5, -2, 1e-30]);
    expect(tfliteFloats(tensor('FLOAT32', values, [3]), 'm')).toEqual(values);
    // 1, -2, 65504 and the smallest number of float16.
    const halves = tensor('FLOAT16', Uint16Array.from([0x3c00, 0xc000, 0x7bff, 0x0001]), [2, 2]);
    expect(tfliteFloats(halves, 'm')).toEqual(Float32Array.from([1, -2, 65504, 2 ** -24]));
  });

  it('gives what bytes stand for: scale (number - zero point)', () => {
    const all = { scales: [0.5], zeroPoints: [-2], axis: 0 };
    const signed = tensor('INT8', Int8Array.from([-128, 0, 127]), [3], all);
    expect(tfliteFloats(signed, 'm')).toEqual(Float32Array.from([-63, 1, 64.5]));
    const unsigned = tensor('UINT8', Uint8Array.from([0, 255]), [2], {
      scales: [2],
      zeroPoints: [128],
      axis: 0,
    });
    expect(tfliteFloats(unsigned, 'm')).toEqual(Float32Array.from([-256, 254]));
    const wide = tensor('INT16', Int16Array.from([-300]), [1], { scales: [0.25], zeroPoints: [], axis: 0 });
    expect(tfliteFloats(wide, 'm')).toEqual(Float32Array.from([-75]));
    const bias = tensor('INT32', Int32Array.from([1e6, -3]), [2], {
      scales: [1e-3, 2],
      zeroPoints: [0, 0],
      axis: 0,
    });
    expect([...tfliteFloats(bias, 'm')]).toEqual([1000, -6]);
  });

  it('has a scale for each index of an axis', () => {
    const numbers = Int8Array.from({ length: 12 }, (_, index) => index);
    const along = (axis: number, scales: number[], zeroPoints: number[]): number[] => [
      ...tfliteFloats(tensor('INT8', numbers, [2, 3, 2], { scales, zeroPoints, axis }), 'm'),
    ];
    expect(along(0, [1, 10], [0, 6])).toEqual([0, 1, 2, 3, 4, 5, 0, 10, 20, 30, 40, 50]);
    expect(along(1, [1, 2, 3], [])).toEqual([0, 1, 4, 6, 12, 15, 6, 7, 16, 18, 30, 33]);
    expect(along(2, [1, -1], [0, 0])).toEqual([0, -1, 2, -3, 4, -5, 6, -7, 8, -9, 10, -11]);
  });

  it('says what it can not read', () => {
    const four = Int8Array.from([1, 2, 3, 4]);
    expect(failure({ name: 'map', type: 'FLOAT32', shape: [1] })).toEqual(
      content('The tensor "map" (FLOAT32) of "model.tflite" has no values'),
    );
    expect(failure(tensor('BOOL', four, [4]))).toEqual(content('is of a type that is not read'));
    const scales = { scales: [1, 2, 3], zeroPoints: [], axis: 1 };
    expect(failure(tensor('INT8', four, [2, 2], scales))).toEqual(
      content('has 3 scales for axis 1 of [2, 2]'),
    );
    const points = { scales: [1], zeroPoints: [1, 2], axis: 0 };
    expect(failure(tensor('INT8', four, [4], points))).toEqual(content('has 1 scales and 2 zero points'));
    expect(failure(tensor('FLOAT32', Float32Array.from([1, NaN]), [2]))).toEqual(content('are not finite'));
    const infinite = { scales: [Infinity], zeroPoints: [], axis: 0 };
    expect(failure(tensor('INT8', four, [4], infinite))).toEqual(content('are not finite'));
  });
});

describe('tfliteIntegers', () => {
  it('gives whole numbers and nothing else', () => {
    const values = Int32Array.from([1, -2]);
    expect(tfliteIntegers(tensor('INT32', values, [2]), 'm')).toEqual([1, -2]);
    expect(failure(tensor('FLOAT32', values, [2]), tfliteIntegers)).toEqual(
      content('is not of whole numbers'),
    );
    expect(failure({ name: 'x', type: 'INT32', shape: [2] }, tfliteIntegers)).toEqual(
      content('has no values'),
    );
  });
});
