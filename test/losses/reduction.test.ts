import { describe, expect, it } from 'vitest';
import { constant, square, subtract } from '../../src/graph/index.js';
import { contentLoss } from '../../src/losses/content.js';
import { gramLoss } from '../../src/losses/gram.js';
import { histogramLoss } from '../../src/losses/histogram.js';
import { reduce, type LossReduction } from '../../src/losses/reduction.js';
import { valuesOf } from '../graph-values.js';

const [found, wanted] = [
  [1, -2, 3, 0.5, 2, -1, 4, 0],
  [0.5, 1, 3, -0.5, 1, 1, 2, -2],
];
const sum = found!.reduce((total, value, i) => total + (value - wanted![i]!) ** 2, 0);
const energy = wanted!.reduce((total, value) => total + value ** 2, 0);

const tensors = (shape: readonly number[]) => [constant(found!, shape), constant(wanted!, shape)] as const;

describe('reductions of squared differences', () => {
  // Two Gram matrices of two channels at 10 positions; the constants are those of the sources.
  it.each([
    ['sum', sum, sum, sum],
    ['mean', sum / 8, sum / 8, sum / 8],
    ['relative', sum / energy, sum / energy, sum / energy],
    ['half-sum', sum / 2, sum, sum],
    ['gatys', sum, sum / (4 * 2 ** 2 * 10 ** 2), sum],
    ['mean-per-value', sum / 8, sum / 8 / (2 * 10), sum / 8],
  ] as const)('%s', async (reduction, content, gram, histogram) => {
    const [features, target] = tensors([1, 2, 2, 2]);
    const [matrices, matrixTargets] = tensors([2, 2, 2]);
    const value = async (loss: Parameters<typeof valuesOf>[0]): Promise<number> => (await valuesOf(loss))[0]!;
    expect(await value(contentLoss(features, target, reduction))).toBeCloseTo(content, 5);
    expect(await value(gramLoss(matrices, matrixTargets, reduction, 10))).toBeCloseTo(gram, 5);
    expect(await value(histogramLoss(features, target, reduction))).toBeCloseTo(histogram, 5);
  });

  it('are finite for a target of zeros', async () => {
    const [features] = tensors([8]);
    const nothing = constant(new Float32Array(8), [8]);
    const relative: LossReduction = 'relative';
    const [value] = await valuesOf(reduce(square(subtract(features, nothing)), nothing, relative));
    expect(value).toBeGreaterThan(1e6);
    expect(value).toBeLessThan(Infinity);
  });
});
