import { describe, expect, it } from 'vitest';
import * as graph from '../../src/graph/index.js';
import { forAll } from './draw.js';
import { expectGrid, Grid } from './grid.js';

describe('scalar and constant', () => {
  it('hold their values', () =>
    forAll(1, async (draw) => {
      await expectGrid(draw, graph.scalar(2.5), new Grid([], [2.5]));
      await expectGrid(draw, graph.constant([1, 2, 3], [3, 1]), new Grid([3, 1], [1, 2, 3]));
    }));

  it('refuse a wrong count and a wrong shape', () => {
    expect(() => graph.constant([1, 2], [3])).toThrow(/shape \[3\] needs 3 values and has 2/);
    expect(() => graph.input('x', [2, -1])).toThrow(/\[2, -1\] is not a shape/);
    expect(() => graph.input('x', [1.5])).toThrow(/not a shape/);
  });
});
