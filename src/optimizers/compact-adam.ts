import { constantRate, type LearningRateSchedule } from './learning-rate.js';
import type { FloatArray, Objective, Optimizer, OptimizerState, Step } from './optimizer.js';
import { SavedValues } from './saved-values.js';
import { checkBounds, type Bounds } from './sine-coordinates.js';
import { checkLength, dot } from './vectors.js';

/** The options of {@link CompactAdam}. */
export interface CompactAdamOptions {
  /** Of the range between the bounds about what a value changes in a step at most. */
  readonly learningRate: number | LearningRateSchedule;
  /** Decay of the mean of gradients. @defaultValue 0.9 */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients. @defaultValue 0.99 */
  readonly beta2?: number;
  /** The interval of every variable. @defaultValue 0 to 1 */
  readonly bounds?: Bounds;
}

/** Added to the mean squares, whose average is 1, so that no variable moves much more than the others; as in `GradientMetric`. */
const floor = 0.01;

/**
 * Adam (Kingma and Ba 2015, algorithm 1) for variables that hardly fit into memory: its moments take two bytes each (bfloat16), so that
 * beside the variables there is as much again as they take themselves.
 *
 * Departures:
 * - moments are rounded up or down at random, with the chances that make their mean right (Gupta and others 2015, "Deep Learning with
 *   Limited Numerical Precision", section 3.1): rounded to the nearest, a mean that changes by less than half a step would never change.
 *   The random numbers are those of the step and the place, so that a run that goes on from a state makes the same ones;
 * - gradients are divided by their root mean square first, so that scaling the loss does not change the path, and `floor` takes the place
 *   of epsilon, inside the root.
 */
export class CompactAdam implements Optimizer {
  readonly name = 'compact-adam';
  readonly descends = false;
  private readonly rate: LearningRateSchedule;
  private readonly beta1: number;
  private readonly beta2: number;
  private readonly bounds: Bounds;
  private steps = 0;
  private moments: { readonly mean: Uint16Array; readonly square: Uint16Array } | undefined;

  /** @throws StyleError `E_ARGUMENT` when the bounds leave no room */
  constructor({
    learningRate,
    beta1 = 0.9,
    beta2 = 0.99,
    bounds = { lower: 0, upper: 1 },
  }: CompactAdamOptions) {
    checkBounds(bounds);
    this.rate = typeof learningRate === 'number' ? constantRate(learningRate) : learningRate;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.bounds = bounds;
  }

  async step(x: FloatArray, objective: Objective): Promise<Step> {
    if (this.moments !== undefined) checkLength('vector of variables', x, this.moments.mean.length);
    const { value, gradient } = await objective(x);
    checkLength('gradient', gradient, x.length);
    if (Number.isFinite(value)) this.move(x, gradient);
    return { value, evaluations: 1 };
  }

  private move(x: FloatArray, gradient: FloatArray): void {
    const { beta1, beta2 } = this;
    const { lower, upper } = this.bounds;
    const { mean, square } = (this.moments ??= {
      mean: new Uint16Array(x.length),
      square: new Uint16Array(x.length),
    });
    const length = Math.sqrt(dot(gradient, gradient) / gradient.length);
    const scale = length > 0 ? 1 / length : 0;
    const rate = this.rate(this.steps) * (upper - lower);
    this.steps += 1;
    const size = rate / (1 - beta1 ** this.steps);
    const correction = 1 / (1 - beta2 ** this.steps);
    let random = Math.imul(this.steps, 0x9e3779b1);
    for (let i = 0; i < x.length; i += 1) {
      const g = gradient[i]! * scale;
      word[0] = mean[i]! << 16;
      const m = beta1 * number[0]! + (1 - beta1) * g;
      word[0] = square[i]! << 16;
      const v = beta2 * number[0]! + (1 - beta2) * g * g;
      // A linear congruential generator: its upper bits are random enough to round with.
      random = (Math.imul(random, 1664525) + 1013904223) | 0;
      number[0] = m;
      mean[i] = (word[0] + (random >>> 16)) >>> 16;
      number[0] = v;
      square[i] = (word[0] + ((random >>> 8) & 0xffff)) >>> 16;
      const next = x[i]! - (size * m) / Math.sqrt(v * correction + floor);
      x[i] = next < lower ? lower : next > upper ? upper : next;
    }
  }

  state(): OptimizerState {
    const { moments, steps } = this;
    const arrays =
      moments === undefined ? {} : { mean: unpacked(moments.mean), square: unpacked(moments.square) };
    return { name: this.name, scalars: { steps }, arrays };
  }

  restore(state: OptimizerState): void {
    const saved = new SavedValues(state, this.name);
    const steps = saved.scalar('steps');
    if (!saved.has('mean') && steps === 0) this.moments = undefined;
    else {
      const mean = saved.array('mean');
      this.moments = { mean: packed(mean), square: packed(saved.array('square', mean.length)) };
    }
    this.steps = steps;
  }
}

/** One number, and its bits: those of bfloat16 are the upper half. */
const number = new Float32Array(1);
const word = new Uint32Array(number.buffer);

function unpacked(patterns: Uint16Array): Float32Array {
  const numbers = new Float32Array(patterns.length);
  const words = new Uint32Array(numbers.buffer);
  for (let i = 0; i < patterns.length; i += 1) words[i] = patterns[i]! << 16;
  return numbers;
}

/** Of numbers that were unpacked: nothing is rounded. */
function packed(numbers: FloatArray): Uint16Array {
  const patterns = new Uint16Array(numbers.length);
  for (let i = 0; i < numbers.length; i += 1) {
    number[0] = numbers[i]!;
    patterns[i] = word[0]! >>> 16;
  }
  return patterns;
}
