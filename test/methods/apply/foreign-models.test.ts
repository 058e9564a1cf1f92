import { afterAll, describe, expect, it } from 'vitest';
import * as graph from '../../../src/graph/index.js';
import { encodeOnnx, input, type Tensor } from '../../../src/graph/index.js';
import { decodeModel, encodeModel } from '../../../src/graph/onnx-schema.js';
import { createImage, type Image } from '../../../src/images/image.js';
import { apply } from '../../../src/methods/apply/apply-method.js';
import { foreignForm } from '../../../src/methods/apply/foreign-form.js';
import type { ApplyOptions } from '../../../src/methods/apply/options.js';
import { PictureMemory } from '../../../src/methods/picture-memory.js';
import { ProgramCache } from '../../../src/runtime/program-cache.js';
import type { Progress } from '../../../src/methods/progress.js';
import { encodeStyleModel } from '../../../src/networks/style-model.js';
import { conditionalNetworkShapes } from '../../../src/networks/conditional-network.js';
import { parsePictureModel } from '../../../src/networks/picture-model.js';
import type { ForeignModel } from '../../../src/networks/foreign-model.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { runOnce } from '../../../src/runtime/runtime.js';
import { createRandom } from '../../../src/random.js';
import { randomPicture } from '../method-runs.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

/** A model of somebody else's for pictures of a shape. */
function foreign(paint: (x: Tensor) => Tensor, shape: readonly number[], freeSizes = false): ForeignModel {
  const { bytes } = encodeOnnx({ y: paint(input('x', shape)) }, {}, 'cpu', { freeSizes });
  return parsePictureModel(bytes, 'theirs.onnx') as ForeignModel;
}

async function painted(
  model: ForeignModel,
  picture: Image,
  options: ApplyOptions = {},
  events: Progress[] = [],
): Promise<Image> {
  const settings = apply.resolve(options);
  expect(apply.plan({ settings, pictures: { picture } }, model).memoryBytes).toBeGreaterThan(0);
  const programs = new ProgramCache(runtime);
  const onProgress = (event: Progress): void => void events.push(event);
  const memory = new PictureMemory();
  const task = { settings, pictures: { picture }, runtime, weights: model, programs, memory, onProgress };
  const { image } = await apply.run(task);
  await programs.dispose();
  expect([image.width, image.height]).toEqual([
    options.size ?? picture.width,
    Math.round(((options.size ?? picture.width) * picture.height) / picture.width),
  ]);
  return image;
}

function expectClose(image: Image, expected: (value: number, index: number) => number, of: Image): void {
  const worst = image.rgb.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - expected(of.rgb[i]!, i))),
    0,
  );
  expect(worst).toBeLessThan(1e-4);
}

const picture = randomPicture(103, 70, 1);
const negative = (white: number) => (x: Tensor) => graph.subtract(white, x);
const fixed = [1, 3, 64, 64];

describe('models of other people', () => {
  it.each<[string, ForeignModel, string]>([
    ['of a fixed size, 0..255', foreign(negative(255), fixed), '0..255'],
    ['of a fixed size, 0..1', foreign(negative(1), fixed), '0..1'],
    ['of any size, 0..1', foreign(negative(1), [1, 3, 33, 35], true), '0..1'],
    ['that end in tanh', foreign((x) => graph.tanh(graph.multiply(x, -3)), fixed), '-1..1'],
  ])('%s, are understood', async (_what, model, range) => {
    const form = await foreignForm(runtime, model, {});
    expect(form).toMatchObject({ taken: range, given: range, alignment: 4 });
    const result = await painted(model, picture);
    const expected =
      range === '-1..1' ? (v: number) => (Math.tanh(-3 * (2 * v - 1)) + 1) / 2 : (v: number) => 1 - v;
    expectClose(result, expected, picture);
  });

  it('with colours last, which they turn round, give the same', async () => {
    const model = foreign(
      (x) => {
        const first = graph.transpose(x, [0, 3, 1, 2]);
        const weights = graph.constant([0, 1, 0, 0, 0, 1, 1, 0, 0], [3, 3, 1, 1]);
        return graph.transpose(graph.convolution(first, weights), [0, 2, 3, 1]);
      },
      [1, 64, 64, 3],
    );
    const pixels = picture.width * picture.height;
    expectClose(await painted(model, picture), (_, i) => picture.rgb[(i + pixels) % (3 * pixels)]!, picture);
  });

  it('with another range before and after are told', async () => {
    const model = foreign((x) => graph.multiply(x, 0.5), fixed);
    expectClose(await painted(model, picture, { range: '0..255:0..255' }), (value) => value / 2, picture);
    // 255 v / 2 in -1..1: from black (0) to white.
    expectClose(
      await painted(model, picture, { range: '0..1:-1..1' }),
      (value) => (value / 2 + 1) / 2,
      picture,
    );
  });

  it('normalised, paint any size as a graph of that size does', async () => {
    const random = createRandom(5);
    const weights = (shape: readonly number[]): Tensor =>
      graph.constant(
        Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => 0.3 * random.normal()),
        shape,
      );
    const [first, last, ones, zeros] = [
      weights([8, 3, 3, 3]),
      weights([3, 8, 3, 3]),
      graph.constant(new Float32Array(8).fill(1), [8]),
      graph.constant(new Float32Array(8), [8]),
    ];
    const paint = (x: Tensor): Tensor => {
      const map = graph.instanceNormalization(
        graph.convolution(graph.padImage(x, 1, 'reflect'), first),
        ones,
        zeros,
      );
      const half = graph.averagePool(graph.relu(map), 2);
      const painting = graph.convolution(graph.padImage(graph.upsampleNearest(half, 2), 1, 'reflect'), last);
      return graph.add(graph.multiply(painting, 40), 127);
    };
    const model = foreign(paint, fixed);
    const even = randomPicture(124, 88, 2);
    const x = even.rgb.map((value) => 255 * value);
    const { y } = await runOnce(runtime, { y: paint(input('x', [1, 3, 88, 124])) }, { x });
    const expected = y!.map((value) => Math.min(1, Math.max(0, value / 255)));
    expectClose(await painted(model, even, { range: '0..255' }), (_, i) => expected[i]!, even);
  });

  const dotted = graph.constant(
    Float32Array.from({ length: 64 * 64 }, (_, i) => (i % 2 === 0 ? 10 : -10)),
    [1, 1, 64, 64],
  );
  const onlyFixed = (): ForeignModel =>
    foreign((x) => graph.add(graph.subtract(255, x), graph.multiply(dotted, 0.001)), fixed);

  it('that work at one size only paint in windows, and say so once', async () => {
    const events: Progress[] = [];
    expectClose(await painted(onlyFixed(), picture, {}, events), (value) => 1 - value, picture);
    expect(events.filter(({ type }) => type === 'warning')).toEqual([
      { type: 'warning', message: expect.stringMatching(/only 64x64 .* windows/) as unknown },
    ]);
    expect(events.filter(({ type }) => type === 'part').length).toBeGreaterThan(1);
  });

  it('paint what is smaller than their size, without a word', async () => {
    const small = randomPicture(20, 11, 3);
    const events: Progress[] = [];
    expectClose(await painted(onlyFixed(), small, {}, events), (value) => 1 - value, small);
    expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
  });

  it('paint in windows of a side that is asked for, where they work at any', async () => {
    const model = foreign(negative(255), fixed);
    expectClose(await painted(model, picture, { tile: 64 }), (value) => 1 - value, picture);
    await expect(painted(onlyFixed(), picture, { tile: 64 })).rejects.toMatchObject({
      code: 'E_ARGUMENT',
      option: 'tile',
    });
  });

  it('take strength, size and kept colours', async () => {
    const model = foreign(negative(255), fixed);
    expectClose(await painted(model, picture, { strength: 0.5 }), () => 0.5, picture);
    const grey = createImage(40, 20, new Float32Array(2400).fill(0.2));
    expectClose(await painted(model, grey, { preserveColors: 'luminance', size: 80 }), () => 0.8, {
      ...grey,
      rgb: new Float32Array(4 * 2400),
    });
  });
});

describe('what can not be', () => {
  it.each<[keyof ApplyOptions, ApplyOptions]>([
    ['style', { style: ['wave'] }],
    ['layerWeights', { layerWeights: ['content=1'] }],
    ['seed', { seed: 3 }],
    ['layout', { layout: 'nhwc' }],
  ])('%s of a model of somebody else', async (option, options) => {
    await expect(painted(foreign(negative(1), fixed), picture, options)).rejects.toMatchObject({
      code: 'E_ARGUMENT',
      option,
    });
  });

  it.each<[keyof ApplyOptions, ApplyOptions]>([
    ['range', { range: '0..1' }],
    ['layout', { layout: 'nchw' }],
  ])('%s of a model of ours', (option, options) => {
    const network = { form: 'light', base: 4, blocks: 1, styles: 1, knobs: 0 } as const;
    const random = createRandom(9);
    const parameters = Object.fromEntries(
      Object.entries(conditionalNetworkShapes(network)).map(([name, shape]) => [
        name,
        Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
      ]),
    );
    const bytes = encodeStyleModel({
      options: network,
      styles: ['wave'],
      knobs: [],
      parameters,
      metadata: {},
    });
    const model = parsePictureModel(bytes, 'ours.onnx');
    expect(() => apply.plan({ settings: apply.resolve(options), pictures: { picture } }, model)).toThrow(
      expect.objectContaining({ code: 'E_ARGUMENT', option }) as Error,
    );
  });

  it.each(['255', '0..2', '0..1:', '-1..1:0..1:0..1', '0xx1'])('the range %s', (range) => {
    expect(() => apply.resolve({ range })).toThrow(
      expect.objectContaining({ code: 'E_ARGUMENT', option: 'range' }) as Error,
    );
  });

  it.each<[string, readonly number[], (x: Tensor) => Tensor]>([
    ['an operator', fixed, negative(1)],
    ['an operator, at any size', [1, 3, 33, 35], negative(1)],
  ])('%s that there is not', async (_what, shape, paint) => {
    const model = foreign(paint, shape, shape !== fixed);
    const message = decodeModel(model.bytes) as { graph: { node: { opType: string }[] } };
    message.graph.node.at(-1)!.opType = 'Mosaic';
    const broken = parsePictureModel(encodeModel(message), 'theirs.onnx') as ForeignModel;
    await expect(painted(broken, picture)).rejects.toMatchObject({
      name: 'StyleError',
      code: 'E_WEIGHTS_FORMAT',
      message: expect.stringMatching(/"theirs\.onnx".*operator.*Mosaic/) as unknown,
    });
  });

  it('a result of another size than the picture, and one that is no number', async () => {
    await expect(
      painted(
        foreign((x) => graph.maxPool(x, 2), fixed),
        picture,
      ),
    ).rejects.toMatchObject({
      code: 'E_WEIGHTS_CONTENT',
      message: expect.stringMatching(/"theirs\.onnx".*64x64/) as unknown,
    });
    const nothing = foreign((x) => graph.log(graph.subtract(graph.multiply(x, 0), 1)), fixed);
    await expect(painted(nothing, picture)).rejects.toMatchObject({ code: 'E_NUMERIC', option: 'range' });
  });
});
