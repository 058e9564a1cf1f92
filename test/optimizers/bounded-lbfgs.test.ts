import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoundedLbfgs } from '../../src/optimizers/bounded-lbfgs.js';
import type { FloatArray, Objective } from '../../src/optimizers/optimizer.js';
import { smallestInBox } from './box-quadratic.js';
import { quadratic, recorded, rosenbrock, rosenbrockStart, walk } from './problems.js';

const unit = { lower: 0, upper: 1 };
const number = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });

/** `matrix' matrix + diag`, positive definite, and a right-hand side that pushes many variables out of the box. */
const quadratics = fc.integer({ min: 2, max: 4 }).chain((n) =>
  fc.record({
    matrix: fc
      .array(fc.array(number(-2, 2), { minLength: n, maxLength: n }), { minLength: n, maxLength: n })
      .map((root) =>
        root.map((row, i) =>
          root.map((other, j) => row.reduce((sum, entry, k) => sum + entry * other[k]!, i === j ? 0.2 : 0)),
        ),
      ),
    b: fc.array(number(-4, 4), { minLength: n, maxLength: n }),
    start: fc.array(number(0, 1), { minLength: n, maxLength: n }),
  }),
);

function sum(x: FloatArray, term: (at: number, i: number) => number): number {
  return Array.from(x, term).reduce((total, entry) => total + entry, 0);
}

/** How far a point is from satisfying the first-order conditions of a minimum in the box. */
async function residual(x: FloatArray, objective: Objective, { lower, upper } = unit): Promise<number> {
  const { gradient } = await objective(x);
  return Math.max(...x.map((at, i) => Math.abs(at - Math.min(Math.max(at - gradient[i]!, lower), upper))));
}

describe('bounded L-BFGS', () => {
  it('finds the minimum of convex quadratics, which trying all sets of active bounds finds too', async () => {
    await fc.assert(
      fc.asyncProperty(quadratics, async ({ matrix, b, start }) => {
        const objective = quadratic(matrix, b);
        const expected = await objective(smallestInBox(matrix, b, 0, 1));
        const x = Float64Array.from(start);
        const { objective: asked, points } = recorded(objective);
        await walk(new BoundedLbfgs({ bounds: unit }), x, asked, 150);
        const { value } = await objective(x);
        expect(value).toBeGreaterThanOrEqual(expected.value - 1e-12);
        expect(value - expected.value).toBeLessThan(1e-6);
        for (const at of points.flat()) expect(at >= 0 && at <= 1).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('finds the minimum of Rosenbrock in a box that cuts the valley off', async () => {
    // With x at most 0.8 the valley's lowest point is x = 0.8, y = 0.64.
    const x = Float64Array.of(-1.2, 0.75);
    const bounds = { lower: -1.5, upper: 0.8 };
    await walk(new BoundedLbfgs({ bounds }), x, rosenbrock, 120);
    expect(x[0]).toBeCloseTo(0.8, 5);
    expect(x[1]).toBeCloseTo(0.64, 5);
    expect(await residual(x, rosenbrock, bounds)).toBeLessThan(1e-4);
  });

  it('satisfies the first-order conditions on many variables, in about one evaluation a step', async () => {
    const n = 400;
    // A chain of springs, each pulled to a place of its own, many of them outside the box.
    const target = Float64Array.from({ length: n }, (_, i) => 0.5 + Math.sin(i * i));
    const objective: Objective = (x) => {
      const gradient = new Float64Array(n);
      let value = 0;
      for (let i = 0; i < n; i += 1) {
        const pull = x[i]! - target[i]!;
        const weight = 1 + 50 * (i % 7);
        value += 0.5 * weight * pull * pull;
        gradient[i]! += weight * pull;
        if (i === 0) continue;
        const spring = x[i]! - x[i - 1]!;
        value += 20 * spring * spring;
        gradient[i]! += 40 * spring;
        gradient[i - 1]! -= 40 * spring;
      }
      return Promise.resolve({ value, gradient });
    };
    const optimizer = new BoundedLbfgs({ bounds: unit });
    const x = new Float64Array(n).fill(0.5);
    const { objective: asked, points } = recorded(objective);
    await walk(optimizer, x, asked, 150);
    // A value that its bound holds only weakly settles slowly where the sine is flat.
    expect(await residual(x, objective)).toBeLessThan(1e-2);
    expect(x.filter((at) => at < 1e-4 || at > 1 - 1e-4).length).toBeGreaterThan(n / 10);
    expect(points.length).toBeLessThan(1.25 * 150);
  });

  it('leaves a bound that a variable starts at', async () => {
    const objective = quadratic(
      [
        [1, 0],
        [0, 1],
      ],
      [0.3, 0.6],
    );
    const x = Float32Array.of(0, 1);
    await walk(new BoundedLbfgs({ bounds: unit }), x, objective, 20);
    expect(x[0]).toBeCloseTo(0.3, 4);
    expect(x[1]).toBeCloseTo(0.6, 4);
  });

  it("walks the same path whatever the loss' scale", async () => {
    const scaled =
      (factor: number): Objective =>
      async (x) => {
        const { value, gradient } = await rosenbrock(x);
        return { value: factor * value, gradient: gradient.map((entry) => factor * entry) };
      };
    const path = async (factor: number): Promise<number[][]> => {
      const optimizer = new BoundedLbfgs({ bounds: { lower: -2, upper: 2 } });
      return (await walk(optimizer, rosenbrockStart(), scaled(factor), 25)).map(([, ...x]) => x);
    };
    const expected = await path(1);
    // Powers of four scale every number in it without rounding, and their roots too.
    expect(await path(4 ** 20)).toEqual(expected);
    expect(await path(4 ** -20)).toEqual(expected);
    (await path(1000)).flat().forEach((x, i) => expect(x).toBeCloseTo(expected.flat()[i]!, 4));
  });

  it('continues from its state bit for bit, without evaluating again', async () => {
    const create = (): BoundedLbfgs => new BoundedLbfgs({ bounds: { lower: -2, upper: 0.9 }, history: 3 });
    for (const steps of [1, 2, 9]) {
      const [first, second] = [create(), create()];
      const x = Float32Array.from(rosenbrockStart());
      await walk(first, x, rosenbrock, steps);
      second.restore(first.state());
      const copy = x.slice();
      const [one, two] = [recorded(rosenbrock), recorded(rosenbrock)];
      expect(await walk(second, copy, two.objective, 9)).toEqual(await walk(first, x, one.objective, 9));
      expect(two.points).toEqual(one.points);
      expect(second.state()).toEqual(first.state());
    }
  });

  it('never moves the values further than a tenth of the range in the root mean square', async () => {
    // Nearly linear, so that the curvature asks for steps far longer than that.
    const objective: Objective = (x) => {
      const gradient = Float64Array.from(x, (at, i) => -1 - (i % 3) + 1e-3 * at);
      const value = sum(x, (at, i) => at * (gradient[i]! - 5e-4 * at));
      return Promise.resolve({ value, gradient });
    };
    const optimizer = new BoundedLbfgs({ bounds: { lower: 0, upper: 10 } });
    const x = new Float64Array(30).fill(2);
    let longest = 0;
    for (let i = 0; i < 25; i += 1) {
      const before = x.slice();
      await optimizer.step(x, objective);
      longest = Math.max(longest, Math.sqrt(sum(x, (at, k) => (at - before[k]!) ** 2) / x.length));
    }
    expect(longest).toBeLessThanOrEqual(1 + 1e-12);
    expect(longest).toBeGreaterThan(0.1);
    expect(Math.min(...x)).toBeGreaterThan(9.9);
  });

  it('goes on when the loss is rounded more coarsely than it changes', async () => {
    const target = Float64Array.from({ length: 50 }, (_, i) => 0.2 + 0.6 * Math.abs(Math.sin(i)));
    const loss = (x: FloatArray): number => sum(x, (at, i) => (1 + i) * (at - target[i]!) ** 2);
    const rounded: Objective = (x) =>
      Promise.resolve({
        // The loss stands on a large constant, as one whose content term stays does, in single precision.
        value: Math.fround(1000 + loss(x)),
        gradient: Float32Array.from(x, (at, i) => 2 * (1 + i) * (at - target[i]!)),
      });
    const x = new Float32Array(50).fill(0.5);
    const { objective, points } = recorded(rounded);
    const optimizer = new BoundedLbfgs({ bounds: unit });
    for (let i = 0; i < 60; i += 1) await optimizer.step(x, objective);
    // Neighbouring numbers are 6e-5 apart there: what leads further down is the gradient.
    expect(loss(x)).toBeLessThan(1e-6);
    expect(points.length).toBeLessThan(90);
  });

  it('comes back from where the loss is not a number', async () => {
    const objective: Objective = (x) =>
      Promise.resolve({
        value: x[0]! < 0.52 ? -x[0]! - 1e-3 * Math.log(0.52 - x[0]!) : NaN,
        gradient: Float64Array.of(x[0]! < 0.52 ? -1 + 1e-3 / (0.52 - x[0]!) : NaN),
      });
    const x = Float64Array.of(0.5);
    await walk(new BoundedLbfgs({ bounds: unit }), x, objective, 30);
    expect(x[0]).toBeCloseTo(0.519, 6);
  });

  it('forgets its history when it leads nowhere, and says when the gradient leads nowhere either', async () => {
    const optimizer = new BoundedLbfgs({ bounds: { lower: -2, upper: 2 } });
    const x = rosenbrockStart();
    await walk(optimizer, x, rosenbrock, 6);
    const before = x.slice();
    const known = optimizer.state();
    // Every other point is worse than where it stands, whatever the gradient said.
    const uphill: Objective = async (at) => ({ ...(await rosenbrock(at)), value: 1e6 });
    const step = await optimizer.step(x, uphill);
    expect(step).toMatchObject({ value: known.scalars['loss'], stalled: true });
    expect(step.evaluations).toBeGreaterThan(12);
    expect(step.evaluations).toBeLessThanOrEqual(24);
    expect(x).toEqual(before);
    expect(optimizer.state().scalars['pairs']).toBe(0);
    await walk(optimizer, x, rosenbrock, 120);
    expect(await residual(x, rosenbrock, { lower: -2, upper: 2 })).toBeLessThan(1e-3);
    expect((await rosenbrock(x)).value).toBeLessThan(known.scalars['loss']!);
  });

  it('stands still at a minimum, and where the loss is not a number', async () => {
    const x = Float64Array.of(0.5, 0.5);
    const flat: Objective = () => Promise.resolve({ value: 3, gradient: new Float64Array(2) });
    const still = new BoundedLbfgs({ bounds: unit });
    expect(await still.step(x, flat)).toEqual({ value: 3, evaluations: 1, stalled: true });
    expect(await still.step(x, flat)).toEqual({ value: 3, evaluations: 0, stalled: true });
    const lost: Objective = () => Promise.resolve({ value: NaN, gradient: new Float64Array(2) });
    expect(await new BoundedLbfgs({ bounds: unit }).step(x, lost)).toEqual({
      value: NaN,
      evaluations: 1,
    });
    expect([...x]).toEqual([0.5, 0.5]);
  });

  it('begins anew where somebody else has moved x, and at another size', async () => {
    const create = (): BoundedLbfgs => new BoundedLbfgs({ bounds: { lower: -2, upper: 2 } });
    const [used, fresh] = [create(), create()];
    const x = rosenbrockStart();
    await walk(used, x, rosenbrock, 5);
    x[1]! += 0.1;
    const copy = x.slice();
    expect(await walk(used, x, rosenbrock, 5)).toEqual(await walk(fresh, copy, rosenbrock, 5));

    await expect(used.step(new Float64Array(3), rosenbrock)).rejects.toMatchObject({ code: 'E_SHAPE' });
    used.restore(create().state());
    expect(await walk(used, Float64Array.of(0, 1, 0), rosenbrock, 5)).toEqual(
      await walk(create(), Float64Array.of(0, 1, 0), rosenbrock, 5),
    );
  });

  it('brings a start outside the box inside before it evaluates', async () => {
    const { objective, points } = recorded(rosenbrock);
    const x = Float64Array.of(-7, 0.3);
    await new BoundedLbfgs({ bounds: { lower: -1, upper: 2 } }).step(x, objective);
    for (const at of points.flat()) expect(at).toBeGreaterThanOrEqual(-1);
    expect(x[0]).toBeGreaterThanOrEqual(-1);
  });

  it('is where it was when the objective throws', async () => {
    const create = (): BoundedLbfgs => new BoundedLbfgs({ bounds: { lower: -2, upper: 2 } });
    const optimizer = create();
    const x = rosenbrockStart();
    await walk(optimizer, x, rosenbrock, 4);
    await expect(optimizer.step(x, () => Promise.reject(new Error('cancelled')))).rejects.toThrow(
      'cancelled',
    );
    const rest = await walk(optimizer, x, rosenbrock, 4);
    expect(rest).toEqual((await walk(create(), rosenbrockStart(), rosenbrock, 8)).slice(4));
  });

  it('refuses a state that is not its own or not whole', async () => {
    const optimizer = new BoundedLbfgs({ bounds: { lower: -2, upper: 2 } });
    await walk(optimizer, rosenbrockStart(), rosenbrock, 4);
    const state = optimizer.state();
    const { square: _, ...arrays } = state.arrays;
    for (const other of [
      { ...state, name: 'lbfgs' },
      { ...state, arrays },
      { ...state, scalars: { pairs: 1 } },
    ]) {
      expect(() => optimizer.restore(other)).toThrow(expect.objectContaining({ code: 'E_STATE' }));
    }
    expect(optimizer.state()).toEqual(state);
  });

  it.each([
    { lower: 1, upper: 0 },
    { lower: 0, upper: 0 },
    { lower: 0, upper: Infinity },
    { lower: NaN, upper: 1 },
  ])('refuses the bounds $lower to $upper', (bounds) => {
    expect(() => new BoundedLbfgs({ bounds })).toThrow(expect.objectContaining({ code: 'E_ARGUMENT' }));
  });
});
