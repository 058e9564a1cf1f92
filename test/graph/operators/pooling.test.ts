import { describe, expect, it } from 'vitest';
import { averagePool, input, maxPool, upsampleNearest } from '../../../src/graph/index.js';
import { forAll, type Draw } from '../draw.js';
import { expectGrid, Grid, gridOf } from '../grid.js';

/** A picture and a window: tiling, overlapping, or with gaps; often with a remainder. */
function drawWindows(draw: Draw): {
  kernel: number;
  stride: number;
  shape: number[];
  rows: number;
  columns: number;
} {
  const [kernel, stride] = draw.pick([
    [2, 2],
    [3, 3],
    [3, 2],
    [3, 1],
    [2, 1],
    [2, 3],
    [1, 2],
  ] as const);
  const [height, width] = [draw.integer(kernel, 8), draw.integer(kernel, 8)];
  const count = (length: number): number =>
    Array.from({ length }, (_, start) => start * stride + kernel <= length).filter(Boolean).length;
  return {
    kernel,
    stride,
    shape: [draw.integer(1, 2), draw.integer(1, 3), height, width],
    rows: count(height),
    columns: count(width),
  };
}

const operations = [
  ['maxPool', maxPool, (window: number[]) => Math.max(...window)],
  [
    'averagePool',
    averagePool,
    (window: number[]) => window.reduce((total, value) => total + value, 0) / window.length,
  ],
] as const;

describe.each(operations)('%s', (_name, pool, combine) => {
  it('combines every whole window, remainders dropped', () =>
    forAll(40, async (draw) => {
      const { kernel, stride, shape, rows, columns } = drawWindows(draw);
      const x = draw.input(shape);
      const picture = gridOf(draw, x);
      const expected = Grid.of([shape[0]!, shape[1]!, rows, columns], (n, c, row, column) => {
        const window = Array.from({ length: kernel * kernel }, (_, i) =>
          picture.at(n!, c!, row! * stride + Math.floor(i / kernel), column! * stride + (i % kernel)),
        );
        return combine(window);
      });
      await expectGrid(draw, pool(x, kernel, stride), expected);
    }));

  it('puts windows side by side unless told otherwise, and refuses a window that does not fit', () => {
    expect(pool(input('x', [1, 1, 7, 5]), 2).shape).toEqual([1, 1, 3, 2]);
    expect(() => pool(input('x', [1, 1, 1, 5]), 2)).toThrow(/\[1, 1, 1, 5\].*window of 2x2/);
  });
});

describe('upsampleNearest', () => {
  it('repeats pixels', () =>
    forAll(10, async (draw) => {
      const factor = draw.integer(1, 4);
      const x = draw.input([1, 2, 2, 3]);
      const expected = Grid.of([1, 2, 2 * factor, 3 * factor], (n, c, row, column) =>
        gridOf(draw, x).at(n!, c!, Math.floor(row! / factor), Math.floor(column! / factor)),
      );
      await expectGrid(draw, upsampleNearest(x, factor), expected);
    }));

  it('refuses what is not a picture, and a factor below 1', () => {
    expect(() => upsampleNearest(input('x', [2, 2, 2]), 2)).toThrow(/picture NCHW/);
    expect(() => upsampleNearest(input('x', [1, 1, 2, 2]), 0)).toThrow(/factor of 1/);
  });
});
