import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseTflite, type TfliteModel } from '../../src/formats/tflite.js';
import { encodeOnnx, input } from '../../src/graph/index.js';
import type { AnyStyleModel } from '../../src/networks/any-style-model.js';
import { magentaModel, magentaPart } from '../../src/networks/magenta.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { encodeTflite, type WritableModel } from '../formats/tflite-writer.js';
import { goldenFolder, readGolden, type GoldenTensor } from '../golden-values.js';
import { valuesOf } from '../graph-values.js';
import { toyPrediction, toyTransformer } from './toy-magenta.js';

/** Models and values of test/golden/tflite: LiteRT has computed what these make. */
let golden: (tensor: string) => GoldenTensor;
const read = async (name: string): Promise<TfliteModel> =>
  parseTflite(await readFile(join(goldenFolder, 'tflite', name)), name);
const written = (model: WritableModel, name = 'toy.tflite'): TfliteModel =>
  parseTflite(encodeTflite(model), name);

let [prediction, transformer]: TfliteModel[] = [];
let model: AnyStyleModel;
beforeAll(async () => {
  golden = await readGolden('tflite/values.safetensors');
  prediction = await read('prediction.tflite');
  transformer = await read('transformer.tflite');
  model = magentaModel(prediction, transformer);
});

/** NHWC to NCHW: the upper left `height` x `width` pixels. */
function planes(
  { shape, values }: GoldenTensor,
  height = shape[1]!,
  width = shape[2]!,
  scale = 1,
): Float32Array {
  const [, , columns, channels] = shape as [number, number, number, number];
  return Float32Array.from({ length: channels * height * width }, (_, index) => {
    const [channel, y, x] = [
      Math.floor(index / (height * width)),
      Math.floor(index / width) % height,
      index % width,
    ];
    return scale * values[(y * columns + x) * channels + channel]!;
  });
}

const worst = (found: Float32Array, expected: Float32Array): number => {
  expect(found.length).toBe(expected.length);
  return Math.max(...found.map((value, index) => Math.abs(value - expected[index]!)));
};

/** A painting's code, from a golden picture. */
const codeOf = ({ code }: AnyStyleModel, style: GoldenTensor): Promise<Float32Array> => {
  const picture = planes(style, undefined, undefined, 1 / 255);
  return valuesOf(code(input('painting', [1, 3, style.shape[1]!, style.shape[2]!])), { painting: picture });
};

const paint = (
  height: number,
  width: number,
  picture: Float32Array,
  code: Float32Array,
): Promise<Float32Array> =>
  valuesOf(model.paint(input('picture', [1, 3, height, width]), input('code', [1, code.length])), {
    picture,
    code,
  });

describe('magentaModel', () => {
  it('says what it takes', () => {
    expect(model).toMatchObject({ name: 'magenta', codeLength: 6, styleSize: { side: 45, square: true } });
  });

  it('makes the code that LiteRT makes, with SAME borders at odd sizes', async () => {
    const code = await codeOf(model, golden('prediction.style'));
    expect(worst(code, golden('prediction.code').values)).toBeLessThan(1e-4);
  });

  it('makes nearly the code that LiteRT makes with bytes', async () => {
    const quantized = magentaModel(await read('prediction-int8.tflite'), transformer!);
    const code = await codeOf(quantized, golden('prediction-int8.style'));
    const expected = golden('prediction-int8.code').values;
    const product = (a: Float32Array, b: Float32Array): number =>
      a.reduce((sum, value, i) => sum + value * b[i]!, 0);
    const cosine = product(code, expected) / Math.sqrt(product(code, code) * product(expected, expected));
    expect(cosine).toBeGreaterThan(0.98);
  });

  it('paints what LiteRT paints, at the size of the file', async () => {
    const picture = planes(golden('transformer.content'), 48, 40, 1 / 255);
    const painted = await paint(48, 40, picture, golden('code').values);
    expect(worst(painted, planes(golden('transformer.painted')))).toBeLessThan(1e-4);
  });

  it('paints at an odd size what LiteRT paints with a file of that size, cropped', async () => {
    const picture = planes(golden('transformer-odd.content'), 101, 77, 1 / 255);
    const painted = await paint(101, 77, picture, golden('code').values);
    expect(worst(painted, planes(golden('transformer-odd.painted'), 101, 77))).toBeLessThan(1e-4);
  });

  it('can be a file for pictures of any size', async () => {
    const painted = model.paint(input('picture', [1, 3, 35, 37]), input('code', [1, 6]));
    const file = encodeOnnx({ painted }, {}, 'cpu', { freeSizes: true });
    const runtime = createNativeRuntime({ threads: 1, keepMemory: false });
    const shape = [1, 3, 101, 77];
    const inputs = { ...file.inputs, picture: { shape, dtype: 'float32' as const } };
    const program = await runtime.load({
      ...file,
      inputs,
      outputs: { painted: { shape, dtype: 'float32' } },
    });
    const values = {
      picture: planes(golden('transformer-odd.content'), 101, 77, 1 / 255),
      code: golden('code').values,
    };
    const { painted: found } = await program.run(values);
    await runtime.dispose();
    expect(worst(found!, planes(golden('transformer-odd.painted'), 101, 77))).toBeLessThan(1e-4);
  });

  it.each([
    [5, 5],
    [8, 8],
    [6, 31],
  ])('paints %i x %i', async (height, width) => {
    const painted = await paint(
      height,
      width,
      new Float32Array(3 * height * width).fill(0.5),
      new Float32Array(6).fill(0.2),
    );
    expect(painted.every((value) => value > 0 && value < 1)).toBe(true);
  });

  it('refuses a picture that is smaller than its borders', () => {
    const small = (): unknown => model.paint(input('picture', [1, 3, 4, 90]), input('code', [1, 6]));
    expect(small).toThrow(
      expect.objectContaining({ code: 'E_IMAGE_SIZE', message: expect.stringContaining('90x4') as string }),
    );
  });
});

describe('models that do not belong', () => {
  const failure = (act: () => unknown): unknown => {
    try {
      return act();
    } catch (error) {
      return error;
    }
  };
  const content = (message: string): unknown =>
    expect.objectContaining({
      name: 'StyleError',
      code: 'E_WEIGHTS_CONTENT',
      message: expect.stringContaining(message) as string,
    });

  it('are told from the two parts', () => {
    expect(magentaPart(prediction!)).toBe('style prediction');
    expect(magentaPart(transformer!)).toBe('transformer');
  });

  it('are the two in the wrong order', () => {
    expect(failure(() => magentaModel(transformer!, prediction!))).toEqual(
      content(
        `"transformer.tflite" is the transformer of Magenta's network, and the style prediction was expected`,
      ),
    );
  });

  it('are of another task', () => {
    const classifier = toyPrediction({ height: 16, width: 16 }, false);
    const last = classifier.operators.at(-1)!;
    const flat = {
      ...classifier,
      operators: classifier.operators.slice(0, 3),
      outputs: classifier.operators[2]!.outputs,
    };
    expect(failure(() => magentaPart(written(flat)))).toEqual(
      content('is a TFLite model for another task: it makes [1, 8, 8, 6] from [1, 16, 16, 3]'),
    );
    const [gray] = classifier.tensors;
    const audio = {
      ...classifier,
      tensors: [{ ...gray!, shape: [1, 16000] }, ...classifier.tensors.slice(1)],
    };
    expect(failure(() => magentaPart(written(audio)))).toEqual(content('from [1, 16000]'));
    expect(failure(() => magentaPart(written({ ...classifier, outputs: [...last.outputs, 0] })))).toEqual(
      content('and [1, 16, 16, 3] from'),
    );
    expect(failure(() => magentaPart(written({ ...classifier, inputs: [] })))).toEqual(
      content('another task'),
    );
  });

  it('have an operator that is not known, whatever they take and make', () => {
    const toy = toyTransformer({ height: 16, width: 16 });
    const changed = (type: string): WritableModel => ({
      ...toy,
      operators: toy.operators.map((one, place) => (place === 40 ? { ...one, type, options: {} } : one)),
    });
    for (const type of ['SOFTMAX', 'TFLite_Detection_PostProcess'])
      expect(failure(() => magentaPart(written(changed(type))))).toEqual(
        content(`the operator ${type} is not known`),
      );
  });

  it('take codes of another length', () => {
    const toy = toyPrediction({ height: 16, width: 16 }, false);
    const [mean, last] = toy.operators.slice(-2);
    // The mean itself, of 12 channels, as a code.
    const longer = { ...toy, operators: toy.operators.filter((one) => one !== last), outputs: mean!.outputs };
    expect(failure(() => magentaModel(written(longer, 'longer.tflite'), transformer!))).toEqual(
      content('"longer.tflite" makes codes of 12 numbers, and "transformer.tflite" takes 6'),
    );
  });
});
