import { describe, expect, it } from 'vitest';
import { cosineDecay, stepDecay } from '../../src/optimizers/learning-rate.js';

describe('learning rate schedules', () => {
  it('decay by steps as Dive into Deep Learning does: times 0.8 every 200', () => {
    const rate = stepDecay(0.1, 0.8, 200);
    expect([0, 199, 200, 399, 400].map(rate)).toEqual([0.1, 0.1, 0.1 * 0.8, 0.1 * 0.8, 0.1 * 0.8 ** 2]);
  });

  it('fall along half a cosine, and stay at its end', () => {
    const rate = cosineDecay(1, 0.2, 100);
    expect(rate(0)).toBe(1);
    expect(rate(50)).toBeCloseTo(0.6, 12);
    expect(rate(25)).toBeCloseTo(0.6 + 0.4 * Math.SQRT1_2, 12);
    expect([rate(100), rate(1000)]).toEqual([0.2, 0.2]);
  });

  it.each([0, -1, 1.5, NaN])('refuse to change over %s steps', (steps) => {
    for (const make of [() => stepDecay(1, 0.5, steps), () => cosineDecay(1, 0, steps)]) {
      expect(make).toThrow(expect.objectContaining({ code: 'E_ARGUMENT' }));
    }
  });
});
