import { describe, expect, it } from 'vitest';
import {
  constant,
  convolution,
  gradients,
  input,
  multiply,
  relu,
  simplify,
  sum,
  type Padding,
  type PaddingMode,
  type Tensor,
} from '../../../../src/graph/index.js';
import { topologicalOrder } from '../../../../src/graph/traversal.js';
import { forAll, type Draw } from '../../draw.js';
import { expectGrid, Grid, gridOf } from '../../grid.js';
import { expectAsFor } from '../../targets.js';

interface Drawn {
  readonly x: Tensor;
  readonly w: Tensor;
  readonly bias: Tensor;
  readonly padding: Padding;
  readonly border: PaddingMode;
}

/** Enough channels, any border, and sides that fill whole tiles of four results or don't. */
function drawConvolution(draw: Draw): Drawn {
  const border = draw.pick(['zero', 'reflect', 'replicate', 'circular'] as const);
  const padding = [draw.integer(0, 2), draw.integer(0, 2), draw.integer(0, 2), draw.integer(0, 2)] as const;
  const [channels, out] = [draw.pick([32, 40]), draw.pick([32, 48])];
  return {
    x: draw.input([draw.integer(1, 2), channels, draw.integer(3, 9), draw.integer(3, 9)]),
    w: draw.input([out, channels, 3, 3]),
    bias: draw.input([out]),
    padding,
    border,
  };
}

/** The place whose value stands at a place outside, found by walking: a mirror turns round, a circle goes on. */
function placeInside(place: number, length: number, border: PaddingMode): number | undefined {
  if (place >= 0 && place < length) return place;
  if (border === 'zero') return undefined;
  if (border === 'replicate') return Math.min(Math.max(place, 0), length - 1);
  if (border === 'circular') return (place + length) % length;
  return place < 0 ? -place : length - 1 - (place - (length - 1));
}

const operators = (outputs: Tensor[], target: Parameters<typeof simplify>[1]): string[] =>
  topologicalOrder(simplify(outputs, target)).map(({ operator }) => operator.name);

describe("Winograd's convolution", () => {
  it('has the values of the plain loops, whatever stands around the picture', () =>
    forAll(25, async (draw) => {
      const { x, w, bias, padding, border } = drawConvolution(draw);
      const y = convolution(x, w, { bias, padding, border });
      const [picture, weights, shift] = [gridOf(draw, x), gridOf(draw, w), gridOf(draw, bias)];
      const [, channels, height, width] = x.shape as [number, number, number, number];
      const expected = Grid.of(y.shape, (n, k, row, column) => {
        let total = shift.at(k);
        for (let dy = 0; dy < 3; dy += 1) {
          for (let dx = 0; dx < 3; dx += 1) {
            const from = placeInside(row + dy - padding[0], height, border);
            const along = placeInside(column + dx - padding[1], width, border);
            if (from === undefined || along === undefined) continue;
            for (let c = 0; c < channels; c += 1)
              total += weights.at(k, c, dy, dx) * picture.at(n, c, from, along);
          }
        }
        return total;
      });
      // The transforms round ten times as much as plain sums; a wrong place or factor would be felt in the first digits.
      await expectGrid(draw, y, expected, 2e-5);
    }));

  it('has the gradients of the direct form', () =>
    forAll(15, async (draw) => {
      const { x, w, bias, padding, border } = drawConvolution(draw);
      const inner = relu(convolution(x, w, { bias, padding, border }));
      const y = convolution(inner, draw.input([33, w.shape[0]!, 3, 3]), { padding: 1 });
      const [dx, dw, db] = gradients(sum(multiply(y, draw.input(y.shape))), [x, w, bias]);
      await expectAsFor('gpu', draw, { y, dx: dx!, dw: dw!, db: db! });
    }));
});

describe("Winograd's convolution with constant weights, in WebAssembly", () => {
  it('has the values and the gradient of the direct form', () =>
    forAll(8, async (draw) => {
      const [channels, out] = [draw.pick([64, 96]), draw.pick([64, 128])];
      const padding = [
        draw.integer(0, 1),
        draw.integer(0, 1),
        draw.integer(0, 1),
        draw.integer(0, 1),
      ] as const;
      const x = draw.input([1, channels, draw.integer(3, 9), draw.integer(3, 9)]);
      const kernels = Float32Array.from(
        { length: out * channels * 9 },
        (_, i) => Math.sin(i * i * 0.37) / 30,
      );
      const w = constant(kernels, [out, channels, 3, 3]);
      const y = relu(convolution(x, w, { padding, bias: constant(kernels.slice(0, out), [out]) }));
      const [dx] = gradients(sum(multiply(y, draw.input(y.shape))), [x]);
      expect(operators([y, dx!], 'wasm').filter((name) => name === 'fromTiles')).toHaveLength(2);
      await expectAsFor('wasm', draw, { y, dx: dx! });
    }));

  it('is direct where channels are few or kernels need much memory', () => {
    const [few, many] = [63, 256].map((channels) =>
      convolution(
        input('x', [1, channels, 8, 8]),
        constant(new Float32Array(64 * channels * 9).fill(1), [64, channels, 3, 3]),
      ),
    );
    expect(operators([few!, many!], 'wasm')).not.toContain('toTiles');
  });
});

describe('the way in which a convolution is written', () => {
  const x = input('x', [1, 32, 8, 8]);
  const w = input('w', [32, 32, 3, 3]);
  const winograd = (y: Tensor): boolean => operators([y], { channelBlock: 16 }).includes('toTiles');

  it("is Winograd's on every CPU, and direct on a GPU", () => {
    const y = convolution(x, w, { padding: 1, border: 'reflect' });
    expect(winograd(y)).toBe(true);
    expect(operators([y], 'cpu')).toContain('toTiles');
    expect(operators([y], 'gpu')).toEqual(expect.arrayContaining(['pad', 'convolution']));
  });

  it('is direct where weights are constant, channels few, kernels of another size, strided or in groups', () => {
    const all = [
      convolution(x, constant(new Float32Array(32 * 32 * 9), [32, 32, 3, 3])),
      convolution(x, input('few', [31, 32, 3, 3])),
      convolution(x, input('wide', [32, 32, 5, 5])),
      convolution(x, w, { stride: 2 }),
      convolution(x, input('grouped', [64, 16, 3, 3]), { groups: 2 }),
    ];
    expect(all.map(winograd)).toEqual(all.map(() => false));
  });

  it('transforms picture, kernels and gradient once for the forward and the backward pass', () => {
    const y = convolution(x, w, { padding: 1, border: 'reflect' });
    const [dx, dw] = gradients(sum(multiply(y, input('g', y.shape))), [x, w]);
    const names = operators([y, dx!, dw!], 'cpu');
    // The picture's tiles and those of the results' gradient; the results, and the picture's gradient.
    expect(names.filter((name) => name === 'toTiles')).toHaveLength(2);
    expect(names.filter((name) => name === 'fromTiles')).toHaveLength(2);
    // Three large products, and each of the three transforms and its transpose.
    expect(names.filter((name) => name === 'matmul')).toHaveLength(9);
  });
});
