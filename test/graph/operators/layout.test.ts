import { describe, expect, it } from 'vitest';
import {
  concat,
  exp,
  foldBorder,
  gather,
  input,
  integers,
  joinPhases,
  pad,
  padImage,
  positions,
  reshape,
  reverse,
  scaleMap,
  simplify,
  slice,
  splitPhases,
  transpose,
  transposeLast,
  type PaddingMode,
} from '../../../src/graph/index.js';
import { valuesOf } from '../../graph-values.js';
import { forAll } from '../draw.js';
import { expectGrid, Grid, gridOf, indices } from '../grid.js';

/** The widest border that a mode can make of what an axis has. */
const widestBorder = (mode: PaddingMode, length: number, otherwise: number): number =>
  mode === 'reflect' ? length - 1 : mode === 'circular' ? length : otherwise;

describe('reshape', () => {
  it('keeps the values in their order', () =>
    forAll(15, async (draw) => {
      const [a, b, c] = [draw.integer(1, 4), draw.integer(1, 4), draw.integer(1, 4)];
      const x = draw.input([a, b, c]);
      const { data } = gridOf(draw, x);
      await expectGrid(draw, reshape(x, [c, -1]), new Grid([c, a * b], data));
      await expectGrid(draw, reshape(x, [a * b * c]), new Grid([a * b * c], data));
    }));

  it('refuses another number of values', () => {
    expect(() => reshape(input('x', [2, 3]), [4])).toThrow(
      /\[2, 3\] and \[4\]: the number of values differs/,
    );
    expect(() => reshape(input('x', [2, 3]), [4, -1])).toThrow(/number of values/);
  });
});

describe('transpose', () => {
  it('moves axes', () =>
    forAll(25, async (draw) => {
      const x = draw.input(draw.shape(0, 5, 3));
      const order = draw.permutation(x.shape.length);
      const expected = Grid.of(
        order.map((axis) => x.shape[axis]!),
        (...at) => gridOf(draw, x).at(...x.shape.map((_, axis) => at[order.indexOf(axis)]!)),
      );
      await expectGrid(draw, transpose(x, order), expected);
    }));

  it('transposeLast exchanges the last two', () =>
    forAll(8, async (draw) => {
      const x = draw.input([2, 3, 4]);
      await expectGrid(
        draw,
        transposeLast(x),
        Grid.of([2, 4, 3], (i, j, k) => gridOf(draw, x).at(i!, k!, j!)),
      );
    }));

  it('refuses what is not a permutation of the axes', () => {
    expect(() => transpose(input('x', [2, 3]), [0, 0])).toThrow(/\[2, 3\] and \[0, 0\]/);
    expect(() => transpose(input('x', [2, 3]), [1, 0, 2])).toThrow(/permutation of the axes/);
  });
});

describe('slice', () => {
  it('takes every step-th value of a range', () =>
    forAll(30, async (draw) => {
      const x = draw.input(draw.shape(1, 4, 6));
      const starts = x.shape.map((length) => draw.integer(0, length - 1));
      const ends = x.shape.map((length, axis) => draw.integer(starts[axis]! + 1, length));
      const steps = x.shape.map(() => draw.integer(1, 3));
      const taken = x.shape.map((_, axis) => {
        const places = [];
        for (let i = starts[axis]!; i < ends[axis]!; i += steps[axis]!) places.push(i);
        return places;
      });
      const expected = Grid.of(
        taken.map((places) => places.length),
        (...at) => gridOf(draw, x).at(...at.map((i, axis) => taken[axis]![i]!)),
      );
      await expectGrid(draw, slice(x, starts, ends, steps), expected);
    }));

  it.each([
    ['an end outside', [0, 0], [2, 4], [1, 1]],
    ['a start behind the end', [1, 2], [2, 1], [1, 1]],
    ['a step of 0', [0, 0], [2, 3], [1, 0]],
    ['too few axes', [0], [2], [1]],
  ])('refuses %s', (_what, starts, ends, steps) => {
    expect(() => slice(input('x', [2, 3]), starts, ends, steps)).toThrow(/slice of \[2, 3\]/);
  });
});

describe('reverse', () => {
  it('reverses the order along the axes', () =>
    forAll(20, async (draw) => {
      const x = draw.input(draw.shape(1, 4));
      const axes = draw.subset(x.shape.length, 1);
      const expected = Grid.of(x.shape, (...at) =>
        gridOf(draw, x).at(...at.map((i, axis) => (axes.includes(axis) ? x.shape[axis]! - 1 - i : i))),
      );
      await expectGrid(draw, reverse(x, axes), expected);
    }));

  it('refuses an axis that is not there', () => {
    expect(() => reverse(input('x', [2]), [1])).toThrow(/no axis 1/);
  });
});

describe('concat', () => {
  it('joins along an axis, counted from either end', () =>
    forAll(20, async (draw) => {
      const shape = draw.shape(1, 4);
      const axis = draw.integer(0, shape.length - 1);
      const parts = Array.from({ length: draw.integer(1, 4) }, () =>
        draw.input(shape.map((length, i) => (i === axis ? draw.integer(1, 3) : length))),
      );
      const owners = parts.flatMap((part) =>
        Array.from({ length: part.shape[axis]! }, (_, i) => ({ part, i })),
      );
      const expected = Grid.of(
        shape.map((length, i) => (i === axis ? owners.length : length)),
        (...at) => {
          const { part, i } = owners[at[axis]!]!;
          return gridOf(draw, part).at(...at.map((j, k) => (k === axis ? i : j)));
        },
      );
      await expectGrid(draw, concat(parts, draw.boolean() ? axis : axis - shape.length), expected);
    }));

  it('refuses nothing, and shapes that differ elsewhere', () => {
    expect(() => concat([], 0)).toThrow(/nothing to join/);
    expect(() => concat([input('x', [2, 3]), input('y', [2, 4])], 0)).toThrow(/\[2, 3\] and \[2, 4\]/);
  });
});

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
