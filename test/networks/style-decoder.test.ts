import { afterAll, describe, expect, it } from 'vitest';
import * as ort from 'onnxruntime-node';
import { constant, input } from '../../src/graph/index.js';
import { styleCode } from '../../src/networks/style-decoder.js';
import { encodeStyleDecoderModel, parseStyleDecoderModel } from '../../src/networks/style-decoder-model.js';
import { parsePictureModel } from '../../src/networks/picture-model.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { runOnce } from '../../src/runtime/runtime.js';
import { noise } from '../noise.js';
import { toyAnyStyle, toyDecoderModel } from '../toy-any-style.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

async function codeOf(rgb: Float32Array, height: number, width: number): Promise<Float32Array> {
  const { code } = await runOnce(
    runtime,
    { code: toyAnyStyle.code(input('painting', [1, 3, height, width])) },
    { painting: rgb },
  );
  return code!;
}

async function paint(picture: Float32Array, height: number, width: number, code: Float32Array) {
  const painted = toyAnyStyle.paint(input('picture', [1, 3, height, width]), input('code', [1, code.length]));
  return (await runOnce(runtime, { painted }, { picture, code }))['painted']!;
}

/** Mean and covariance of the colours. */
function colors(rgb: Float32Array): number[] {
  const size = rgb.length / 3;
  const plane = (c: number): number[] => [...rgb.subarray(c * size, (c + 1) * size)];
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const means = [0, 1, 2].map((c) => mean(plane(c)));
  const products = [0, 1, 2].flatMap((a) =>
    [0, 1, 2].map((b) => {
      const other = plane(b);
      return mean(plane(a).map((value, i) => (value - means[a]!) * (other[i]! - means[b]!)));
    }),
  );
  return [...means, ...products];
}

const [height, width] = [45, 61];
const picture = noise(3 * height * width);
const painting = noise(3 * 64 * 64).map((value, i) => (i < 64 * 64 ? 0.2 + 0.7 * value : 0.4 * value));

describe('the style decoder', () => {
  it('gives a picture of any size the mean and covariance of the painting’s colours', async () => {
    const code = await codeOf(painting, 64, 64);
    expect(code.length).toBe(toyAnyStyle.codeLength);
    for (const [rows, columns] of [
      [height, width],
      [32, 40],
      [9, 100],
    ] as const) {
      const painted = await paint(picture.subarray(0, 3 * rows * columns), rows, columns, code);
      const wanted = colors(painting);
      colors(painted).forEach((value, i) => expect(Math.abs(value - wanted[i]!)).toBeLessThan(3e-3));
    }
  });

  it('has codes that are those of paintings side by side when they are blended', async () => {
    const [left, right] = [painting, noise(3 * 64 * 64)];
    const [one, other] = [await codeOf(left, 64, 64), await codeOf(right, 64, 64)];
    // Colours alone: features at the seam see both.
    const half = one.length - 16;
    const both = Float32Array.from({ length: 3 * 64 * 128 }, (_, i) => {
      const column = i % 128;
      const row = Math.floor(i / 128);
      return column < 64 ? left[row * 64 + column]! : right[row * 64 + column - 64]!;
    });
    const blended = one.map((value, i) => (value + other[i]!) / 2);
    const found = await codeOf(both, 64, 128);
    for (let i = half; i < one.length; i += 1) expect(found[i]).toBeCloseTo(blended[i]!, 4);
  });

  it('is a file that any ONNX Runtime runs at any size, and reads back', async () => {
    const model = toyDecoderModel();
    const bytes = encodeStyleDecoderModel(model);
    const back = parseStyleDecoderModel(bytes, 'toy.onnx');
    expect(back.options).toEqual(model.options);
    for (const [name, values] of Object.entries(model.parameters))
      expect([name, back.parameters[name]!.every((value, i) => value === values[i])]).toEqual([name, true]);
    const code = await codeOf(painting, 64, 64);
    const session = await ort.InferenceSession.create(bytes);
    for (const [rows, columns] of [
      [height, width],
      [24, 33],
    ] as const) {
      const rgb = picture.slice(0, 3 * rows * columns);
      const { painted } = await session.run({
        picture: new ort.Tensor('float32', rgb, [1, 3, rows, columns]),
        code: new ort.Tensor('float32', code, [1, code.length]),
      });
      const expected = await paint(rgb, rows, columns, code);
      expect(painted!.dims).toEqual([1, 3, rows, columns]);
      const values = painted!.data as Float32Array;
      expect(values.every((value, i) => Math.abs(value - expected[i]!) < 1e-3)).toBe(true);
    }
  });

  it('is told from other networks', () => {
    const bytes = encodeStyleDecoderModel(toyDecoderModel());
    expect(() => parsePictureModel(bytes, 'any.onnx')).toThrow(/told none/);
    expect(() => parseStyleDecoderModel(bytes.subarray(0, 5000), 'cut.onnx')).toThrow(
      /no.* network|not a network/,
    );
    const broken = toyDecoderModel();
    broken.parameters['level1.output.bias']![1] = NaN;
    const file = encodeStyleDecoderModel(broken);
    expect(() => parseStyleDecoderModel(file, 'nan.onnx')).toThrow(/not all finite/);
  });

  it('codes several paintings at once as one by one', async () => {
    const { options, parameters } = toyDecoderModel();
    const { styleDecoderShapes } = await import('../../src/networks/style-decoder.js');
    const constants = Object.fromEntries(
      Object.entries(styleDecoderShapes(options)).map(([name, shape]) => [
        name,
        constant(parameters[name]!, shape),
      ]),
    );
    const two = new Float32Array([...painting, ...noise(3 * 64 * 64)]);
    const codes = styleCode(input('paintings', [2, 3, 64, 64]), constants, options);
    const { values } = await runOnce(runtime, { values: codes }, { paintings: two });
    const first = await codeOf(painting, 64, 64);
    const scale = Math.max(...first.map(Math.abs));
    first.forEach((value, i) => expect(Math.abs(values![i]! - value)).toBeLessThan(1e-5 * scale));
  });
});
