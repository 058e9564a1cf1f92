import { createImage, type Image } from '../../src/images/image.js';
import { Adam } from '../../src/optimizers/adam.js';
import { IterateAverage } from '../../src/optimizers/iterate-average.js';
import { createRandom } from '../../src/random.js';
import type { StepReport } from '../../src/training/training-step.js';
import type { TrainingState, TrainingTask, ValidationReport } from '../../src/training/training-task.js';

const size = 5;
const batchSize = 8;
const truth = Float64Array.of(0.5, -1, 2, 0, 0.25);

export interface FittingOptions {
  readonly learningRate?: number;
  /** What a step's report is, instead of the true one. */
  readonly distort?: (report: StepReport, step: number) => StepReport;
  readonly picture?: (step: number) => Image;
}

/** Fits a line through noisy points with Adam: a batch of its own for every step, in single and double precision. */
export class FittingTask implements TrainingTask {
  readonly kind = 'fitting';
  readonly fingerprint: string;
  readonly weights = new Float32Array(size);
  validations = 0;
  private steps = 0;
  private readonly adam: Adam;
  private readonly average = new IterateAverage(0.9);

  constructor(private readonly options: FittingOptions = {}) {
    const { learningRate = 0.05 } = options;
    this.fingerprint = JSON.stringify({ size, learningRate });
    this.adam = new Adam({ learningRate });
  }

  async step(): Promise<StepReport> {
    const random = createRandom(this.steps);
    this.steps += 1;
    const gradient = new Float32Array(size);
    let total = 0;
    for (let i = 0; i < batchSize; i += 1) {
      const x = Float64Array.from({ length: size }, () => random.normal());
      const error = dot(x, this.weights) - dot(x, truth) - 0.1 * random.normal();
      total += (0.5 * error * error) / batchSize;
      for (let j = 0; j < size; j += 1) gradient[j]! += (error * x[j]!) / batchSize;
    }
    await this.adam.step(this.weights, () => Promise.resolve({ value: total, gradient }));
    this.average.add(Float64Array.from(this.weights));
    const terms = { half: total / 2, rest: total - total / 2 };
    const report = { total, terms, gradientNorm: Math.hypot(...gradient) };
    return this.options.distort?.(report, this.steps) ?? report;
  }

  validate(): Promise<ValidationReport> {
    this.validations += 1;
    const average = this.average.value() ?? new Float64Array(size);
    const total = truth.reduce((sum, value, i) => sum + (value - average[i]!) ** 2, 0);
    const image = this.options.picture?.(this.steps) ?? gradientPicture(300, 20);
    return Promise.resolve({ losses: { total }, pictures: [{ caption: 'fit', image }] });
  }

  state(): TrainingState {
    const { adam, average } = { adam: this.adam.state(), average: this.average.state() };
    return {
      scalars: {
        steps: this.steps,
        'adam.steps': adam.scalars['steps']!,
        'average.count': average.scalars['count']!,
      },
      arrays: {
        weights: this.weights.slice(),
        ...prefixed('adam.', adam.arrays),
        ...prefixed('average.', average.arrays),
      },
    };
  }

  restore({ scalars, arrays }: TrainingState): void {
    const part = (name: string) => ({
      name,
      scalars: without(`${name}.`, scalars),
      arrays: without(`${name}.`, arrays),
    });
    this.steps = scalars['steps']!;
    this.weights.set(arrays['weights']!);
    this.adam.restore(part('adam'));
    this.average.restore(part('average'));
  }
}

/** A picture with some contrast. */
export function gradientPicture(width: number, height: number): Image {
  return createImage(
    width,
    height,
    Float32Array.from({ length: 3 * width * height }, (_, i) => (i % width) / width),
  );
}

/** A picture of one grey. */
export function greyPicture(width: number, height: number): Image {
  return createImage(width, height, new Float32Array(3 * width * height).fill(0.5));
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);

const prefixed = <T>(prefix: string, record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [prefix + name, value]));

const without = <T>(prefix: string, record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(record)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
