import { describe, expect, it } from 'vitest';
import { concat, input, slice } from '../../../src/graph/index.js';
import { forAll } from '../draw.js';
import { expectGrid, Grid, gridOf } from '../grid.js';

describe('slice', () => {
  it('takes every step-th value of a range', () =>
    forAll(30, async (draw) => {
      const x = draw.input(draw.shape(1, 4, 6));
      const starts = x.shape.map((length) => draw.integer(0, length - 1));
      const ends = x.shape.map((length, axis) => draw.integer(starts[axis]! + 1, length));
      const steps = x.shape.map(() => draw.integer(1, 3));
      const taken = x.shape.map((_, axis) => {
        const places = [];
        for (let i = starts[axis]!; i < ends[axis]!; i += steps[axis]!) places.push(i);
        return places;
      });
      const expected = Grid.of(
        taken.map((places) => places.length),
        (...at) => gridOf(draw, x).at(...at.map((i, axis) => taken[axis]![i]!)),
      );
      await expectGrid(draw, slice(x, starts, ends, steps), expected);
    }));

  it.each([
    ['an end outside', [0, 0], [2, 4], [1, 1]],
    ['a start behind the end', [1, 2], [2, 1], [1, 1]],
    ['a step of 0', [0, 0], [2, 3], [1, 0]],
    ['too few axes', [0], [2], [1]],
  ])('refuses %s', (_what, starts, ends, steps) => {
    expect(() => slice(input('x', [2, 3]), starts, ends, steps)).toThrow(/slice of \[2, 3\]/);
  });
});

describe('concat', () => {
  it('joins along an axis, counted from either end', () =>
    forAll(20, async (draw) => {
      const shape = draw.shape(1, 4);
      const axis = draw.integer(0, shape.length - 1);
      const parts = Array.from({ length: draw.integer(1, 4) }, () =>
        draw.input(shape.map((length, i) => (i === axis ? draw.integer(1, 3) : length))),
      );
      const owners = parts.flatMap((part) =>
        Array.from({ length: part.shape[axis]! }, (_, i) => ({ part, i })),
      );
      const expected = Grid.of(
        shape.map((length, i) => (i === axis ? owners.length : length)),
        (...at) => {
          const { part, i } = owners[at[axis]!]!;
          return gridOf(draw, part).at(...at.map((j, k) => (k === axis ? i : j)));
        },
      );
      await expectGrid(draw, concat(parts, draw.boolean() ? axis : axis - shape.length), expected);
    }));

  it('refuses nothing, and shapes that differ elsewhere', () => {
    expect(() => concat([], 0)).toThrow(/nothing to join/);
    expect(() => concat([input('x', [2, 3]), input('y', [2, 4])], 0)).toThrow(/\[2, 3\] and \[2, 4\]/);
  });
});
