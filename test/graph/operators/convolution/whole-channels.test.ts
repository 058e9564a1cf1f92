import { describe, expect, it } from 'vitest';
import {
  constant,
  convolution,
  encodeOnnx,
  input,
  readOnnxFile,
  sizeOf,
} from '../../../../src/graph/index.js';
import { isWrongOnWebgpu } from '../../../../src/graph/operators/convolution/whole-channels.js';
import { forAll } from '../../draw.js';
import { expectAsFor } from '../../targets.js';

describe('channels that WebGPU reads wrong', () => {
  // Tried one by one on ONNX Runtime 1.30: the first ones are off by as much as their largest value.
  it.each([
    ...[
      [4, 6, 3, 3],
      [4, 9, 3, 3],
      [8, 15, 3, 3],
      [32, 33, 3, 3],
      [4, 9, 2, 2],
    ].map((shape) => [shape, true] as const),
    ...[
      [4, 3, 3, 3],
      [5, 9, 3, 3],
      [4, 12, 3, 3],
      [4, 5, 3, 3],
      [4, 7, 3, 3],
      [4, 10, 3, 3],
      [4, 9, 1, 1],
      [32, 33, 1, 1],
      [33, 32, 3, 3],
      [32, 34, 3, 3],
      [32, 36, 3, 3],
    ].map((shape) => [shape, false] as const),
  ])('are known by the shape of the weights: %j, %s', (shape, isWrong) => {
    expect(isWrongOnWebgpu(shape)).toBe(isWrong);
  });

  it('have zeros beside for GPUs, which change nothing', () =>
    forAll(8, async (draw) => {
      const channels = draw.pick([6, 9, 15, 33]);
      const x = draw.input([draw.integer(1, 2), channels, draw.integer(3, 6), draw.integer(3, 6)]);
      const shape = [4, channels, draw.integer(1, 3), 2];
      const w = draw.boolean() ? draw.input(shape) : constant(draw.numbers(sizeOf(shape)), shape);
      const bias = draw.boolean() ? { bias: draw.input([4]) } : {};
      await expectAsFor('gpu', draw, {
        y: convolution(x, w, { padding: 1, stride: draw.pick([1, 2]), ...bias }),
      });
    }));

  it('are never read of weights in a graph for GPUs', () => {
    const y = convolution(
      input('x', [1, 9, 5, 5]),
      constant(new Float32Array(4 * 9 * 9).fill(1), [4, 9, 3, 3]),
    );
    const shapeFor = (target: 'cpu' | 'gpu'): readonly number[] => {
      const { nodes, weights } = readOnnxFile(encodeOnnx({ y }, {}, target).bytes)!;
      return weights[nodes.find(({ type }) => type === 'Conv')!.inputs[1]!]!.shape;
    };
    expect(shapeFor('cpu')).toEqual([4, 9, 3, 3]);
    expect(shapeFor('gpu')).toEqual([4, 12, 3, 3]);
  });
});
