import { describe, it } from 'vitest';
import { gather, integers } from '../../../src/graph/index.js';
import { forAll } from '../draw.js';
import { expectGrid, Grid, gridOf } from '../grid.js';

describe('gather', () => {
  it('picks slices, repeated and in any order', () =>
    forAll(25, async (draw) => {
      const x = draw.input(draw.shape(1, 3));
      const axis = draw.integer(0, x.shape.length - 1);
      const shape = draw.shape(0, 2);
      const picks = Grid.of(shape, () => draw.integer(0, x.shape[axis]! - 1));
      const expected = Grid.of([...x.shape.slice(0, axis), ...shape, ...x.shape.slice(axis + 1)], (...at) => {
        const pick = picks.at(...at.slice(axis, axis + shape.length));
        return gridOf(draw, x).at(...at.slice(0, axis), pick, ...at.slice(axis + shape.length));
      });
      await expectGrid(draw, gather(x, integers(Array.from(picks.data), shape), axis), expected);
    }));
});
