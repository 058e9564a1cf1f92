import { describe, expect, it } from 'vitest';
import { encodeNpy } from '../../src/formats/npy.js';

describe('encodeNpy', () => {
  it('writes the bytes that numpy.save writes', () => {
    // numpy.save of numpy.arange(6, dtype='<i4').reshape(2, 3) and of numpy.array([1.5], '<f4').
    const text = (shape: string, type: string): string =>
      `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape}), }`.padEnd(117) + '\n';
    const start = Buffer.from('934e554d50590100' + '7600', 'hex');
    const matrix = encodeNpy(Int32Array.of(0, 1, 2, 3, 4, -5), [2, 3]);
    const numbers = Buffer.from('000000000100000002000000' + '0300000004000000fbffffff', 'hex');
    expect(Buffer.from(matrix)).toEqual(Buffer.concat([start, Buffer.from(text('2, 3', '<i4')), numbers]));
    const vector = encodeNpy(Float32Array.of(1.5), [1]);
    expect(Buffer.from(vector)).toEqual(
      Buffer.concat([start, Buffer.from(text('1,', '<f4')), Buffer.from('0000c03f', 'hex')]),
    );
  });

  it('begins the numbers at a multiple of 64, also after a long header', () => {
    const shape = new Array(30).fill(1);
    const file = encodeNpy(Float32Array.of(2), shape);
    expect((file.length - 4) % 64).toBe(0);
    expect(10 + file[8]! + 256 * file[9]!).toBe(file.length - 4);
  });

  it('refuses a shape of another size', () => {
    expect(() => encodeNpy(new Float32Array(5), [2, 3])).toThrow(/needs 6 values and has 5/);
  });
});
