import { describe, expect, it } from 'vitest';
import * as graph from '../../../src/graph/index.js';
import { encodeOnnx, input, readOnnxFile, type OnnxFile, type Tensor } from '../../../src/graph/index.js';
import {
  fromRange,
  pictureRanges,
  rangeGiven,
  rangeOf,
  rangeTaken,
  toRange,
} from '../../../src/methods/apply/picture-range.js';

/** Two pixels: red, then a grey. */
const rgb = Float32Array.of(1, 0.5, 0, 0.5, 0, 0.5);

describe('ranges', () => {
  it.each([
    ['0..255', [255, 127.5, 0, 127.5, 0, 127.5]],
    ['0..1', [1, 0.5, 0, 0.5, 0, 0.5]],
    ['-1..1', [1, 0, -1, 0, -1, 0]],
    // (value - mean) / deviation, in torchvision's numbers.
    ['imagenet', [2.2489, 0.0655, -2.0357, 0.1964, -1.8044, 0.4178]],
  ] as const)('%s', (range, expected) => {
    [...toRange(rgb, range, false)].forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 3));
  });

  it.each(pictureRanges)('%s comes back, with colours last as well', (range) => {
    const last = toRange(rgb, range, true);
    expect(last[1]).toBeCloseTo(toRange(rgb, range, false)[2]!, 6);
    fromRange(last, range, true).forEach((value, i) => expect(value).toBeCloseTo(rgb[i]!, 5));
  });

  it.each(pictureRanges)('%s is recognised by a picture with black and white', (range) => {
    const ramp = Float32Array.from({ length: 300 }, (_, i) => (i % 100) / 99);
    expect(rangeOf(toRange(ramp, range, false))).toBe(range);
  });
});

const fileOf = (y: (x: Tensor) => Tensor): OnnxFile =>
  readOnnxFile(encodeOnnx({ y: y(input('x', [1, 3, 4, 4])) }).bytes)!;
const means = graph.constant([0.485, 0.456, 0.406], [1, 3, 1, 1]);
const turned = (x: Tensor): Tensor => graph.transpose(x, [0, 2, 3, 1]);

describe('what a graph says of its range', () => {
  it.each<[string, (x: Tensor) => Tensor, string | undefined]>([
    ['x / 255', (x) => graph.divide(x, 255), '0..255'],
    ['x / 127.5, turned before', (x) => graph.divide(turned(x), 127.5), '0..255'],
    ['x * 255', (x) => graph.multiply(x, 255), '0..1'],
    ['x less the mean of pictures', (x) => graph.square(graph.subtract(x, means)), '0..1'],
    [
      'a convolution',
      (x) => graph.convolution(x, graph.constant(new Float32Array(9).fill(1), [3, 3, 1, 1])),
      undefined,
    ],
  ])('%s', (_what, y, expected) => {
    expect(rangeTaken(fileOf(y), 'x')).toBe(expected);
  });

  it.each<[string, (x: Tensor) => Tensor, string | undefined]>([
    ['tanh', (x) => turned(graph.tanh(x)), '-1..1'],
    ['sigmoid', graph.sigmoid, '0..1'],
    ['a sum', (x) => graph.add(graph.tanh(x), 1), undefined],
  ])('%s at the end', (_what, y, expected) => {
    expect(rangeGiven(fileOf(y), 'y')).toBe(expected);
  });
});
