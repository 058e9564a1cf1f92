import { describe, expect, it } from 'vitest';
import { input, resize } from '../../../src/graph/index.js';
import { forAll, type Draw } from '../draw.js';
import { expectGrid, Grid, gridOf } from '../grid.js';

describe('resize', () => {
  const sizes = (draw: Draw): { shape: number[]; height: number; width: number } => {
    const shape = [draw.integer(1, 2), draw.integer(1, 2), draw.integer(1, 9), draw.integer(1, 9)];
    const target = (length: number): number =>
      draw.boolean() ? length * draw.integer(1, 4) : draw.integer(1, 20);
    return { shape, height: target(shape[2]!), width: target(shape[3]!) };
  };

  it('nearest takes the pixel that contains the upper left corner', () =>
    forAll(60, async (draw) => {
      const { shape, height, width } = sizes(draw);
      const x = draw.input(shape);
      const picture = gridOf(draw, x);
      // (row * from) / to in whole numbers, since 0.3 * 10 is not 3 in floating point.
      const source = (to: number, length: number, from: number): number =>
        (to * from - ((to * from) % length)) / length;
      const expected = Grid.of([shape[0]!, shape[1]!, height, width], (n, c, row, column) =>
        picture.at(n!, c!, source(row!, height, shape[2]!), source(column!, width, shape[3]!)),
      );
      await expectGrid(draw, resize(x, height, width, 'nearest'), expected);
    }));

  it('bilinear weighs the four neighbours of the pixel centre, clamped at the border', () =>
    forAll(60, async (draw) => {
      const { shape, height, width } = sizes(draw);
      const x = draw.input(shape);
      const picture = gridOf(draw, x);
      const tent = (at: number, length: number, from: number, pixel: number): number => {
        const centre = ((at + 0.5) / length) * from - 0.5;
        const clamped = Math.min(Math.max(centre, 0), from - 1);
        return Math.max(0, 1 - Math.abs(clamped - pixel));
      };
      const expected = Grid.of([shape[0]!, shape[1]!, height, width], (n, c, row, column) => {
        let total = 0;
        for (let y = 0; y < shape[2]!; y += 1) {
          for (let z = 0; z < shape[3]!; z += 1) {
            total +=
              tent(row!, height, shape[2]!, y) *
              tent(column!, width, shape[3]!, z) *
              picture.at(n!, c!, y, z);
          }
        }
        return total;
      });
      await expectGrid(draw, resize(x, height, width, 'bilinear'), expected, 5e-6);
    }));

  it('refuses an empty size', () => {
    expect(() => resize(input('x', [1, 1, 2, 2]), 0, 3, 'nearest')).toThrow(/\[0, 3\]/);
  });
});
