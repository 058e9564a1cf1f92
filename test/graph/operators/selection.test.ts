import { describe, it } from 'vitest';
import * as graph from '../../../src/graph/index.js';
import { broadcastable, describeBinary } from '../broadcast-cases.js';
import { forAll } from '../draw.js';
import { expectGrid, Grid, gridOf } from '../grid.js';

const asNumber = (truth: boolean): number => (truth ? 1 : 0);
describeBinary('maximum', graph.maximum, Math.max);
describeBinary('minimum', graph.minimum, Math.min);
describeBinary(
  'greater',
  (a, b) => graph.castToFloat(graph.greater(a, b)),
  (a, b) => asNumber(a > b),
);
describeBinary(
  'less',
  (a, b) => graph.castToFloat(graph.less(a, b)),
  (a, b) => asNumber(a < b),
);
describeBinary(
  'equal',
  (a, b) => graph.castToFloat(graph.equal(a, b)),
  (a, b) => asNumber(a === b),
);

describe('where', () => {
  it('takes from one or the other, all three broadcast', () =>
    forAll(25, async (draw) => {
      const { a, b, shape } = broadcastable(draw);
      const condition = draw.input(shape);
      const [x, y] = [draw.input(a), draw.input(b)];
      const [left, right] = [gridOf(draw, x), gridOf(draw, y)];
      const expected = Grid.of(shape, (...at) =>
        gridOf(draw, condition).at(...at) > 0 ? left.broadcastAt(at) : right.broadcastAt(at),
      );
      await expectGrid(draw, graph.where(graph.greater(condition, 0), x, y), expected);
    }));
});
