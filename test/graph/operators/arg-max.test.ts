import { describe, expect, it } from 'vitest';
import { argMax, castToFloat, gradients, input, sum } from '../../../src/graph/index.js';
import { valuesOf } from '../../graph-values.js';
import { forAll } from '../draw.js';
import { expectGrid, Grid, gridOf } from '../grid.js';

describe('argMax', () => {
  it('finds the first largest value along any axis', () =>
    forAll(30, async (draw) => {
      const x = draw.input([draw.integer(1, 4), draw.integer(1, 4), draw.integer(1, 4)]);
      const axis = draw.integer(0, 2);
      const shape = x.shape.filter((_, i) => i !== axis);
      const expected = Grid.of(shape, (...at) => {
        const line = Array.from({ length: x.shape[axis]! }, (_, i) =>
          gridOf(draw, x).at(...at.toSpliced(axis, 0, i)),
        );
        return line.indexOf(Math.max(...line));
      });
      await expectGrid(draw, castToFloat(argMax(x, draw.boolean() ? axis : axis - 3)), expected);
    }));

  it('takes the first of equal values', async () => {
    const x = input('x', [2, 4]);
    const places = await valuesOf(castToFloat(argMax(x, 1)), { x: Float32Array.of(1, 3, 3, 0, 2, 2, 2, 2) });
    expect([...places]).toEqual([1, 0]);
  });

  it('has no gradient and refuses an axis that is not there', async () => {
    const x = input('x', [2, 4]);
    const [gradient] = gradients(sum(castToFloat(argMax(x, 1))), [x]);
    expect([...(await valuesOf(gradient!, {}))]).toEqual(new Array(8).fill(0));
    expect(() => argMax(x, 2)).toThrow(/no axis 2/);
  });
});
