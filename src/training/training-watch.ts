import { StyleError } from '../errors.js';
import type { Image } from '../images/image.js';
import type { LossAverages } from './training-history.js';
import type { StepReport } from './training-step.js';
import type { TrainingState, ValidationReport } from './training-task.js';

/** A recent average this many times the smallest one is a divergence... */
const growth = 100;
/** ... unless it is still below this part of the first loss: near 0, losses may grow by any factor and mean nothing. */
const negligible = 0.01;
/** Steps in a row without any gradient after which there is nothing left to train. */
const mostIdleSteps = 20;
/** Channels whose values differ by less than half a level in 256 are of one colour. */
const leastContrast = 0.5 / 255;

/**
 * Tells a training that goes nowhere. It has diverged when
 * - a loss or the gradient's length is not a finite number, or
 * - the average of the loss over about ten steps is more than 100 times the least that it has been, and more than a
 *   hundredth of the first loss. So one odd batch does not end the work, nor does the noise of a loss that is nearly 0.
 *
 * It is stuck when the gradient was exactly 0 in 20 steps in a row, or when a validation picture is of one colour after two
 * validations in a row, not counting the one before the first step.
 */
export class TrainingWatch {
  private idleSteps = 0;
  private flat: readonly string[] = [];

  /** @throws StyleError `E_TRAINING_DIVERGED`, `E_TRAINING_STUCK` */
  checkStep(step: number, { total, terms, gradientNorm }: StepReport): void {
    const numbers = { ...terms, total, 'length of the gradient': gradientNorm };
    for (const [name, value] of Object.entries(numbers)) {
      if (!Number.isFinite(value)) throw diverged(`In step ${step}, ${nameOf(name)} was ${value}`);
    }
    this.idleSteps = gradientNorm === 0 ? this.idleSteps + 1 : 0;
    if (this.idleSteps >= mostIdleSteps) {
      throw stuck(`The gradient was exactly 0 in the last ${mostIdleSteps} steps, to step ${step}`);
    }
  }

  /** @throws StyleError `E_TRAINING_DIVERGED` */
  checkAverages(step: number, { recent, smallest, first }: LossAverages): void {
    if (smallest <= 0 || recent <= growth * smallest || recent <= negligible * first) return;
    const [now, then] = [recent, smallest].map((value) => Number(value.toPrecision(3)));
    throw diverged(`At step ${step} the loss is ${now} on average, after it had been ${then}`);
  }

  /** @throws StyleError `E_TRAINING_DIVERGED`, `E_TRAINING_STUCK` */
  checkValidation(step: number, { losses, pictures }: ValidationReport): void {
    for (const [name, value] of Object.entries(losses)) {
      if (!Number.isFinite(value)) {
        throw diverged(`At the validation after step ${step}, ${nameOf(name)} was ${value}`);
      }
    }
    if (step === 0) return;
    const flat = pictures.filter(({ image }) => isFlat(image)).map(({ caption }) => caption);
    const still = flat.find((caption) => this.flat.includes(caption));
    this.flat = flat;
    if (still === undefined) return;
    throw stuck(`The picture '${still}' was of one colour in two validations, the last after step ${step}`);
  }

  /** @throws StyleError `E_TRAINING_DIVERGED` when a value is not a finite number */
  checkState(step: number, { arrays }: TrainingState): void {
    for (const [name, values] of Object.entries(arrays)) {
      if (!values.every(Number.isFinite))
        throw diverged(`After step ${step}, not all numbers of '${name}' are finite`);
    }
  }
}

const nameOf = (loss: string): string => (loss === 'total' ? 'the loss' : `'${loss}'`);

function diverged(what: string): StyleError {
  return new StyleError(
    'E_TRAINING_DIVERGED',
    `${what}: the training has diverged.`,
    'Go on from the last checkpoint with a lower learning rate, or with gradients clipped to a smaller length.',
  );
}

function stuck(what: string): StyleError {
  return new StyleError(
    'E_TRAINING_STUCK',
    `${what}: the network has died.`,
    'Start anew with a lower learning rate, with gradients clipped to a smaller length, or with another seed.',
  );
}

function isFlat({ width, height, rgb }: Image): boolean {
  const pixels = width * height;
  for (let channel = 0; channel < 3; channel += 1) {
    const first = rgb[channel * pixels]!;
    for (let i = channel * pixels; i < (channel + 1) * pixels; i += 1) {
      if (Math.abs(rgb[i]! - first) >= leastContrast) return false;
    }
  }
  return true;
}
