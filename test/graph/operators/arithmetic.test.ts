import { describe, it } from 'vitest';
import * as graph from '../../../src/graph/index.js';
import type { Tensor } from '../../../src/graph/index.js';
import { describeBinary } from '../broadcast-cases.js';
import { forAll } from '../draw.js';
import { expectGrid, Grid, gridOf } from '../grid.js';

const unary: [string, (x: Tensor) => Tensor, (x: number) => number, from: number, to: number][] = [
  ['negate', graph.negate, (x) => -x, -5, 5],
  ['square', graph.square, (x) => x * x, -5, 5],
  ['sqrt', graph.sqrt, Math.sqrt, 0, 9],
  ['exp', graph.exp, Math.exp, -4, 4],
  ['log', graph.log, Math.log, 0.01, 20],
  ['sigmoid', graph.sigmoid, (x) => 1 / (1 + Math.exp(-x)), -8, 8],
  ['tanh', graph.tanh, Math.tanh, -4, 4],
  ['absolute', graph.absolute, Math.abs, -5, 5],
  ['relu', graph.relu, (x) => (x > 0 ? x : 0), -5, 5],
  ['clip', (x) => graph.clip(x, -0.5, 1.5), (x) => (x < -0.5 ? -0.5 : x > 1.5 ? 1.5 : x), -5, 5],
  ['stopGradient', graph.stopGradient, (x) => x, -5, 5],
];

describe.each(unary)('%s', (_name, build, formula, from, to) => {
  it('acts on each value by itself', () =>
    forAll(12, async (draw) => {
      const shape = draw.shape(0, 4);
      const x = draw.input(shape, draw.numbers(graph.sizeOf(shape), from, to));
      await expectGrid(
        draw,
        build(x),
        Grid.of(shape, (...at) => formula(gridOf(draw, x).at(...at))),
        5e-6,
      );
    }));
});

describeBinary('add', graph.add, (a, b) => a + b);
describeBinary('subtract', graph.subtract, (a, b) => a - b);
describeBinary('multiply', graph.multiply, (a, b) => a * b);
describeBinary('divide', graph.divide, (a, b) => a / b);

describe('numbers in place of tensors', () => {
  it('stand for constants', () =>
    forAll(5, async (draw) => {
      const x = draw.input([3]);
      const y = graph.subtract(1, graph.divide(graph.add(x, 2), 4));
      await expectGrid(
        draw,
        y,
        Grid.of([3], (i) => 1 - (gridOf(draw, x).at(i!) + 2) / 4),
      );
    }));
});

describe('heaviside', () => {
  const x = [-1e30, -1, -1e-20, 0, 1e-20, 1, 1e30];
  it.each([0, 1] as const)('steps at 0, where it is %i', (atZero) =>
    forAll(1, async (draw) => {
      const y = graph.heaviside(draw.input([x.length], Float32Array.from(x)), atZero);
      await expectGrid(draw, y, new Grid([x.length], [0, 0, 0, atZero, 1, 1, 1]));
    }),
  );
});

describe('zeros', () => {
  it('are zeros', () =>
    forAll(1, (draw) => expectGrid(draw, graph.zeros([2, 2]), new Grid([2, 2], [0, 0, 0, 0]))));
});
