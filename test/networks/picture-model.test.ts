import { describe, expect, it } from 'vitest';
import * as graph from '../../src/graph/index.js';
import { encodeOnnx, input, type NamedTensors } from '../../src/graph/index.js';
import { decodeModel, encodeModel } from '../../src/graph/onnx-schema.js';
import { fixedSize, pictureAxes, type ForeignModel } from '../../src/networks/foreign-model.js';
import { isForeignModel, parsePictureModel, type PictureModel } from '../../src/networks/picture-model.js';

const parsed = (outputs: NamedTensors): PictureModel =>
  parsePictureModel(encodeOnnx(outputs).bytes, 'theirs.onnx');
const copy = (shape: readonly number[]): NamedTensors => ({ y: graph.add(input('x', shape), 1) });

describe('a model of somebody else', () => {
  it('tells its size and where its colours are', () => {
    const model = parsed(copy([1, 3, 24, 32])) as ForeignModel;
    expect(isForeignModel(model)).toBe(true);
    expect(fixedSize(model)).toEqual({ height: 24, width: 32 });
    expect(pictureAxes(model, undefined).input).toEqual({ name: 'x', channelsLast: false });
    const last = parsed(copy([1, 24, 32, 3])) as ForeignModel;
    expect(fixedSize(last)).toEqual({ height: 24, width: 32 });
    expect(pictureAxes(last, undefined).output).toEqual({ name: 'y', channelsLast: true });
    expect(pictureAxes(last, false).output.channelsLast).toBe(false);
  });

  it('of any size has none', () => {
    const { bytes } = encodeOnnx(copy([1, 3, 33, 35]), {}, 'cpu', { freeSizes: true });
    expect(fixedSize(parsePictureModel(bytes, 'theirs.onnx') as ForeignModel)).toBeUndefined();
  });

  it.each<[string, NamedTensors, RegExp]>([
    ['one channel', copy([1, 1, 24, 32]), /"theirs\.onnx".*"x" of shape \[1, 1, 24, 32\].*three channels/],
    ['three axes', copy([3, 24, 32]), /"x" of shape \[3, 24, 32\].*four axes/],
    ['two pictures', { y: graph.add(input('x', [1, 3, 8, 8]), input('z', [1, 3, 8, 8])) }, /"x", "z"/],
    ['a number', { y: graph.reshape(graph.sum(input('x', [1, 3, 8, 8])), [1]) }, /gives "y" of shape \[1\]/],
  ])('is refused with %s', (_what, outputs, message) => {
    expect(() => parsed(outputs)).toThrow(
      expect.objectContaining({
        name: 'StyleError',
        code: 'E_WEIGHTS_CONTENT',
        message: expect.stringMatching(message) as unknown,
        remedy: expect.stringMatching(/\w/) as unknown,
      }) as Error,
    );
  });

  it('is refused where its weights are in another file', () => {
    const weights = graph.constant(new Float32Array(9), [3, 3, 1, 1]);
    const { bytes } = encodeOnnx({ y: graph.convolution(input('x', [1, 3, 8, 8]), weights) });
    const message = decodeModel(bytes) as {
      graph: { initializer: { rawData: Uint8Array; dataLocation: number }[] };
    };
    for (const tensor of message.graph.initializer)
      Object.assign(tensor, { rawData: new Uint8Array(0), dataLocation: 1 });
    expect(() => parsePictureModel(encodeModel(message), 'theirs.onnx')).toThrow(
      expect.objectContaining({
        code: 'E_WEIGHTS_FORMAT',
        message: expect.stringMatching(/beside it/) as unknown,
      }) as Error,
    );
  });
});

describe('what is no model', () => {
  const { bytes } = encodeOnnx(copy([1, 3, 8, 8]));
  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['a text', new TextEncoder().encode('<!doctype html><title>not found</title>')],
    ['a half', bytes.subarray(0, bytes.length / 2)],
    ['zeros', new Uint8Array(1000)],
  ])('%s', (_what, content) => {
    expect(() => parsePictureModel(content, 'theirs.onnx')).toThrow(
      expect.objectContaining({
        name: 'StyleError',
        code: 'E_WEIGHTS_FORMAT',
        message: expect.stringMatching(/"theirs\.onnx"/) as unknown,
      }) as Error,
    );
  });
});
