import { describe, expect, it } from 'vitest';
import { input, joinPhases, splitPhases } from '../../../../src/graph/index.js';
import { forAll } from '../../draw.js';
import { expectGrid, Grid, gridOf } from '../../grid.js';

describe('phases', () => {
  it('joined, are the places of one map; split, they have zeros where there is no place', () =>
    forAll(15, async (draw) => {
      const [n, height, width] = [0, 0, 0].map(() => draw.integer(1, 3)) as [number, number, number];
      // With 16 and 32 they are moved in blocks.
      const channels = draw.pick([1, 2, 3, 16, 32]);
      const phases = draw.input([n, 4 * channels, height + 1, width + 1]);
      const joined = Grid.of([n, channels, 2 * height, 2 * width], (picture, k, row, column) => {
        const [a, b] = [row % 2, column % 2];
        return gridOf(draw, phases).at(picture, (2 * a + b) * channels + k, (row + a) / 2, (column + b) / 2);
      });
      await expectGrid(draw, joinPhases(phases), joined);
      const map = draw.input([n, channels, 2 * height, 2 * width]);
      const split = Grid.of(phases.shape, (picture, channel, i, j) => {
        const phase = Math.floor(channel / channels);
        const [k, a, b] = [channel % channels, Math.floor(phase / 2), phase % 2];
        return gridOf(draw, map).atOrZero(
          picture,
          k,
          i === height && a === 0 ? -1 : 2 * i - a,
          j === width && b === 0 ? -1 : 2 * j - b,
        );
      });
      await expectGrid(draw, splitPhases(map), split);
    }));

  it('refuse what has none', () => {
    expect(() => joinPhases(input('x', [1, 6, 3, 3]))).toThrow(/four maps per channel/);
    expect(() => joinPhases(input('x', [1, 4, 1, 3]))).toThrow(/sides of at least 2/);
    expect(() => splitPhases(input('x', [1, 4, 3, 4]))).toThrow(/even sides/);
  });
});
