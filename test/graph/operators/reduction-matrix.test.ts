import { describe, expect, it } from 'vitest';
import {
  channelMoments,
  input,
  instanceNormalization,
  matmul,
  max,
  mean,
  sum,
} from '../../../src/graph/index.js';
import { forAll } from '../draw.js';
import { expectGrid, Grid, gridOf, indices } from '../grid.js';

const total = (values: number[]): number => values.reduce((a, b) => a + b, 0);

describe.each([
  ['sum', sum, total],
  ['mean', mean, (values: number[]) => total(values) / values.length],
  ['max', max, (values: number[]) => Math.max(...values)],
] as const)('%s', (_name, reduce, combine) => {
  it('runs over any axes, kept or not', () =>
    forAll(30, async (draw) => {
      const x = draw.input(draw.shape(0, 4));
      const chosen = draw.boolean() ? draw.subset(x.shape.length) : undefined;
      const keepAxes = draw.boolean();
      const axes = chosen ?? x.shape.map((_, axis) => axis);
      const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
      const over = indices(x.shape.map((length, axis) => (axes.includes(axis) ? length : 1)));
      const reduced = Grid.of(kept, (...at) =>
        combine(over.map((offset) => gridOf(draw, x).at(...at.map((i, axis) => i + offset[axis]!)))),
      );
      const shape = keepAxes ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
      const fromEnd = chosen?.map((axis) => (draw.boolean() ? axis : axis - x.shape.length));
      await expectGrid(draw, reduce(x, fromEnd, keepAxes), new Grid(shape, reduced.data));
    }));

  it('refuses an axis that is not there or comes twice', () => {
    expect(() => reduce(input('x', [2, 3]), [2])).toThrow(/\[2, 3\]: there is no axis 2/);
    expect(() => reduce(input('x', [2, 3]), [-3])).toThrow(/no axis -3/);
    expect(() => reduce(input('x', [2, 3]), [1, -1])).toThrow(/named twice/);
  });
});

describe('matmul', () => {
  it('multiplies matrices and stacks of them, transposed or not', () =>
    forAll(50, async (draw) => {
      const [m, k, n] = [draw.integer(1, 4), draw.integer(1, 4), draw.integer(1, 4)];
      const [transposeA, transposeB] = [draw.boolean(), draw.boolean()];
      const stack = draw.shape(0, 2, 3);
      const shrink = (): number[] =>
        stack.map((length) => (draw.boolean() ? 1 : length)).slice(draw.integer(0, stack.length));
      const [stackA, stackB] = draw.boolean() ? [stack, shrink()] : [shrink(), stack];
      const a = draw.input([...stackA, ...(transposeA ? [k, m] : [m, k])]);
      const b = draw.input([...stackB, ...(transposeB ? [n, k] : [k, n])]);
      const [left, right] = [gridOf(draw, a), gridOf(draw, b)];
      const expected = Grid.of([...stack, m, n], (...at) => {
        const [row, column] = at.slice(-2) as [number, number];
        const place = at.slice(0, -2);
        return total(
          Array.from({ length: k }, (_, i) => {
            const x = left.broadcastAt([...place, ...(transposeA ? [i, row] : [row, i])]);
            return x * right.broadcastAt([...place, ...(transposeB ? [column, i] : [i, column])]);
          }),
        );
      });
      await expectGrid(draw, matmul(a, b, { transposeA, transposeB }), expected);
    }));

  it('refuses shapes that do not fit', () => {
    expect(() => matmul(input('a', [2, 3]), input('b', [2, 3]))).toThrow(
      /\[2, 3\] and \[2, 3\]: 3 columns against 2 rows/,
    );
    expect(() => matmul(input('a', [2]), input('b', [2, 3]))).toThrow(/must be matrices/);
    expect(() => matmul(input('a', [2, 2, 3]), input('b', [3, 3, 1]))).toThrow(/2 against 3/);
  });
});

describe('instance normalization', () => {
  const epsilon = 1e-3;

  it.each(['one row for all pictures', 'a row for each picture'])('standardises each channel, %s', (rows) =>
    forAll(20, async (draw) => {
      const x = draw.input([draw.integer(1, 3), draw.integer(1, 3), draw.integer(1, 4), draw.integer(2, 4)]);
      const [n, c, h, w] = x.shape as [number, number, number, number];
      const own = rows === 'a row for each picture';
      const [scale, shift] = [draw.input(own ? [n, c] : [c]), draw.input(own ? [n, c] : [c])];
      const picture = gridOf(draw, x);
      const row = (i: number, j: number): number[] => (own ? [i, j] : [j]);
      const moments = Grid.of([n, c, 2], (i, j, which) => {
        const values = indices([h, w]).map(([y, z]) => picture.at(i!, j!, y!, z!));
        const average = total(values) / values.length;
        return which === 0 ? average : total(values.map((value) => (value - average) ** 2)) / values.length;
      });
      const expected = Grid.of(x.shape, (i, j, y, z) => {
        const normalized =
          (picture.at(i!, j!, y!, z!) - moments.at(i!, j!, 0)) / Math.sqrt(moments.at(i!, j!, 1) + epsilon);
        return normalized * gridOf(draw, scale).at(...row(i!, j!)) + gridOf(draw, shift).at(...row(i!, j!));
      });
      await expectGrid(draw, instanceNormalization(x, scale, shift, epsilon), expected, 2e-5);
      const { mean: average, deviation, centred } = channelMoments(x, epsilon);
      await expectGrid(
        draw,
        average,
        Grid.of([n, c, 1, 1], (i, j) => moments.at(i!, j!, 0)),
      );
      await expectGrid(
        draw,
        deviation,
        Grid.of([n, c, 1, 1], (i, j) => Math.sqrt(moments.at(i!, j!, 1) + epsilon)),
      );
      await expectGrid(
        draw,
        centred,
        Grid.of(x.shape, (i, j, y, z) => picture.at(i!, j!, y!, z!) - moments.at(i!, j!, 0)),
      );
    }),
  );

  it('refuses scales of another length', () => {
    expect(() => instanceNormalization(input('x', [1, 3, 2, 2]), input('s', [2]), input('b', [2]))).toThrow(
      /one value per channel/,
    );
  });
});
