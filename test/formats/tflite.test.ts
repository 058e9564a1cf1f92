import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { Builder } from 'flatbuffers';
import { beforeAll, describe, expect, it } from 'vitest';
import { StyleError } from '../../src/errors.js';
import { isTflite, parseTflite, type TfliteTensor } from '../../src/formats/tflite.js';
import { magentaPart } from '../../src/networks/magenta.js';
import { goldenFolder } from '../golden-values.js';
import { encodeTflite } from './tflite-writer.js';

/** A file that LiteRT has run. */
let file: Uint8Array;
beforeAll(async () => void (file = await readFile(join(goldenFolder, 'tflite/prediction-int8.tflite'))));

const failure = (bytes: Uint8Array, name = 'file.tflite'): StyleError | undefined => {
  try {
    parseTflite(bytes, name);
    return undefined;
  } catch (error) {
    if (error instanceof StyleError) return error;
    throw error;
  }
};

const tensor = (more: Partial<TfliteTensor> = {}): TfliteTensor => ({
  ...{ name: 'x', type: 'FLOAT32', shape: [2], ...more },
});

describe('parseTflite', () => {
  it('reads tensors, operators and options', () => {
    const bytes = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
    const quantization = { scales: [0.5, 0.25], zeroPoints: [-3, 2 ** 40], axis: 0 };
    const tensors = [
      tensor({ name: 'picture', shape: [1, 8, 6, 3] }),
      tensor({ name: 'weights', type: 'INT32', data: bytes, quantization }),
      tensor({ name: 'half', type: 'FLOAT16', shape: [2, 2], data: bytes }),
      tensor({ name: 'result ☃', shape: [] }),
    ];
    const operators = [
      {
        type: 'CONV_2D',
        inputs: [0, 1, -1],
        outputs: [3],
        options: { padding: 1, strideX: 2, activation: 3 },
      },
      { type: 'My_Own', inputs: [3], outputs: [3], options: {} },
      { type: 'SOFTMAX', inputs: [], outputs: [], options: {} },
    ];
    const model = parseTflite(encodeTflite({ tensors, operators, inputs: [0], outputs: [3] }), 'mine.tflite');
    expect(model).toEqual({
      name: 'mine.tflite',
      tensors,
      operators: [
        {
          ...operators[0],
          options: { padding: 1, strideX: 2, strideY: 0, activation: 3, dilationX: 1, dilationY: 1 },
        },
        operators[1],
        operators[2],
      ],
      inputs: [0],
      outputs: [3],
    });
  });

  it('tells TFLite files by their identifier', () => {
    expect(isTflite(file)).toBe(true);
    expect(isTflite(new Uint8Array(3))).toBe(false);
    expect(failure(new TextEncoder().encode('<!DOCTYPE html>'), 'page.tflite')).toMatchObject({
      code: 'E_WEIGHTS_FORMAT',
      message: `"page.tflite" is not a whole TFLite file: it does not have "TFL3" as its fifth to eighth byte.`,
    });
  });

  it('says what does not fit', () => {
    const written = (more: object): StyleError | undefined =>
      failure(encodeTflite({ tensors: [tensor()], operators: [], inputs: [], outputs: [], ...more }));
    expect(written({ inputs: [1] })?.message).toContain('it refers to tensor 1 of 1');
    expect(written({ outputs: [-1] })?.message).toContain('it refers to tensor -1 of 1');
    expect(written({ tensors: [tensor({ shape: [2, -1] })] })?.message).toContain('has the shape [2, -1]');
    expect(written({ tensors: [tensor({ data: new Uint8Array(7) })] })?.message).toContain(
      'tensor "x" of shape [2] has 7 bytes instead of 8',
    );
    const operator = { type: 'MUL', inputs: [0, -2], outputs: [0], options: {} };
    expect(written({ operators: [operator] })?.message).toContain('it refers to tensor -2 of 1');
    expect(written({})).toBeUndefined();
  });
});

describe('a file from a stranger', () => {
  it('is refused wherever it is cut off', () => {
    for (let length = 0; length < file.length; length += 1) {
      // A missing end of padding alone would not matter, and there is none.
      expect(failure(file.subarray(0, length))?.code, `${length} bytes`).toBe('E_WEIGHTS_FORMAT');
    }
    expect(failure(file)).toBeUndefined();
  });

  it('is read or refused whatever its bytes are, and so is the network that it has', () => {
    const changes = fc.array(
      fc.tuple(
        fc.nat({ max: file.length - 1 }),
        fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 127, 128, 255)),
      ),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(changes, (some) => {
        const bytes = Uint8Array.from(file);
        for (const [place, value] of some) bytes[place] = value;
        try {
          magentaPart(parseTflite(bytes, 'changed.tflite'));
        } catch (error) {
          expect(error).toBeInstanceOf(StyleError);
          expect(['E_WEIGHTS_FORMAT', 'E_WEIGHTS_CONTENT']).toContain((error as StyleError).code);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is refused where it is random but for its identifier', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 400 }), fc.nat({ max: 40 }), (bytes, root) => {
        bytes.set([root, 0, 0, 0, 0x54, 0x46, 0x4c, 0x33]);
        expect(failure(bytes)?.code).toBe('E_WEIGHTS_FORMAT');
      }),
      { numRuns: 1000 },
    );
  });

  it('can not ask for more memory than it has bytes', () => {
    // 9,000 tensors in the space of one, each with the same 100,000 scales: 3.6 GB in a file of half a megabyte.
    const builder = new Builder(1024);
    builder.startVector(4, 100_000, 4);
    for (let count = 0; count < 100_000; count += 1) builder.addFloat32(1);
    const scales = builder.endVector();
    const tableOf = (slot: number, offset: number): number => {
      builder.startObject(5);
      builder.addFieldOffset(slot, offset, 0);
      return builder.endObject();
    };
    const one = tableOf(4, tableOf(2, scales));
    builder.startVector(4, 9000, 4);
    for (let count = 0; count < 9000; count += 1) builder.addOffset(one);
    const tensors = builder.endVector();
    const list = (offset: number): number => {
      builder.startVector(4, 1, 4);
      builder.addOffset(offset);
      return builder.endVector();
    };
    const graphs = list(tableOf(0, tensors));
    builder.startObject(3);
    builder.addFieldInt32(0, 3, 0);
    builder.addFieldOffset(2, graphs, 0);
    builder.finish(builder.endObject(), 'TFL3');
    expect(failure(builder.asUint8Array())?.message).toContain('it refers to the same bytes again and again');
  });

  it('can not list tables without end', () => {
    const many = Array.from({ length: 10_001 }, () => tensor());
    const bytes = encodeTflite({ tensors: many, operators: [], inputs: [], outputs: [] });
    expect(failure(bytes)?.message).toContain('it lists 10002 tables in one place');
  });
});
