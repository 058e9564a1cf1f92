import { describe, expect, it } from 'vitest';
import { input } from '../../../src/graph/index.js';
import type { ConvolutionWeights } from '../../../src/networks/vgg-weights.js';
import { composed, fitLinear, jointMoments } from '../../../src/training/distillation/linear-fit.js';
import { forAll, type Draw } from '../../graph/draw.js';
import { expectGrid, Grid, gridOf } from '../../graph/grid.js';

function randomMap(draw: Draw, inputChannels: number, outputChannels: number): ConvolutionWeights {
  const weight = draw.numbers(outputChannels * inputChannels, -2, 2);
  return { inputChannels, outputChannels, kernel: 1, weight, bias: draw.numbers(outputChannels, -3, 3) };
}

const apply = (map: ConvolutionWeights, x: readonly number[]): number[] =>
  Array.from(map.bias, (bias, k) =>
    x.reduce((sum, value, c) => sum + map.weight[k * map.inputChannels + c]! * value, bias),
  );

/** Moments of `(x, 1, y)` over samples. */
function moments(pairs: readonly (readonly [x: readonly number[], y: readonly number[]])[]): Float64Array {
  const rows = pairs.map(([x, y]) => [...x, 1, ...y]);
  const size = rows[0]!.length;
  return Float64Array.from({ length: size * size }, (_, place) => {
    const [i, j] = [Math.floor(place / size), place % size];
    return rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0) / rows.length;
  });
}

describe('the moments of two maps together', () => {
  it('are those of plain loops', () =>
    forAll(10, async (draw) => {
      const [n, height, width] = [draw.integer(1, 2), draw.integer(1, 4), draw.integer(1, 4)];
      const from = draw.input([n, draw.integer(1, 3), height, width]);
      const to = draw.input([n, draw.integer(1, 4), height, width]);
      const [x, y] = [gridOf(draw, from), gridOf(draw, to)];
      const channels = from.shape[1]!;
      const value = (i: number, at: [number, number, number]): number => {
        const [picture, row, column] = at;
        if (i === channels) return 1;
        return i < channels ? x.at(picture, i, row, column) : y.at(picture, i - channels - 1, row, column);
      };
      const size = channels + 1 + to.shape[1]!;
      const expected = Grid.of([size, size], (i, j) => {
        let sum = 0;
        for (let picture = 0; picture < n; picture += 1)
          for (let row = 0; row < height; row += 1)
            for (let column = 0; column < width; column += 1)
              sum += value(i!, [picture, row, column]) * value(j!, [picture, row, column]);
        return sum / (n * height * width);
      });
      await expectGrid(draw, jointMoments(from, to), expected);
    }));

  it('have a place for every pair', () => {
    expect(jointMoments(input('a', [2, 3, 4, 5]), input('b', [2, 6, 4, 5])).shape).toEqual([10, 10]);
  });
});

describe('the linear fit', () => {
  it('recovers an affine map', () =>
    forAll(30, async (draw) => {
      const [inputs, outputs] = [draw.integer(1, 5), draw.integer(1, 6)];
      const truth = randomMap(draw, inputs, outputs);
      const pairs = Array.from({ length: 60 }, () => {
        const x = Array.from(draw.numbers(inputs, -1, 3));
        return [x, apply(truth, x)] as const;
      });
      const found = fitLinear(moments(pairs), inputs, outputs);
      expect(found).toMatchObject({ inputChannels: inputs, outputChannels: outputs, kernel: 1 });
      // The ridge pulls a little; it is a ten thousandth of the inputs' mean square.
      for (const [x, y] of pairs) {
        apply(found, x).forEach((value, k) => expect(Math.abs(value - y[k]!)).toBeLessThan(0.03));
      }
      await Promise.resolve();
    }));

  it('does not mind that a device rounds a pair and the pair turned round differently', () => {
    const exact = moments([
      [[1, 2], [3]],
      [[0, 1], [-1]],
      [[2, -1], [4]],
    ]);
    const rounded = exact.slice();
    rounded[1]! += 1e-9;
    rounded[4]! -= 1e-9;
    expect(fitLinear(rounded, 2, 1)).toEqual(fitLinear(exact, 2, 1));
  });

  it('gives the mean where inputs tell nothing, and does not mind inputs that are always 0', () => {
    const pairs = [1, 2, 3, 6].map(
      (y) =>
        [
          [0, 0],
          [y, -y],
        ] as const,
    );
    const { weight, bias } = fitLinear(moments(pairs), 2, 2);
    expect([...weight].every((value) => Math.abs(value) < 1e-6)).toBe(true);
    expect(bias[0]).toBeCloseTo(3, 5);
    expect(bias[1]).toBeCloseTo(-3, 5);
  });
});

describe('two maps as one', () => {
  it('give what one gives after the other', () =>
    forAll(30, async (draw) => {
      const [inputs, middle, outputs] = [draw.integer(1, 5), draw.integer(1, 5), draw.integer(1, 5)];
      const [first, second] = [randomMap(draw, inputs, middle), randomMap(draw, middle, outputs)];
      const both = composed(second, first);
      expect(both).toMatchObject({ inputChannels: inputs, outputChannels: outputs, kernel: 1 });
      const x = Array.from(draw.numbers(inputs));
      const expected = apply(second, apply(first, x));
      apply(both, x).forEach((value, k) => expect(value).toBeCloseTo(expected[k]!, 4));
      await Promise.resolve();
    }));
});
