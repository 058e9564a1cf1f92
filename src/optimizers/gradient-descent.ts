import { constantRate, type LearningRateSchedule } from './learning-rate.js';
import type { FloatArray, Objective, Optimizer, OptimizerState, Step } from './optimizer.js';
import { SavedValues } from './saved-values.js';
import { checkLength, zerosLike } from './vectors.js';

/** The options of {@link GradientDescent}. */
export interface GradientDescentOptions {
  readonly learningRate: number | LearningRateSchedule;
  /** Decay of the velocity per step, at least 0 and below 1. @defaultValue 0.9 */
  readonly momentum?: number;
}

/**
 * Gradient descent with momentum (Polyak 1964), as PyTorch's SGD writes it: `v <- momentum v + g`, `x <- x - rate v`.
 * For variables of similar curvature, such as weights behind whitened inputs; for others Adam.
 * @example
 * ```ts
 * import { GradientDescent } from 'pastiche/engine';
 *
 * const x = Float64Array.of(3, -2);
 * const optimizer = new GradientDescent({ learningRate: 0.1, momentum: 0 });
 * for (let step = 0; step < 20; step += 1) {
 *   await optimizer.step(x, (at) => Promise.resolve({ value: at[0]! ** 2 + at[1]! ** 2, gradient: at.map((one) => 2 * one) }));
 * }
 * console.log(x);
 * ```
 */
export class GradientDescent implements Optimizer {
  readonly name = 'gradient-descent';
  readonly descends = false;
  private readonly rate: LearningRateSchedule;
  private readonly momentum: number;
  private steps = 0;
  private velocity: FloatArray | undefined;

  constructor({ learningRate, momentum = 0.9 }: GradientDescentOptions) {
    this.rate = typeof learningRate === 'number' ? constantRate(learningRate) : learningRate;
    this.momentum = momentum;
  }

  async step(x: FloatArray, objective: Objective): Promise<Step> {
    if (this.velocity !== undefined) checkLength('vector of variables', x, this.velocity.length);
    const { value, gradient } = await objective(x);
    checkLength('gradient', gradient, x.length);
    if (Number.isFinite(value)) this.move(x, gradient);
    return { value, evaluations: 1 };
  }

  private move(x: FloatArray, gradient: FloatArray): void {
    const velocity = (this.velocity ??= zerosLike(x));
    const rate = this.rate(this.steps);
    this.steps += 1;
    for (let i = 0; i < x.length; i += 1) {
      const v = this.momentum * velocity[i]! + gradient[i]!;
      velocity[i] = v;
      x[i] = x[i]! - rate * v;
    }
  }

  state(): OptimizerState {
    const { velocity, steps } = this;
    const arrays = velocity === undefined ? {} : { velocity: velocity.slice() };
    return { name: this.name, scalars: { steps }, arrays };
  }

  restore(state: OptimizerState): void {
    const saved = new SavedValues(state, this.name);
    const steps = saved.scalar('steps');
    this.velocity = saved.has('velocity') || steps > 0 ? saved.array('velocity') : undefined;
    this.steps = steps;
  }
}
