import { StyleError } from '../errors.js';
import type { Image } from '../images/image.js';
import type { LossAverages } from './training-history.js';
import type { StepReport } from './training-step.js';
import type { TrainingState, ValidationReport } from './training-task.js';

/** A recent average above this multiple of the smallest one is a divergence... */
const growth = 100;
/** ... unless it is below this fraction of the first loss: near 0, losses may grow by any factor. */
const negligible = 0.01;
/** Successive steps without any gradient after which a training is stuck. */
const mostIdleSteps = 20;
/** Channels whose values differ by less than half of one of 256 levels are of one colour. */
const leastContrast = 0.5 / 255;

/**
 * Detects a training that has failed. It has diverged when
 * - a loss or the gradient's length is not a finite number, or
 * - the average of the loss over about ten steps is more than 100 times its minimum, and more than a
 *   hundredth of the first loss. So neither one bad batch ends the training, nor the noise of a loss that is nearly 0.
 *
 * It is stuck when the gradient was exactly 0 in 20 steps in a row, or when a validation picture is of one colour after two
 * validations in a row, not counting the one before the first step.
 */
export class TrainingWatch {
  private idleSteps = 0;
  private flat: readonly string[] = [];

  /** @throws StyleError `E_TRAINING_DIVERGED`, `E_TRAINING_STUCK` */
  checkStep(step: number, { total, terms, gradientNorm }: StepReport): void {
    const numbers = { ...terms, total, 'norm of the gradient': gradientNorm };
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
    throw stuck(`The picture "${still}" was of one colour in two validations, the last after step ${step}`);
  }

  /** @throws StyleError `E_TRAINING_DIVERGED` when a value is not a finite number */
  checkState(step: number, { arrays }: TrainingState): void {
    for (const [name, values] of Object.entries(arrays)) {
      if (!values.every(Number.isFinite))
        throw diverged(`After step ${step}, not all numbers of "${name}" are finite`);
    }
  }
}

const nameOf = (loss: string): string => (loss === 'total' ? 'the loss' : `"${loss}"`);

function diverged(what: string): StyleError {
  return new StyleError(
    'E_TRAINING_DIVERGED',
    `${what}: the training has diverged.`,
    'Resume from the last checkpoint with a lower learning rate, or with gradients clipped to a smaller norm.',
  );
}

function stuck(what: string): StyleError {
  return new StyleError(
    'E_TRAINING_STUCK',
    `${what}: the network has died.`,
    'Start again with a lower learning rate, with gradients clipped to a smaller norm, or with another seed.',
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
