import { describe, expect, it } from 'vitest';
import { input, positions, scaleMap } from '../../../../src/graph/index.js';
import { forAll } from '../../draw.js';
import { expectGrid, Grid, gridOf } from '../../grid.js';

describe('scaleMap and positions', () => {
  it('multiply, and lay positions in a row', () =>
    forAll(10, async (draw) => {
      const x = draw.input([draw.integer(1, 2), draw.integer(1, 9), draw.integer(1, 4), draw.integer(1, 4)]);
      const [n, c, h, w] = x.shape as [number, number, number, number];
      await expectGrid(
        draw,
        scaleMap(x, -0.5),
        Grid.of(x.shape, (...at) => -0.5 * gridOf(draw, x).at(...at)),
      );
      await expectGrid(draw, positions(x), new Grid([n, c, h * w], gridOf(draw, x).data));
    }));

  it('refuse what is not a map', () => {
    expect(() => scaleMap(input('x', [2, 3]), 2)).toThrow(/four axes/);
    expect(() => positions(input('x', [2, 3]))).toThrow(/four axes/);
  });
});
