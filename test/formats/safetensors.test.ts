import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  encodeSafetensors,
  parseSafetensors,
  type SafetensorsValues,
  type TensorToEncode,
} from '../../src/formats/safetensors.js';

/** A file written byte by byte, so that the reader is not checked against our own writer. */
function handMade(header: unknown, data: Buffer, options: { length?: bigint; json?: string } = {}): Buffer {
  const json = Buffer.from(options.json ?? JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(options.length ?? BigInt(json.length));
  return Buffer.concat([prefix, json, data]);
}

const float = (shape: number[], start: number, end: number) => ({
  dtype: 'F32',
  shape,
  data_offsets: [start, end],
});

describe('parseSafetensors', () => {
  it('reads every element type from bytes laid out by hand', () => {
    const data = Buffer.alloc(47);
    data.writeDoubleLE(Math.PI, 0);
    data.writeBigInt64LE(-(2n ** 40n), 8);
    data.writeBigUInt64LE(2n ** 63n, 16);
    data.writeFloatLE(-0.5, 24);
    data.writeInt32LE(-7, 28);
    data.writeUInt32LE(4_000_000_000, 32);
    data.writeUInt16LE(0x3555, 36);
    data.writeUInt16LE(0xc2f7, 38);
    data.writeInt16LE(-300, 40);
    data.writeUInt16LE(65535, 42);
    data.writeInt8(-5, 44);
    data.writeUInt8(250, 45);
    data.writeUInt8(1, 46);
    const entry = (dtype: string, start: number, end: number) => ({
      dtype,
      shape: [1],
      data_offsets: [start, end],
    });
    const file = parseSafetensors(
      handMade(
        {
          __metadata__: { source: 'by hand' },
          f64: entry('F64', 0, 8),
          i64: entry('I64', 8, 16),
          u64: entry('U64', 16, 24),
          f32: { ...entry('F32', 24, 28), shape: [] },
          i32: entry('I32', 28, 32),
          u32: entry('U32', 32, 36),
          f16: entry('F16', 36, 38),
          bf16: entry('BF16', 38, 40),
          i16: entry('I16', 40, 42),
          u16: entry('U16', 42, 44),
          i8: entry('I8', 44, 45),
          u8: entry('U8', 45, 46),
          bool: entry('BOOL', 46, 47),
        },
        data,
      ),
      'hand.safetensors',
    );
    const read = Object.fromEntries([...file.tensors].map(([name, tensor]) => [name, tensor.values()[0]]));
    expect(read).toEqual({
      f64: Math.PI,
      i64: -(2n ** 40n),
      u64: 2n ** 63n,
      f32: -0.5,
      i32: -7,
      u32: 4_000_000_000,
      f16: 0.333251953125,
      bf16: -123.5,
      i16: -300,
      u16: 65535,
      i8: -5,
      u8: 250,
      bool: 1,
    });
    expect(file.metadata).toEqual({ source: 'by hand' });
    expect(file.tensor('f32').shape).toEqual([]);
    expect(file.tensor('f32').size).toBe(1);
    expect(file.tensor('i64').float32()).toEqual(new Float32Array([-(2 ** 40)]));
    expect(file.tensor('f32').float64()).toEqual(new Float64Array([-0.5]));
  });

  it('reads what the Python library wrote', async () => {
    const golden = new URL('../golden/', import.meta.url);
    const file = parseSafetensors(
      await readFile(new URL('losses.safetensors', golden)),
      'losses.safetensors',
    );
    expect(file.tensors.size).toBeGreaterThan(0);
    for (const tensor of file.tensors.values()) {
      expect(tensor.float64().every(Number.isFinite)).toBe(true);
      expect(tensor.size).toBe(tensor.shape.reduce((a, b) => a * b, 1));
    }
  });

  it('reads tensors that lie at odd addresses', () => {
    const data = Buffer.alloc(9);
    data.writeUInt8(9, 0);
    data.writeFloatLE(1.5, 1);
    data.writeFloatLE(-2.5, 5);
    const header = { a: { dtype: 'U8', shape: [1], data_offsets: [0, 1] }, b: float([2], 1, 9) };
    for (const spare of [0, 1, 2, 3]) {
      const padded = handMade(header, data, { json: JSON.stringify(header) + ' '.repeat(spare) });
      expect([...parseSafetensors(padded, 'odd').tensor('b').float32()]).toEqual([1.5, -2.5]);
    }
  });

  const eight = Buffer.alloc(8);
  it.each<[string, Uint8Array, RegExp]>([
    ['an empty file', Buffer.alloc(0), /it has 0 bytes, and at least 8 were expected/],
    [
      'a header length out of range',
      handMade({}, eight, { length: 2n ** 60n }),
      /header of 1152921504606846976 bytes/,
    ],
    [
      'a header that runs past the end',
      handMade({}, eight, { length: 50n }),
      /end at byte 58, but .* only 18 bytes/,
    ],
    ['a header that is no JSON', handMade(null, eight, { json: '{"a":' }), /not JSON/],
    [
      'a header that is no UTF-8',
      handMade(null, eight, { json: '', length: 2n }).fill(0xff, 8),
      /not JSON in UTF-8/,
    ],
    ['a header that is no object', handMade([1], eight), /not a JSON object/],
    ['metadata that is no text', handMade({ __metadata__: { a: 1 } }, eight), /__metadata__/],
    ['an entry that is no object', handMade({ a: 3 }, eight), /entry of tensor a/],
    [
      'an unknown element type',
      handMade({ a: { dtype: 'Q4', shape: [2], data_offsets: [0, 8] } }, eight),
      /tensor a has the element type "Q4", and one of F64, F32/,
    ],
    [
      "an element type that is JavaScript's own",
      handMade({ a: { dtype: 'toString', shape: [2], data_offsets: [0, 8] } }, eight),
      /element type "toString"/,
    ],
    ['a negative size', handMade({ a: float([-2], 0, 8) }, eight), /tensor a has the shape \[-2\]/],
    ['a fraction as size', handMade({ a: float([2.5], 0, 8) }, eight), /tensor a has the shape \[2.5\]/],
    ['offsets the wrong way round', handMade({ a: float([2], 8, 0) }, eight), /data_offsets \[8,0\]/],
    [
      'a shape that needs more bytes',
      handMade({ a: float([3], 0, 8) }, eight),
      /\[3\] and type F32 has 8 bytes, and 12/,
    ],
    [
      'overlapping tensors',
      handMade({ a: float([1], 0, 4), b: float([1], 2, 6) }, eight),
      /tensor b .* overlaps/,
    ],
    [
      'a gap between tensors',
      handMade({ a: float([1], 0, 4), b: float([1], 8, 12) }, Buffer.alloc(12)),
      /gap/,
    ],
    ['bytes that nobody owns', handMade({ a: float([1], 0, 4) }, eight), /take 4 bytes, but 8 bytes follow/],
    [
      'a truncated file',
      handMade({ a: float([1], 0, 4), b: float([2], 4, 12) }, eight),
      /take 12 bytes, but 8 bytes follow the header. Tensor b is the first that is not complete/,
    ],
  ])('refuses %s', (_what, bytes, message) => {
    expect(() => parseSafetensors(bytes, 'bad.safetensors')).toThrow(
      expect.objectContaining({
        code: 'E_WEIGHTS_FORMAT',
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
  });

  it('says which tensors there are when one is missing', () => {
    const file = parseSafetensors(handMade({ a: float([2], 0, 8) }, eight), 'x.safetensors');
    expect(() => file.tensor('b')).toThrow(
      expect.objectContaining({
        code: 'E_WEIGHTS_CONTENT',
        message: '"x.safetensors" has no tensor b; its first ones are a.',
      }) as Error,
    );
  });

  it('answers any damage with a StyleError, never with another one', () => {
    const sound = encodeSafetensors({ a: { dtype: 'F32', shape: [2, 2], data: [1, 2, 3, 4] } });
    fc.assert(
      fc.property(
        fc.nat(sound.length - 1),
        fc.integer({ min: 0, max: 255 }),
        fc.nat(sound.length),
        (at, value, length) => {
          const damaged = sound.slice(0, length);
          if (at < length) damaged[at] = value;
          try {
            parseSafetensors(damaged, 'damaged');
          } catch (error) {
            expect(error).toMatchObject({ name: 'StyleError', code: 'E_WEIGHTS_FORMAT' });
          }
        },
      ),
    );
  });
});

describe('encodeSafetensors', () => {
  const makers: Record<TensorToEncode['dtype'], (length: number) => fc.Arbitrary<SafetensorsValues>> = {
    F64: (n) => fc.float64Array({ minLength: n, maxLength: n }),
    F32: (n) => fc.float32Array({ minLength: n, maxLength: n }),
    F16: (n) =>
      fc
        .array(fc.integer({ min: -2048, max: 2048 }), { minLength: n, maxLength: n })
        .map((a) => Float32Array.from(a, (x) => x / 32)),
    I64: (n) => fc.bigInt64Array({ minLength: n, maxLength: n }),
    U64: (n) => fc.bigUint64Array({ minLength: n, maxLength: n }),
    I32: (n) => fc.int32Array({ minLength: n, maxLength: n }),
    U32: (n) => fc.uint32Array({ minLength: n, maxLength: n }),
    I16: (n) => fc.int16Array({ minLength: n, maxLength: n }),
    U16: (n) => fc.uint16Array({ minLength: n, maxLength: n }),
    I8: (n) => fc.int8Array({ minLength: n, maxLength: n }),
    U8: (n) => fc.uint8Array({ minLength: n, maxLength: n }),
    BOOL: (n) => fc.uint8Array({ minLength: n, maxLength: n, max: 1 }),
  };
  const tensor = fc
    .tuple(
      fc.constantFrom(...(Object.keys(makers) as TensorToEncode['dtype'][])),
      fc.array(fc.nat(3), { maxLength: 3 }),
    )
    .chain(([dtype, shape]) =>
      makers[dtype](shape.reduce((a, b) => a * b, 1)).map((data) => ({ dtype, shape, data })),
    );
  const names = fc
    .string({ minLength: 1, maxLength: 12 })
    .filter((name) => !['__metadata__', '__proto__'].includes(name));

  it('comes back from the reader unchanged', () => {
    fc.assert(
      fc.property(
        fc.dictionary(names, tensor, { noNullPrototype: true }),
        fc.dictionary(names, fc.string()),
        (tensors, metadata) => {
          const file = parseSafetensors(encodeSafetensors(tensors, metadata), 'round trip');
          expect({ ...file.metadata }).toEqual({ ...metadata });
          expect([...file.tensors.keys()].sort()).toEqual(Object.keys(tensors).sort());
          for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
            expect(file.tensor(name)).toMatchObject({ name, dtype, shape });
            expect(file.tensor(name).values()).toEqual(data);
          }
        },
      ),
    );
  });

  it('lays the file out as the format says', () => {
    const file = encodeSafetensors(
      {
        small: { dtype: 'U8', shape: [3], data: [1, 2, 3] },
        'b.float': { dtype: 'F32', shape: [1, 2], data: new Float32Array([0.25, -8]) },
        'a.half': { dtype: 'F16', shape: [2], data: [1, -2] },
        wide: { dtype: 'I64', shape: [], data: new BigInt64Array([-1n]) },
      },
      { note: 'Grüße' },
    );
    const bytes = Buffer.from(file);
    const length = Number(bytes.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    expect(JSON.parse(bytes.subarray(8, 8 + length).toString('utf8'))).toEqual({
      __metadata__: { note: 'Grüße' },
      wide: { dtype: 'I64', shape: [], data_offsets: [0, 8] },
      'b.float': { dtype: 'F32', shape: [1, 2], data_offsets: [8, 16] },
      'a.half': { dtype: 'F16', shape: [2], data_offsets: [16, 20] },
      small: { dtype: 'U8', shape: [3], data_offsets: [20, 23] },
    });
    expect(bytes.subarray(8 + length).toString('hex')).toBe(
      'ffffffffffffffff' + '0000803e' + '000000c1' + '003c' + '00c0' + '010203',
    );
  });

  it('writes a subarray of a larger buffer, not the buffer', () => {
    const data = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
    const file = parseSafetensors(encodeSafetensors({ a: { dtype: 'F32', shape: [2], data } }), 'x');
    expect([...file.tensor('a').float32()]).toEqual([1, 2]);
  });

  it('refuses a shape that does not fit and integers of the wrong width', () => {
    expect(() => encodeSafetensors({ a: { dtype: 'F32', shape: [2, 2], data: [1, 2, 3] } })).toThrow(
      expect.objectContaining({
        code: 'E_SHAPE',
        message: 'Tensor a of shape [2, 2] needs 4 elements, but 3 were given.',
      }) as Error,
    );
    expect(() => encodeSafetensors({ a: { dtype: 'I64', shape: [1], data: [1] } })).toThrow(
      expect.objectContaining({ code: 'E_ARGUMENT' }) as Error,
    );
    expect(() => encodeSafetensors({ a: { dtype: 'F32', shape: [1], data: new BigInt64Array(1) } })).toThrow(
      expect.objectContaining({ code: 'E_ARGUMENT' }) as Error,
    );
  });
});
