import { constantRate, type LearningRateSchedule } from './learning-rate.js';
import type { FloatArray, Objective, Optimizer, OptimizerState, Step } from './optimizer.js';
import { SavedValues } from './saved-values.js';
import { checkLength, zerosLike } from './vectors.js';

/** The options of {@link Adam}. */
export interface AdamOptions {
  readonly learningRate: number | LearningRateSchedule;
  /** Decay of the mean of gradients. @defaultValue 0.9 */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients. @defaultValue 0.999 */
  readonly beta2?: number;
  /** Added to the root of the mean square. @defaultValue 1e-8 */
  readonly epsilon?: number;
  /**
   * Where epsilon is added: to the root after its correction for starting at zero (`pytorch`), or before it (`tensorflow`),
   * which in step t makes it `1 / sqrt(1 - beta2^t)` times as large, 30 times in the first. @defaultValue 'pytorch'
   */
  readonly epsilonPlacement?: 'pytorch' | 'tensorflow';
  /** Clips the variables after every step, as the tutorials do. */
  readonly bounds?: { readonly lower: number; readonly upper: number };
}

/**
 * Adam (Kingma and Ba 2015). With m and v the running means of the gradient and its square, step t from 1:
 * - `pytorch`, algorithm 1: `x -= rate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)`;
 * - `tensorflow`, the form at the end of section 2 ("epsilon hat"), which Keras has:
 *   `x -= rate * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon)`.
 * @example
 * ```ts
 * import { Adam } from 'pastiche/engine';
 *
 * const x = Float64Array.of(3, -2);
 * const optimizer = new Adam({ learningRate: 0.5 });
 * for (let step = 0; step < 20; step += 1) {
 *   await optimizer.step(x, (at) => Promise.resolve({ value: at[0]! ** 2 + at[1]! ** 2, gradient: at.map((one) => 2 * one) }));
 * }
 * console.log(x);
 * ```
 */
export class Adam implements Optimizer {
  readonly name = 'adam';
  readonly descends = false;
  private readonly rate: LearningRateSchedule;
  private readonly beta1: number;
  private readonly beta2: number;
  private readonly epsilon: number;
  private readonly correctsEpsilon: boolean;
  private readonly lower: number;
  private readonly upper: number;
  private steps = 0;
  private mean: FloatArray | undefined;
  private square: FloatArray | undefined;

  constructor(options: AdamOptions) {
    const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
    this.rate = typeof learningRate === 'number' ? constantRate(learningRate) : learningRate;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    this.correctsEpsilon = options.epsilonPlacement === 'tensorflow';
    this.lower = options.bounds?.lower ?? -Infinity;
    this.upper = options.bounds?.upper ?? Infinity;
  }

  async step(x: FloatArray, objective: Objective): Promise<Step> {
    if (this.mean !== undefined) checkLength('vector of variables', x, this.mean.length);
    const { value, gradient } = await objective(x);
    checkLength('gradient', gradient, x.length);
    if (Number.isFinite(value)) this.move(x, gradient);
    return { value, evaluations: 1 };
  }

  private move(x: FloatArray, gradient: FloatArray): void {
    const { beta1, beta2, lower, upper } = this;
    const mean = (this.mean ??= zerosLike(x));
    const square = (this.square ??= zerosLike(x));
    const rate = this.rate(this.steps);
    this.steps += 1;
    const correction = Math.sqrt(1 - beta2 ** this.steps);
    const size = rate / (1 - beta1 ** this.steps);
    const epsilon = this.correctsEpsilon ? this.epsilon / correction : this.epsilon;
    for (let i = 0; i < x.length; i += 1) {
      const g = gradient[i]!;
      const m = beta1 * mean[i]! + (1 - beta1) * g;
      const v = beta2 * square[i]! + (1 - beta2) * g * g;
      mean[i] = m;
      square[i] = v;
      const next = x[i]! - (size * m) / (Math.sqrt(v) / correction + epsilon);
      x[i] = next < lower ? lower : next > upper ? upper : next;
    }
  }

  state(): OptimizerState {
    const { mean, square, steps } = this;
    const arrays = mean === undefined ? {} : { mean: mean.slice(), square: square!.slice() };
    return { name: this.name, scalars: { steps }, arrays };
  }

  restore(state: OptimizerState): void {
    const saved = new SavedValues(state, this.name);
    const steps = saved.scalar('steps');
    const mean = saved.has('mean') || steps > 0 ? saved.array('mean') : undefined;
    this.square = mean === undefined ? undefined : saved.array('square', mean.length);
    this.mean = mean;
    this.steps = steps;
  }
}
