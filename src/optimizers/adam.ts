import { constantRate, type LearningRateSchedule } from './learning-rate.js';
import {
  zerosLike,
  type FloatArray,
  type Objective,
  type Optimizer,
  type OptimizerState,
  type Step,
} from './optimizer.js';

export interface AdamOptions {
  readonly learningRate: number | LearningRateSchedule;
  /** Decay of the mean of gradients. @defaultValue 0.9 */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients. @defaultValue 0.999 */
  readonly beta2?: number;
  /** Added to the root of the mean square. @defaultValue 1e-8 */
  readonly epsilon?: number;
  /** Clips the variables after every step, as the tutorials do. */
  readonly bounds?: { readonly lower: number; readonly upper: number };
}

/**
 * Adam (Kingma and Ba 2015, algorithm 1), with epsilon outside the root and after the bias correction, as in PyTorch.
 * Keras adds its epsilon before the correction, so that it is effectively larger in the first steps
 * (section 2 of the paper, "epsilon hat").
 */
export class Adam implements Optimizer {
  readonly name = 'adam';
  private readonly rate: LearningRateSchedule;
  private readonly beta1: number;
  private readonly beta2: number;
  private readonly epsilon: number;
  private readonly bounds: AdamOptions['bounds'];
  private steps = 0;
  private mean: FloatArray | undefined;
  private square: FloatArray | undefined;

  constructor({ learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, bounds }: AdamOptions) {
    this.rate = typeof learningRate === 'number' ? constantRate(learningRate) : learningRate;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    this.bounds = bounds;
  }

  async step(x: FloatArray, objective: Objective): Promise<Step> {
    const { value, gradient } = await objective(x);
    if (Number.isFinite(value)) this.move(x, gradient);
    return { value, evaluations: 1 };
  }

  private move(x: FloatArray, gradient: FloatArray): void {
    const { beta1, beta2, epsilon } = this;
    const mean = (this.mean ??= zerosLike(x));
    const square = (this.square ??= zerosLike(x));
    const size = this.rate(this.steps) / (1 - beta1 ** (this.steps + 1));
    this.steps += 1;
    const correction = 1 / Math.sqrt(1 - beta2 ** this.steps);
    const { lower, upper } = this.bounds ?? { lower: -Infinity, upper: Infinity };
    for (let i = 0; i < x.length; i += 1) {
      const g = gradient[i]!;
      const m = beta1 * mean[i]! + (1 - beta1) * g;
      const v = beta2 * square[i]! + (1 - beta2) * g * g;
      mean[i] = m;
      square[i] = v;
      const next = x[i]! - (size * m) / (Math.sqrt(v) * correction + epsilon);
      x[i] = next < lower ? lower : next > upper ? upper : next;
    }
  }

  state(): OptimizerState {
    const arrays = this.mean === undefined ? {} : { mean: this.mean.slice(), square: this.square!.slice() };
    return { name: this.name, scalars: { steps: this.steps }, arrays };
  }

  restore({ scalars, arrays }: OptimizerState): void {
    this.steps = scalars['steps']!;
    this.mean = arrays['mean']?.slice();
    this.square = arrays['square']?.slice();
  }
}
