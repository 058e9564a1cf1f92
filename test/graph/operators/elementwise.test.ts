import { describe, expect, it } from 'vitest';
import * as graph from '../../../src/graph/index.js';
import type { Shape, Tensor } from '../../../src/graph/index.js';
import { forAll, type Draw } from '../draw.js';
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
  [
    'castToFloat of a comparison',
    (x) => graph.castToFloat(graph.greater(x, 0)),
    (x) => (x > 0 ? 1 : 0),
    -1,
    1,
  ],
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

/** Two shapes that broadcast against each other: any axis may be 1 in one of them, leading axes may be missing. */
function broadcastable(draw: Draw): { a: number[]; b: number[]; shape: number[] } {
  const shape = draw.shape(0, 4);
  const shrink = (): number[] => shape.map((length) => (draw.integer(0, 3) === 0 ? 1 : length));
  const [left, right] = [shrink(), shrink()];
  const missing = draw.integer(0, shape.length);
  const [a, b] = draw.boolean() ? [left, right.slice(missing)] : [left.slice(missing), right];
  const at = (operand: number[], axis: number): number => operand[axis - shape.length + operand.length] ?? 1;
  return { a, b, shape: shape.map((_, axis) => Math.max(at(a, axis), at(b, axis))) };
}

const asNumber = (truth: boolean): number => (truth ? 1 : 0);
const binary: [string, (a: Tensor, b: Tensor) => Tensor, (a: number, b: number) => number][] = [
  ['add', graph.add, (a, b) => a + b],
  ['subtract', graph.subtract, (a, b) => a - b],
  ['multiply', graph.multiply, (a, b) => a * b],
  ['divide', graph.divide, (a, b) => a / b],
  ['maximum', graph.maximum, Math.max],
  ['minimum', graph.minimum, Math.min],
  ['greater', (a, b) => graph.castToFloat(graph.greater(a, b)), (a, b) => asNumber(a > b)],
  ['less', (a, b) => graph.castToFloat(graph.less(a, b)), (a, b) => asNumber(a < b)],
  ['equal', (a, b) => graph.castToFloat(graph.equal(a, b)), (a, b) => asNumber(a === b)],
];

describe.each(binary)('%s', (_name, build, formula) => {
  /** Quarters from -2 to 2 without 0, so that equal values do occur. */
  const values = (draw: Draw, shape: Shape): Float32Array =>
    draw.numbers(graph.sizeOf(shape), -2, 2).map((x) => Math.round(x * 4) / 4 || 0.25);

  it('broadcasts and acts on pairs of values', () =>
    forAll(25, async (draw) => {
      const { a, b, shape } = broadcastable(draw);
      const [x, y] = [draw.input(a, values(draw, a)), draw.input(b, values(draw, b))];
      const [left, right] = [gridOf(draw, x), gridOf(draw, y)];
      const expected = Grid.of(shape, (...at) => formula(left.broadcastAt(at), right.broadcastAt(at)));
      await expectGrid(draw, build(x, y), expected);
    }));

  it('refuses shapes that do not fit, naming both', () => {
    const [a, b] = [graph.input('a', [2, 3]), graph.input('b', [2, 4])];
    expect(() => build(a, b)).toThrow(
      /\[2, [34]\] and \[2, [34]\]: axis 1 has [34] against [34], and neither is 1/,
    );
  });
});

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

describe('where', () => {
  it('takes from one or the other, all three broadcast', () =>
    forAll(25, async (draw) => {
      const { a, b, shape } = broadcastable(draw);
      const condition = draw.input(shape);
      const [x, y] = [draw.input(a), draw.input(b)];
      const [left, right] = [gridOf(draw, x), gridOf(draw, y)];
      const expected = Grid.of(shape, (...at) =>
        gridOf(draw, condition).at(...at) > 0 ? left.broadcastAt(at) : right.broadcastAt(at),
      );
      await expectGrid(draw, graph.where(graph.greater(condition, 0), x, y), expected);
    }));
});

describe('expand', () => {
  it('repeats axes of length 1 and missing axes', () =>
    forAll(20, async (draw) => {
      const shape = draw.shape(0, 4);
      const own = shape.map((length) => (draw.boolean() ? 1 : length)).slice(draw.integer(0, shape.length));
      const x = draw.input(own);
      await expectGrid(
        draw,
        graph.expand(x, shape),
        Grid.of(shape, (...at) => gridOf(draw, x).broadcastAt(at)),
      );
    }));

  it('refuses to shrink', () => {
    expect(() => graph.expand(graph.input('x', [2, 3]), [2, 1])).toThrow(/\[2, 3\] and \[2, 1\]/);
  });
});

describe('sumToShape', () => {
  it('adds up what expand repeats', () =>
    forAll(20, async (draw) => {
      const shape = draw.shape(0, 4);
      const own = shape.map((length) => (draw.boolean() ? 1 : length)).slice(draw.integer(0, shape.length));
      const x = draw.input(shape);
      const totals = new Float64Array(graph.sizeOf(own));
      Grid.of(shape, (...at) => {
        const target = at.slice(at.length - own.length).map((i, axis) => (own[axis] === 1 ? 0 : i));
        return (totals[target.reduce((place, i, axis) => place * own[axis]! + i, 0)]! += gridOf(draw, x).at(
          ...at,
        ));
      });
      await expectGrid(draw, graph.sumToShape(x, own), new Grid(own, totals));
    }));
});

describe('zeros, scalar and constant', () => {
  it('hold their values', () =>
    forAll(1, async (draw) => {
      await expectGrid(draw, graph.zeros([2, 2]), new Grid([2, 2], [0, 0, 0, 0]));
      await expectGrid(draw, graph.scalar(2.5), new Grid([], [2.5]));
      await expectGrid(draw, graph.constant([1, 2, 3], [3, 1]), new Grid([3, 1], [1, 2, 3]));
    }));

  it('refuse a wrong count and a wrong shape', () => {
    expect(() => graph.constant([1, 2], [3])).toThrow(/shape \[3\] needs 3 values and has 2/);
    expect(() => graph.input('x', [2, -1])).toThrow(/\[2, -1\] is not a shape/);
    expect(() => graph.input('x', [1.5])).toThrow(/not a shape/);
  });
});
