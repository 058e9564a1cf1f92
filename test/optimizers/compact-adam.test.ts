import { describe, expect, it } from 'vitest';
import { Adam } from '../../src/optimizers/adam.js';
import { CompactAdam } from '../../src/optimizers/compact-adam.js';
import type { Objective } from '../../src/optimizers/optimizer.js';
import { noise } from '../noise.js';

const count = 2000;
/** `sum w (x - t)^2`, with weights that differ by a factor of a hundred. */
const target = noise(count);
const weights = noise(count).map((value) => 10 ** (2 * value - 1));
const bowl =
  (factor = 1): Objective =>
  (x) => {
    let value = 0;
    const gradient = Float32Array.from(x, (at, i) => {
      value += factor * weights[i]! * (at - target[i]!) ** 2;
      return 2 * factor * weights[i]! * (at - target[i]!);
    });
    return Promise.resolve({ value, gradient });
  };

async function walked(optimizer: CompactAdam | Adam, steps: number, objective = bowl()) {
  const x = new Float32Array(count).fill(0.5);
  for (let step = 0; step < steps; step += 1) await optimizer.step(x, objective);
  return { x, value: (await objective(x)).value };
}

describe('CompactAdam', () => {
  it('walks the formula in double precision, within the rounding of its moments', async () => {
    const steps = 12;
    const { x } = await walked(new CompactAdam({ learningRate: 0.02 }), steps);
    const expected = new Float64Array(count).fill(0.5);
    const [mean, square] = [new Float64Array(count), new Float64Array(count)];
    for (let t = 1; t <= steps; t += 1) {
      const gradient = expected.map((at, i) => 2 * weights[i]! * (at - target[i]!));
      const length = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0) / count);
      expected.forEach((at, i) => {
        const g = gradient[i]! / length;
        mean[i] = 0.9 * mean[i]! + 0.1 * g;
        square[i] = 0.99 * square[i]! + 0.01 * g * g;
        const root = Math.sqrt(square[i]! / (1 - 0.99 ** t) + 0.01);
        expected[i] = Math.min(1, Math.max(0, at - ((0.02 / (1 - 0.9 ** t)) * mean[i]!) / root));
      });
    }
    const differences = expected.map((value, i) => Math.abs(value - x[i]!));
    // Of the 0.24 that a value can change in all.
    expect(Math.max(...differences)).toBeLessThan(0.005);
    expect(differences.reduce((sum, one) => sum + one, 0) / count).toBeLessThan(0.0005);
  });

  it('gets as low as Adam with whole moments', async () => {
    const compact = await walked(new CompactAdam({ learningRate: 0.02 }), 40);
    const adam = await walked(new Adam({ learningRate: 0.02 }), 40);
    expect(compact.value).toBeLessThan(1.1 * adam.value);
  });

  it('follows a mean that changes by less than a rounding step', async () => {
    // 1 - 0.99 of the way in each step: a hundredth of what bfloat16 tells apart near 1 in the end.
    const optimizer = new CompactAdam({ learningRate: 0, beta1: 0.999 });
    const constant: Objective = (x) =>
      Promise.resolve({ value: 0, gradient: new Float32Array(x.length).fill(1) });
    const x = new Float32Array(count);
    for (let step = 0; step < 3000; step += 1) await optimizer.step(x, constant);
    const { mean } = optimizer.state().arrays;
    const average = Array.from(mean!).reduce((sum, value) => sum + value, 0) / count;
    expect(average).toBeCloseTo(1 - 0.999 ** 3000, 2);
  });

  it('takes the same path whatever the scale of the loss', async () => {
    const one = await walked(new CompactAdam({ learningRate: 0.02 }), 5);
    const other = await walked(new CompactAdam({ learningRate: 0.02 }), 5, bowl(2 ** -30));
    expect(other.x).toEqual(one.x);
  });

  it('goes on from a state to the same bits', async () => {
    const whole = await walked(new CompactAdam({ learningRate: 0.02 }), 7);
    const first = new CompactAdam({ learningRate: 0.02 });
    const { x } = await walked(first, 3);
    const second = new CompactAdam({ learningRate: 0.02 });
    second.restore(first.state());
    for (let step = 3; step < 7; step += 1) await second.step(x, bowl());
    expect(x).toEqual(whole.x);
    expect(second.state()).toEqual((await stateAfter(7)).state());
  });

  it('does not move where the loss is no number, and stays within its bounds', async () => {
    const x = new Float32Array(3).fill(0.99);
    const steep: Objective = () => Promise.resolve({ value: 1, gradient: Float32Array.of(-9, -9, 9) });
    const optimizer = new CompactAdam({ learningRate: 0.5 });
    await optimizer.step(x, () => Promise.resolve({ value: NaN, gradient: Float32Array.of(1, 1, 1) }));
    expect([...x]).toEqual([...new Float32Array(3).fill(0.99)]);
    await optimizer.step(x, steep);
    expect([x[0], x[1]]).toEqual([1, 1]);
    expect(x[2]).toBeGreaterThan(0);
  });

  it("refuses another optimiser's state", () => {
    const optimizer = new CompactAdam({ learningRate: 0.02 });
    expect(() => optimizer.restore(new Adam({ learningRate: 1 }).state())).toThrow(/adam/);
  });
});

async function stateAfter(steps: number): Promise<CompactAdam> {
  const optimizer = new CompactAdam({ learningRate: 0.02 });
  await walked(optimizer, steps);
  return optimizer;
}
