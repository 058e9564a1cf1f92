import { describe, expect, it } from 'vitest';
import { input, matmul, transposeLast } from '../../../src/graph/index.js';
import { forAll } from '../draw.js';
import { expectGrid, Grid, gridOf } from '../grid.js';

const total = (values: number[]): number => values.reduce((a, b) => a + b, 0);

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

describe('transposeLast', () => {
  it('exchanges the last two axes', () =>
    forAll(8, async (draw) => {
      const x = draw.input([2, 3, 4]);
      await expectGrid(
        draw,
        transposeLast(x),
        Grid.of([2, 4, 3], (i, j, k) => gridOf(draw, x).at(i!, k!, j!)),
      );
    }));
});
