import { describe, expect, it } from 'vitest';
import {
  convolution,
  gradients,
  input,
  multiply,
  sum,
  type Padding,
  type Tensor,
} from '../../../../src/graph/index.js';
import { forAll, type Draw } from '../../draw.js';
import { expectGrid, Grid, gridOf, indices } from '../../grid.js';

interface Drawn {
  readonly x: Tensor;
  readonly w: Tensor;
  readonly stride: number;
  readonly padding: Padding;
  readonly groups: number;
}

/** Any kernel, padding (also wider than the kernel) and stride that fit. */
function drawConvolution(draw: Draw, stride: number): Drawn {
  const groups = draw.integer(1, 3);
  const [channels, outputs] = [groups * draw.integer(1, 3), groups * draw.integer(1, 3)];
  const [kernelHeight, kernelWidth] = [draw.integer(1, 3), draw.integer(1, 3)];
  const [top, left, bottom, right] = Array.from({ length: 4 }, () => draw.integer(0, 3)) as [
    number,
    number,
    number,
    number,
  ];
  const height = draw.integer(Math.max(1, kernelHeight - top - bottom), 6);
  const width = draw.integer(Math.max(1, kernelWidth - left - right), 6);
  return {
    x: draw.input([draw.integer(1, 2), channels, height, width]),
    w: draw.input([outputs, channels / groups, kernelHeight, kernelWidth]),
    padding: [top, left, bottom, right],
    stride,
    groups,
  };
}

/** Calls `visit` for every product in a convolution: places in the result, the picture (may lie outside) and the kernel. */
function eachProduct(
  result: readonly number[],
  kernel: readonly number[],
  { stride, padding: [top, left], groups }: Pick<Drawn, 'stride' | 'padding' | 'groups'>,
  visit: (result: number[], picture: number[], kernel: number[]) => void,
): void {
  const [outputs, perGroup, kernelHeight, kernelWidth] = kernel as [number, number, number, number];
  for (const place of indices(result)) {
    const [n, k, row, column] = place as [number, number, number, number];
    const group = Math.floor(k / (outputs / groups));
    for (const [c, dy, dx] of indices([perGroup, kernelHeight, kernelWidth]) as [number, number, number][]) {
      const picture = [n, group * perGroup + c, row * stride + dy - top, column * stride + dx - left];
      visit(place, picture, [k, c, dy, dx]);
    }
  }
}

const key = (index: readonly number[]): string => index.join();

describe('convolution', () => {
  for (const stride of [1, 2, 3]) {
    it(`is the sum of products with stride ${stride}, any padding, groups, with and without bias`, () =>
      forAll(25, async (draw) => {
        const drawn = drawConvolution(draw, stride);
        const { x, w, padding, groups } = drawn;
        const bias = draw.boolean() ? draw.input([w.shape[0]!]) : undefined;
        const y = convolution(x, w, { stride, padding, groups, ...(bias && { bias }) });
        const [picture, kernel] = [gridOf(draw, x), gridOf(draw, w)];
        const totals = new Map<string, number>();
        eachProduct(y.shape, w.shape, drawn, (at, from, tap) => {
          totals.set(key(at), (totals.get(key(at)) ?? 0) + picture.atOrZero(...from) * kernel.at(...tap));
        });
        const expected = Grid.of(
          y.shape,
          (...at) => totals.get(key(at))! + (bias ? gridOf(draw, bias).at(at[1]!) : 0),
        );
        await expectGrid(draw, y, expected);
      }));
  }

  it('takes one number for padding on all sides', () =>
    forAll(5, async (draw) => {
      const x = draw.input([1, 1, 3, 4]);
      const y = convolution(x, draw.input([1, 1, 1, 1], Float32Array.of(1)), { padding: 2 });
      await expectGrid(
        draw,
        y,
        Grid.of([1, 1, 7, 8], (_n, _c, row, column) => gridOf(draw, x).atOrZero(0, 0, row! - 2, column! - 2)),
      );
    }));

  it.each([
    [
      'channels that differ',
      [1, 3, 4, 4],
      [2, 2, 3, 3],
      {},
      /convolution of \[1, 3, 4, 4\] and \[2, 2, 3, 3\]: 3 channels against 2 in 1 group/,
    ],
    [
      'outputs that groups do not divide',
      [1, 4, 4, 4],
      [3, 2, 3, 3],
      { groups: 2 },
      /4 channels against 2 in 2 group/,
    ],
    ['a kernel that does not fit', [1, 1, 2, 4], [1, 1, 3, 3], {}, /larger than the padded picture/],
    ['a picture without batch axis', [3, 4, 4], [2, 3, 3, 3], {}, /four axes/],
  ] as const)('refuses %s, naming the shapes', (_what, picture, kernel, options, message) => {
    expect(() => convolution(input('x', picture), input('w', kernel), options)).toThrow(message);
  });

  it('refuses a bias of another length', () => {
    expect(() =>
      convolution(input('x', [1, 1, 3, 3]), input('w', [2, 1, 1, 1]), { bias: input('b', [3]) }),
    ).toThrow(/bias must be \[2\]/);
  });
});

describe('transposed convolution', () => {
  // The gradient of a strided convolution: what comes in is spread by the kernel.
  it.each([2, 3])('spreads each value by the kernel, stride %i', (stride) =>
    forAll(30, async (draw) => {
      const drawn = drawConvolution(draw, stride);
      const { x, w, padding, groups } = drawn;
      const y = convolution(x, w, { stride, padding, groups });
      const g = draw.input(y.shape);
      const spread = gradients(sum(multiply(y, g)), [x])[0]!;
      const [incoming, kernel] = [gridOf(draw, g), gridOf(draw, w)];
      const totals = new Map<string, number>();
      eachProduct(y.shape, w.shape, drawn, (from, at, tap) => {
        totals.set(key(at), (totals.get(key(at)) ?? 0) + incoming.at(...from) * kernel.at(...tap));
      });
      await expectGrid(
        draw,
        spread,
        Grid.of(x.shape, (...at) => totals.get(key(at)) ?? 0),
      );
    }),
  );
});
