import { describe, expect, it } from 'vitest';
import * as graph from '../../../src/graph/index.js';
import { forAll } from '../draw.js';
import { expectGrid, Grid, gridOf } from '../grid.js';
import { describeReduction, total } from '../reduction-cases.js';

describeReduction('sum', graph.sum, total);

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
