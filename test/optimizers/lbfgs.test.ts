import { describe, expect, it } from 'vitest';
import { Lbfgs } from '../../src/optimizers/lbfgs.js';
import type { Objective } from '../../src/optimizers/optimizer.js';
import { goldenPath, largestDeviation, recorded, rosenbrock, rosenbrockStart, walk } from './problems.js';

describe('L-BFGS', () => {
  it("walks PyTorch's path", async () => {
    const found = await walk(new Lbfgs(), rosenbrockStart(), rosenbrock, 40);
    expect(largestDeviation(found, await goldenPath('lbfgs_strong_wolfe'))).toBeLessThan(1e-7);
  });

  it('counts its evaluations, and needs none where the step before ended', async () => {
    const { objective, points } = recorded(rosenbrock);
    const lbfgs = new Lbfgs();
    const x = rosenbrockStart();
    let total = 0;
    const path = [];
    for (let i = 0; i < 40; i += 1) {
      const { value, evaluations } = await lbfgs.step(x, objective);
      path.push([value, ...x]);
      total += evaluations;
    }
    expect(points).toHaveLength(total);
    expect(new Set(points.map(String)).size).toBe(total);
    // The same path as with a gradient of its own for every evaluation: what is kept is copied.
    expect(path).toEqual(await walk(new Lbfgs(), rosenbrockStart(), rosenbrock, 40));
  });

  it('evaluates anew where somebody else has moved x', async () => {
    const lbfgs = new Lbfgs();
    const x = rosenbrockStart();
    await walk(lbfgs, x, rosenbrock, 5);
    x[2]! += 0.01;
    const { value } = await rosenbrock(x);
    expect((await lbfgs.step(x, rosenbrock)).value).toBe(value);
    await walk(lbfgs, x, rosenbrock, 60);
    for (const value of x) expect(value).toBeCloseTo(1, 6);
  });

  it('continues from its state bit for bit, without evaluating again', async () => {
    const [first, second] = [new Lbfgs({ history: 3 }), new Lbfgs({ history: 3 })];
    const x = rosenbrockStart();
    await walk(first, x, rosenbrock, 9);
    second.restore(first.state());
    const copy = x.slice();
    const [one, two] = [recorded(rosenbrock), recorded(rosenbrock)];
    expect(await walk(second, copy, two.objective, 9)).toEqual(await walk(first, x, one.objective, 9));
    expect(two.points).toEqual(one.points);
    expect(second.state()).toEqual(first.state());
  });

  it('keeps its history when the loss is tiny', async () => {
    const tiny: Objective = async (x) => {
      const { value, gradient } = await rosenbrock(x);
      return { value: 1e-12 * value, gradient: gradient.map((entry) => 1e-12 * entry) };
    };
    const x = rosenbrockStart();
    await walk(new Lbfgs(), x, tiny, 60);
    for (const value of x) expect(value).toBeCloseTo(1, 4);
  });

  it('says when it is at a minimum, and when the loss is not a number', async () => {
    const x = Float64Array.of(1, 1);
    expect(await new Lbfgs().step(x, rosenbrock)).toEqual({ value: 0, evaluations: 1, stalled: true });
    const lost: Objective = () => Promise.resolve({ value: NaN, gradient: Float64Array.of(NaN, NaN) });
    expect(await new Lbfgs().step(x, lost)).toEqual({ value: NaN, evaluations: 1 });
    expect([...x]).toEqual([1, 1]);
  });

  it('is where it was when the objective throws, and goes on from there', async () => {
    const lbfgs = new Lbfgs();
    const x = rosenbrockStart();
    await walk(lbfgs, x, rosenbrock, 6);
    const before = x.slice();
    await expect(lbfgs.step(x, () => Promise.reject(new Error('cancelled')))).rejects.toThrow('cancelled');
    expect(x).toEqual(before);
    const rest = await walk(lbfgs, x, rosenbrock, 4);
    expect(rest).toEqual((await walk(new Lbfgs(), rosenbrockStart(), rosenbrock, 10)).slice(6));
  });

  it('begins anew with the state of an optimiser that has made no step', async () => {
    const lbfgs = new Lbfgs();
    await walk(lbfgs, rosenbrockStart(), rosenbrock, 5);
    await expect(lbfgs.step(new Float64Array(3), rosenbrock)).rejects.toMatchObject({ code: 'E_SHAPE' });
    lbfgs.restore(new Lbfgs().state());
    const start = Float64Array.of(-1, 1, 0.5);
    expect(await walk(lbfgs, start.slice(), rosenbrock, 5)).toEqual(
      await walk(new Lbfgs(), start.slice(), rosenbrock, 5),
    );
  });

  it('refuses a state that is not its own or not whole', async () => {
    const lbfgs = new Lbfgs();
    await walk(lbfgs, rosenbrockStart(), rosenbrock, 5);
    const state = lbfgs.state();
    const { y2: _, ...arrays } = state.arrays;
    for (const other of [
      { ...state, name: 'adam' },
      { ...state, arrays },
      { ...state, arrays: { ...state.arrays, gradient: new Float64Array(3) } },
    ]) {
      expect(() => lbfgs.restore(other)).toThrow(expect.objectContaining({ code: 'E_STATE' }));
    }
    // A refused state changes nothing.
    expect(lbfgs.state()).toEqual(state);
  });
});
