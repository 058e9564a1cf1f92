import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constant } from '../../src/graph/index.js';
import { laplacian, laplacianLoss } from '../../src/losses/laplacian.js';
import type { LossReduction } from '../../src/losses/reduction.js';
import { Draw } from '../graph/draw.js';
import { expectGradients } from '../graph/finite-differences.js';
import { valuesOf } from '../graph-values.js';

/** Means of 4 x 4 pixels, then four times each less its neighbours, summed over channels; in plain loops. */
function plainLaplacian(x: Float32Array, channels: number, height: number, width: number): number[][] {
  const [high, wide] = [Math.floor(height / 4), Math.floor(width / 4)];
  const sums = Array.from({ length: high - 2 }, () => new Array<number>(wide - 2).fill(0));
  for (let channel = 0; channel < channels; channel += 1) {
    const pooled = (row: number, column: number): number => {
      let sum = 0;
      for (let y = 4 * row; y < 4 * row + 4; y += 1) {
        for (let at = 4 * column; at < 4 * column + 4; at += 1)
          sum += x[(channel * height + y) * width + at]!;
      }
      return sum / 16;
    };
    for (let row = 1; row < high - 1; row += 1) {
      for (let column = 1; column < wide - 1; column += 1) {
        const neighbours =
          pooled(row - 1, column) +
          pooled(row + 1, column) +
          pooled(row, column - 1) +
          pooled(row, column + 1);
        sums[row - 1]![column - 1]! += 4 * pooled(row, column) - neighbours;
      }
    }
  }
  return sums;
}

describe('the Laplacian loss', () => {
  it.each([
    [12, 12],
    [17, 22],
  ])('is its formula in plain loops at %ix%i', async (height, width) => {
    // Always the same two: chance gives equal ones now and then, or a single value that is all but zero.
    const draw = new Draw(fc.sample(fc.gen(), { numRuns: 1, seed: 1 })[0]!);
    const numbers = draw.numbers(6 * height * width, 0, 1);
    const [one, other] = [numbers.subarray(0, numbers.length / 2), numbers.subarray(numbers.length / 2)];
    const [own, target] = [one, other].map((values) => plainLaplacian(values, 3, height, width).flat()) as [
      number[],
      number[],
    ];
    const tensors = [one, other].map((values) => laplacian(constant(values, [1, 3, height, width])));
    const found = await valuesOf(tensors[0]!);
    own.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 4));
    const squares = own.reduce((sum, value, i) => sum + (value - target[i]!) ** 2, 0);
    const energy = target.reduce((sum, value) => sum + value ** 2, 0);
    const expected: Partial<Record<LossReduction, number>> = {
      sum: squares,
      'half-sum': squares,
      mean: squares / own.length,
      relative: squares / energy,
    };
    for (const [reduction, value] of Object.entries(expected)) {
      const loss = laplacianLoss(tensors[0]!, tensors[1]!, reduction as LossReduction);
      expect((await valuesOf(loss))[0]! / value).toBeCloseTo(1, 4);
    }
  });

  it('has the gradient of its formula', async () => {
    const draw = new Draw(fc.sample(fc.gen(), { numRuns: 1, seed: 1 })[0]!);
    const target = laplacian(constant(draw.numbers(3 * 13 * 12, 0, 1), [1, 3, 13, 12]));
    const own = laplacian(draw.input([1, 3, 13, 12]));
    await expectGradients(draw, laplacianLoss(own, target, 'relative'));
  });

  it('refuses a picture that is too small to have edges', () => {
    const tiny = constant(new Float32Array(3 * 11 * 20), [1, 3, 11, 20]);
    expect(() => laplacian(tiny)).toThrow(expect.objectContaining({ code: 'E_IMAGE_SIZE' }) as Error);
  });
});
