import { describe, expect, it } from 'vitest';
import { input, type Tensor } from '../../src/graph/index.js';
import { forAll } from './draw.js';
import { expectGrid, Grid, gridOf, indices } from './grid.js';

/** The tests of an operator that reduces axes to what `combine` makes of their values. */
export function describeReduction(
  name: string,
  reduce: (x: Tensor, axes?: readonly number[], keepAxes?: boolean) => Tensor,
  combine: (values: number[]) => number,
): void {
  describe(name, () => {
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
}

export const total = (values: number[]): number => values.reduce((a, b) => a + b, 0);
