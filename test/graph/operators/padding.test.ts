import { describe, expect, it } from 'vitest';
import {
  concat,
  exp,
  foldBorder,
  input,
  pad,
  padImage,
  simplify,
  type PaddingMode,
} from '../../../src/graph/index.js';
import { valuesOf } from '../../graph-values.js';
import { forAll } from '../draw.js';
import { expectGrid, Grid, gridOf, indices } from '../grid.js';

/** The widest border that a mode can make of what an axis has. */
const widestBorder = (mode: PaddingMode, length: number, otherwise: number): number =>
  mode === 'reflect' ? length - 1 : mode === 'circular' ? length : otherwise;

describe('pad', () => {
  const source: Record<PaddingMode, (i: number, length: number) => number> = {
    zero: (i, length) => (i >= 0 && i < length ? i : -1),
    reflect: (i, length) => (i < 0 ? -i : i >= length ? 2 * (length - 1) - i : i),
    replicate: (i, length) => Math.min(Math.max(i, 0), length - 1),
    circular: (i, length) => (i + length) % length,
  };

  it.each(['zero', 'reflect', 'replicate', 'circular'] as const)('%s', (mode) =>
    forAll(25, async (draw) => {
      const x = draw.input(draw.shape(1, 4));
      const count = (length: number): number => draw.integer(0, widestBorder(mode, length, 4));
      const [before, after] = [x.shape.map(count), x.shape.map(count)];
      const expected = Grid.of(
        x.shape.map((length, axis) => length + before[axis]! + after[axis]!),
        (...at) =>
          gridOf(draw, x).atOrZero(...at.map((i, axis) => source[mode](i - before[axis]!, x.shape[axis]!))),
      );
      await expectGrid(draw, pad(x, before, after, mode), expected);
    }),
  );

  it('padImage pads height and width', () => {
    expect(padImage(input('x', [2, 3, 4, 5]), 2, 'reflect').shape).toEqual([2, 3, 8, 9]);
  });

  it('refuses to reflect further than there are values', () => {
    expect(() => pad(input('x', [3, 4]), [3, 0], [0, 0], 'reflect')).toThrow(
      /padding must be smaller than the axis/,
    );
    expect(() => pad(input('x', [3, 4]), [0, 5], [0, 0], 'circular')).toThrow(/not be longer than the axis/);
    expect(() => pad(input('x', [3]), [-1], [0])).toThrow(/non-negative count/);
    expect(() => pad(input('x', [3, 3]), [1], [1])).toThrow(/for each axis/);
  });
});

describe('foldBorder', () => {
  it.each(['reflect', 'replicate', 'circular'] as const)(
    'adds each value back to the one padding copied (%s)',
    (mode) =>
      forAll(25, async (draw) => {
        const inside = draw.shape(1, 4);
        const count = (length: number): number => draw.integer(0, widestBorder(mode, length, 4));
        const [before, after] = [inside.map(count), inside.map(count)];
        const x = draw.input(inside.map((length, axis) => length + before[axis]! + after[axis]!));
        const sums = new Map<string, number>();
        const grid = gridOf(draw, x);
        for (const at of indices(x.shape)) {
          const home = at.map((i, axis) => {
            const [place, last] = [i - before[axis]!, inside[axis]! - 1];
            if (mode === 'replicate') return Math.min(Math.max(place, 0), last);
            if (mode === 'circular') return (place + last + 1) % (last + 1);
            return place < 0 ? -place : place > last ? 2 * last - place : place;
          });
          sums.set(home.join(), (sums.get(home.join()) ?? 0) + grid.at(...at));
        }
        const expected = Grid.of(inside, (...at) => sums.get(at.join())!);
        const folded = foldBorder(x, before, after, mode);
        await expectGrid(draw, folded, expected);
        await expectGrid(draw, simplify([folded], 'gpu')[0]!, expected);
      }),
  );

  it('leaves what it folds as it was for others', async () => {
    const x = input('x', [4]);
    const both = concat([foldBorder(exp(x), [1], [0], 'reflect'), exp(x)], 0);
    const values = await valuesOf(both, { x: new Float32Array(4) });
    expect([...values]).toEqual([1, 2, 1, 1, 1, 1, 1]);
  });

  it('refuses borders that no padding makes', () => {
    expect(() => foldBorder(input('x', [4]), [2], [1], 'reflect')).toThrow(/border is too wide/);
    expect(() => foldBorder(input('x', [3]), [2], [1], 'replicate')).toThrow(/border is too wide/);
    expect(() => foldBorder(input('x', [4]), [2], [1], 'circular')).toThrow(/border is too wide/);
  });
});
