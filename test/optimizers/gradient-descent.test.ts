import { describe, expect, it } from 'vitest';
import { GradientDescent } from '../../src/optimizers/gradient-descent.js';
import { stepDecay } from '../../src/optimizers/learning-rate.js';
import type { Objective, OptimizerState } from '../../src/optimizers/optimizer.js';
import { quadratic, recorded, rosenbrock, rosenbrockStart, walk } from './problems.js';

const valley = quadratic(
  [
    [4, 1],
    [1, 3],
  ],
  [1, 2],
);

describe('gradient descent', () => {
  it.each([0, 0.5, 0.9])('walks by its formula, momentum %d', async (momentum) => {
    const x = Float64Array.of(3, -2);
    const found = await walk(new GradientDescent({ learningRate: 0.05, momentum }), x, valley, 25);
    // As one line of the heavy ball: x_(t+1) = x_t - rate g(x_t) + momentum (x_t - x_(t-1)).
    let [now, before] = [
      [3, -2],
      [3, -2],
    ];
    for (const [, ...point] of found) {
      const [a, b] = now as [number, number];
      const g = [4 * a + b - 1, a + 3 * b - 2];
      const next = now.map((value, i) => value - 0.05 * g[i]! + momentum * (value - before[i]!));
      [before, now] = [now, next];
      point.forEach((value, i) => expect(value).toBeCloseTo(now[i]!, 12));
    }
  });

  it('has a momentum of 0.9 unless told otherwise, and arrives', async () => {
    const [one, other] = [Float64Array.of(3, -2), Float64Array.of(3, -2)];
    await walk(new GradientDescent({ learningRate: 0.05 }), one, valley, 300);
    await walk(new GradientDescent({ learningRate: 0.05, momentum: 0.9 }), other, valley, 300);
    expect([...one]).toEqual([...other]);
    expect(one[0]).toBeCloseTo(1 / 11, 6);
    expect(one[1]).toBeCloseTo(7 / 11, 6);
  });

  it('follows a schedule of steps done', async () => {
    const constant: Objective = () => Promise.resolve({ value: 0, gradient: Float64Array.of(1) });
    const descent = new GradientDescent({ learningRate: stepDecay(1, 0.5, 2), momentum: 0 });
    const path = await walk(descent, Float64Array.of(0), constant, 5);
    expect(path.map(([, x]) => x)).toEqual([-1, -2, -2.5, -3, -3.25]);
  });

  it("reports the loss before the step, and doesn't mind that the gradient's buffer is reused", async () => {
    const { objective, points } = recorded(valley);
    const [x, plain] = [Float64Array.of(1, 1), Float64Array.of(1, 1)];
    const descent = new GradientDescent({ learningRate: 0.1 });
    const { value } = await valley(x);
    expect(await descent.step(x, objective)).toEqual({ value, evaluations: 1 });
    await descent.step(x, objective);
    await walk(new GradientDescent({ learningRate: 0.1 }), plain, valley, 2);
    expect([...x]).toEqual([...plain]);
    expect(points).toHaveLength(2);
  });

  it('continues from its state bit for bit, in single precision too', async () => {
    for (const start of [rosenbrockStart(), Float32Array.from(rosenbrockStart())]) {
      const create = () => new GradientDescent({ learningRate: stepDecay(1e-3, 0.5, 3), momentum: 0.8 });
      const [first, second] = [create(), create()];
      await walk(first, start, rosenbrock, 4);
      const saved = first.state();
      second.restore(saved);
      const copy = start.slice();
      const expected = await walk(first, start, rosenbrock, 5);
      expect(await walk(second, copy, rosenbrock, 5)).toEqual(expected);
      // The state is a copy, both ways.
      const third = create();
      third.restore(saved);
      expect(third.state()).toEqual(saved);
      expect(first.state()).not.toEqual(saved);
    }
  });

  it('has a state before its first step, too', async () => {
    const [fresh, restored] = [1, 2].map(() => new GradientDescent({ learningRate: 0.1 })) as [
      GradientDescent,
      GradientDescent,
    ];
    restored.restore(fresh.state());
    const [a, b] = [Float64Array.of(3, -2), Float64Array.of(3, -2)];
    expect(await walk(restored, a, valley, 3)).toEqual(await walk(fresh, b, valley, 3));
  });

  it('leaves x and its velocity alone where the loss is not a number', async () => {
    const x = Float64Array.of(1, 1);
    const descent = new GradientDescent({ learningRate: 0.1 });
    await descent.step(x, valley);
    const [place, state] = [[...x], descent.state()];
    for (const value of [NaN, Infinity]) {
      const gradient = Float64Array.of(NaN, 1);
      expect((await descent.step(x, () => Promise.resolve({ value, gradient }))).value).toBe(value);
      expect([...x]).toEqual(place);
      expect(descent.state()).toEqual(state);
    }
  });

  it('refuses variables, gradients and states that do not fit', async () => {
    const descent = new GradientDescent({ learningRate: 1e-4 });
    const short: Objective = () => Promise.resolve({ value: 0, gradient: new Float64Array(3) });
    await expect(descent.step(rosenbrockStart(), short)).rejects.toMatchObject({ code: 'E_SHAPE' });
    await walk(descent, rosenbrockStart(), rosenbrock, 1);
    await expect(descent.step(new Float64Array(3), rosenbrock)).rejects.toMatchObject({ code: 'E_SHAPE' });
    const state = descent.state();
    for (const broken of [
      { ...state, name: 'adam' },
      { ...state, scalars: {} },
      { ...state, scalars: { steps: NaN } },
      { ...state, arrays: {} },
    ] satisfies OptimizerState[]) {
      expect(() => descent.restore(broken)).toThrow(expect.objectContaining({ code: 'E_STATE' }));
    }
    expect(descent.state()).toEqual(state);
  });
});
