import { describe, expect, it } from 'vitest';
import { IterateAverage } from '../../src/optimizers/iterate-average.js';

const iterates = [
  [1, -2],
  [4, 0.5],
  [-3, 8],
  [0.25, 1],
].map((values) => Float64Array.from(values));

describe('average of iterates', () => {
  it('weighs each iterate by the power of the decay that its age is', () => {
    const average = new IterateAverage(0.9);
    expect(average.value()).toBeUndefined();
    iterates.forEach((x, last) => {
      average.add(x);
      const weights = iterates.slice(0, last + 1).map((_, i) => 0.9 ** (last - i));
      const sum = weights.reduce((a, b) => a + b);
      for (const i of [0, 1]) {
        const expected = weights.reduce((total, weight, k) => total + weight * iterates[k]![i]!, 0) / sum;
        expect(average.value()![i]).toBeCloseTo(expected, 12);
      }
    });
  });

  it('is the last iterate where nothing is kept', () => {
    const average = new IterateAverage(0);
    iterates.forEach((x) => average.add(x));
    expect(average.value()).toEqual(iterates.at(-1));
  });

  it('continues from its state bit for bit', () => {
    const [first, second] = [new IterateAverage(0.7), new IterateAverage(0.7)];
    first.add(iterates[0]!);
    first.add(iterates[1]!);
    second.restore(first.state());
    for (const average of [first, second]) average.add(iterates[2]!);
    expect(second.value()).toEqual(first.value());
    expect(second.state()).toEqual(first.state());
  });

  it('refuses decays, iterates and states that do not fit', () => {
    for (const decay of [1, -0.1, NaN]) {
      expect(() => new IterateAverage(decay)).toThrow(expect.objectContaining({ code: 'E_ARGUMENT' }));
    }
    const average = new IterateAverage(0.5);
    average.add(iterates[0]!);
    expect(() => average.add(new Float64Array(3))).toThrow(expect.objectContaining({ code: 'E_SHAPE' }));
    for (const state of [
      { ...average.state(), name: 'adam' },
      { ...average.state(), arrays: {} },
    ]) {
      expect(() => average.restore(state)).toThrow(expect.objectContaining({ code: 'E_STATE' }));
    }
  });
});
