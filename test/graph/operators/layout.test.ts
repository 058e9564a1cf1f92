import { describe, expect, it } from 'vitest';
import { input, reshape, reverse, transpose } from '../../../src/graph/index.js';
import { forAll } from '../draw.js';
import { expectGrid, Grid, gridOf } from '../grid.js';

describe('reshape', () => {
  it('keeps the values in their order', () =>
    forAll(15, async (draw) => {
      const [a, b, c] = [draw.integer(1, 4), draw.integer(1, 4), draw.integer(1, 4)];
      const x = draw.input([a, b, c]);
      const { data } = gridOf(draw, x);
      await expectGrid(draw, reshape(x, [c, -1]), new Grid([c, a * b], data));
      await expectGrid(draw, reshape(x, [a * b * c]), new Grid([a * b * c], data));
    }));

  it('refuses another number of values', () => {
    expect(() => reshape(input('x', [2, 3]), [4])).toThrow(
      /\[2, 3\] and \[4\]: the number of values differs/,
    );
    expect(() => reshape(input('x', [2, 3]), [4, -1])).toThrow(/number of values/);
  });
});

describe('transpose', () => {
  it('moves axes', () =>
    forAll(25, async (draw) => {
      const x = draw.input(draw.shape(0, 5, 3));
      const order = draw.permutation(x.shape.length);
      const expected = Grid.of(
        order.map((axis) => x.shape[axis]!),
        (...at) => gridOf(draw, x).at(...x.shape.map((_, axis) => at[order.indexOf(axis)]!)),
      );
      await expectGrid(draw, transpose(x, order), expected);
    }));

  it('refuses what is not a permutation of the axes', () => {
    expect(() => transpose(input('x', [2, 3]), [0, 0])).toThrow(/\[2, 3\] and \[0, 0\]/);
    expect(() => transpose(input('x', [2, 3]), [1, 0, 2])).toThrow(/permutation of the axes/);
  });
});

describe('reverse', () => {
  it('reverses the order along the axes', () =>
    forAll(20, async (draw) => {
      const x = draw.input(draw.shape(1, 4));
      const axes = draw.subset(x.shape.length, 1);
      const expected = Grid.of(x.shape, (...at) =>
        gridOf(draw, x).at(...at.map((i, axis) => (axes.includes(axis) ? x.shape[axis]! - 1 - i : i))),
      );
      await expectGrid(draw, reverse(x, axes), expected);
    }));

  it('refuses an axis that is not there', () => {
    expect(() => reverse(input('x', [2]), [1])).toThrow(/no axis 1/);
  });
});
