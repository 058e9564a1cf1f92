import { describe, expect, it } from 'vitest';
import { Adam } from '../../src/optimizers/adam.js';
import { stepDecay } from '../../src/optimizers/learning-rate.js';
import type { Objective } from '../../src/optimizers/optimizer.js';
import { goldenPath, largestDeviation, recorded, rosenbrock, rosenbrockStart, walk } from './problems.js';

describe('Adam', () => {
  it.each([
    ['adam', { learningRate: 0.02 }],
    ['adam_tf', { learningRate: 0.02, beta1: 0.99, beta2: 0.999, epsilon: 1e-1 }],
  ])("walks PyTorch's path: %s", async (name, options) => {
    const found = await walk(new Adam(options), rosenbrockStart(), rosenbrock, 40);
    expect(largestDeviation(found, await goldenPath(name))).toBeLessThan(1e-10);
  });

  it("reports the loss before the step, and doesn't mind that the gradient's buffer is reused", async () => {
    const { objective } = recorded(rosenbrock);
    const x = rosenbrockStart();
    const before = await rosenbrock(x);
    const adam = new Adam({ learningRate: 0.02 });
    expect(await adam.step(x, objective)).toEqual({ value: before.value, evaluations: 1 });
    const expected = await goldenPath('adam');
    expect((await adam.step(x, objective)).value).toBeCloseTo(expected[0]![0]!, 9);
  });

  it("places epsilon as Keras does: its own formula, and PyTorch's with the corrected epsilon", async () => {
    const gradients = [3, -1, 0.5, 0.01];
    const options = { learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 0.1 };
    const adam = new Adam({ ...options, epsilonPlacement: 'tensorflow' });
    const pytorch = new Adam(options);
    const x = Float64Array.of(0);
    const other = Float64Array.of(0);
    let [m, v, expected] = [0, 0, 0];
    for (const [i, g] of gradients.entries()) {
      const t = i + 1;
      m += 0.1 * (g - m);
      v += 0.01 * (g * g - v);
      expected -= ((0.1 * Math.sqrt(1 - 0.99 ** t)) / (1 - 0.9 ** t)) * (m / (Math.sqrt(v) + 0.1));
      const objective: Objective = () => Promise.resolve({ value: 0, gradient: Float64Array.of(g) });
      await adam.step(x, objective);
      await pytorch.step(other, objective);
      expect(x[0]).toBeCloseTo(expected, 12);
    }
    expect(Math.abs(other[0]! - x[0]!)).toBeGreaterThan(0.01);
  });

  it('follows a schedule', async () => {
    // With a constant gradient every step is the learning rate long.
    const constant: Objective = () => Promise.resolve({ value: 0, gradient: Float64Array.of(7) });
    const path = await walk(
      new Adam({ learningRate: stepDecay(1, 0.5, 2) }),
      Float64Array.of(0),
      constant,
      4,
    );
    [-1, -2, -2.5, -3].forEach((x, i) => expect(path[i]![1]).toBeCloseTo(x, 7));
  });

  it('clips to its bounds after the step', async () => {
    const x = Float32Array.of(0.5, 0.01, 0.99);
    const objective: Objective = () => Promise.resolve({ value: 1, gradient: Float32Array.of(1, 1, -1) });
    await new Adam({ learningRate: 0.1, bounds: { lower: 0, upper: 1 } }).step(x, objective);
    expect([...x]).toEqual([Math.fround(0.4), 0, 1]);
  });

  it('continues from its state bit for bit', async () => {
    const create = (): Adam => new Adam({ learningRate: 0.02 });
    const [first, second] = [create(), create()];
    const x = rosenbrockStart();
    await walk(first, x, rosenbrock, 7);
    second.restore(JSON.parse(JSON.stringify(first.state()), revive) as ReturnType<Adam['state']>);
    const copy = x.slice();
    expect(await walk(second, copy, rosenbrock, 5)).toEqual(await walk(first, x, rosenbrock, 5));
  });

  it('leaves x alone where the loss is not a number', async () => {
    const x = Float64Array.of(1);
    const { value } = await new Adam({ learningRate: 1 }).step(x, () =>
      Promise.resolve({ value: NaN, gradient: Float64Array.of(NaN) }),
    );
    expect([value, x[0]]).toEqual([NaN, 1]);
  });

  it('refuses variables, gradients and states that do not fit', async () => {
    const adam = new Adam({ learningRate: 0.1 });
    await walk(adam, rosenbrockStart(), rosenbrock, 1);
    await expect(adam.step(new Float64Array(3), rosenbrock)).rejects.toMatchObject({ code: 'E_SHAPE' });
    const short: Objective = () => Promise.resolve({ value: 0, gradient: new Float64Array(3) });
    await expect(adam.step(rosenbrockStart(), short)).rejects.toMatchObject({ code: 'E_SHAPE' });
    for (const state of [
      { ...adam.state(), name: 'lbfgs' },
      { ...adam.state(), scalars: {} },
      { ...adam.state(), arrays: {} },
      { ...adam.state(), arrays: { mean: new Float64Array(4), square: new Float64Array(3) } },
    ]) {
      expect(() => adam.restore(state)).toThrow(expect.objectContaining({ code: 'E_STATE' }));
    }
  });
});

function revive(key: string, value: unknown): unknown {
  return key === 'mean' || key === 'square' ? Float64Array.from(Object.values(value as object)) : value;
}
