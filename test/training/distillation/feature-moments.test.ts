import { describe, expect, it } from 'vitest';
import { convolution, input, mean, multiply, padImage, square } from '../../../src/graph/index.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import {
  averageOver,
  keepChannels,
  mapMoments,
  patchMoments,
} from '../../../src/training/distillation/feature-moments.js';
import { forAll } from '../../graph/draw.js';
import { expectGrid, Grid, gridOf } from '../../graph/grid.js';
import { valuesOf, valuesOfAll } from '../../graph-values.js';

const runtime = createNativeRuntime({ threads: 1, keepMemory: false });

/** The mean over all positions of all pictures. */
function meanOver(
  [n, , height, width]: readonly number[],
  value: (...at: [number, number, number]) => number,
) {
  let sum = 0;
  for (let picture = 0; picture < n!; picture += 1)
    for (let row = 0; row < height!; row += 1)
      for (let column = 0; column < width!; column += 1) sum += value(picture, row, column);
  return sum / (n! * height! * width!);
}

describe('moments of a map', () => {
  it('are those of plain loops', () =>
    forAll(15, async (draw) => {
      const x = draw.input(draw.shape(4, 4));
      const grid = gridOf(draw, x);
      const channels = x.shape[1]!;
      const expected = Grid.of([channels, channels], (i, j) =>
        meanOver(x.shape, (n, row, column) => grid.at(n, i!, row, column) * grid.at(n, j!, row, column)),
      );
      await expectGrid(draw, mapMoments(x), expected);
    }));
});

describe.each(['zero', 'reflect'] as const)('moments of patches with %s padding', (padding) => {
  const mirrored = (place: number, length: number): number =>
    place < 0 ? -place : place >= length ? 2 * (length - 1) - place : place;

  it('are those of plain loops', () =>
    forAll(12, async (draw) => {
      const side = () => draw.integer(padding === 'zero' ? 1 : 2, 4);
      const x = draw.input([draw.integer(1, 2), draw.integer(1, 3), side(), side()]);
      const grid = gridOf(draw, x);
      const [, channels, height, width] = x.shape as [number, number, number, number];
      const seen = (input: number, n: number, row: number, column: number): number => {
        if (input === 9 * channels) return 1;
        const [channel, tap] = [Math.floor(input / 9), input % 9];
        const [y, z] = [row + Math.floor(tap / 3) - 1, column + (tap % 3) - 1];
        return padding === 'zero'
          ? grid.atOrZero(n, channel, y, z)
          : grid.at(n, channel, mirrored(y, height), mirrored(z, width));
      };
      const size = 9 * channels + 1;
      const expected = Grid.of([size, size], (i, j) =>
        meanOver(x.shape, (...at) => seen(i!, ...at) * seen(j!, ...at)),
      );
      await expectGrid(draw, patchMoments(x, padding), expected);
    }));

  it('are in the order of weights and bias: they give the mean square of a convolution', () =>
    forAll(8, async (draw) => {
      const x = draw.input([2, 2, 5, 4]);
      const [weight, bias] = [draw.input([1, 2, 3, 3]), draw.input([1])];
      const around = padImage(x, 1, padding);
      const { moments, squares } = await valuesOfAll(
        {
          moments: patchMoments(x, padding),
          squares: mean(square(convolution(around, weight, { bias }))),
        },
        draw.values,
      );
      const row = [...draw.values[weight.label!]!, ...draw.values[bias.label!]!];
      const form = row.reduce(
        (sum, one, i) => sum + row.reduce((part, other, j) => part + one * other * moments![19 * i + j]!, 0),
        0,
      );
      expect(form / squares![0]!).toBeCloseTo(1, 4);
    }));
});

describe('kept channels', () => {
  it('are those named, in their order, and the map itself where all are', async () => {
    const x = input('x', [2, 3, 1, 2]);
    const values = { x: Float32Array.from({ length: 12 }, (_, i) => i) };
    expect([...(await valuesOf(keepChannels(x, [0, 2]), values))]).toEqual([0, 1, 4, 5, 6, 7, 10, 11]);
    expect(keepChannels(x, [0, 1, 2])).toBe(x);
  });
});

describe('the average over batches', () => {
  const source = (batches: readonly number[][]) => {
    let index = 0;
    return {
      taken: () => index,
      next: () => {
        const values = Float32Array.from(batches[index]!);
        index += 1;
        return Promise.resolve({ index: index - 1, values });
      },
    };
  };

  it('is the mean of what the graph gives for each, and takes no more batches than asked for', async () => {
    const batches = [
      [1, 2],
      [3, -4],
      [5, 9],
      [100, 100],
    ];
    const pictures = source(batches);
    const found = await averageOver({
      runtimes: [runtime],
      source: pictures,
      batches: 3,
      shape: [2],
      outputs: (x) => ({ double: multiply(x, 2), scaled: multiply(square(x), input('factor', [])) }),
      constants: { factor: Float32Array.of(3) },
    });
    expect(pictures.taken()).toBe(3);
    expect(found['double']![0]).toBeCloseTo(6, 10);
    expect(found['double']![1]).toBeCloseTo(14 / 3, 10);
    expect(found['scaled']![0]).toBeCloseTo(35, 5);
    expect(found['scaled']![1]).toBeCloseTo(101, 4);
    expect(found['scaled']).toBeInstanceOf(Float64Array);
  });

  it('passes on what the pictures fail with', async () => {
    const next = () => Promise.reject(new Error('no more'));
    await expect(
      averageOver({ runtimes: [runtime], source: { next }, batches: 1, shape: [2], outputs: (x) => ({ x }) }),
    ).rejects.toThrow('no more');
  });
});
