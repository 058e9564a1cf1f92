import { StyleError } from '../errors.js';

/** The learning rate of a step, counted from 0. */
export type LearningRateSchedule = (step: number) => number;

/**
 * The same rate always.
 * @example
 * ```ts
 * import { Adam, constantRate } from 'pastiche/engine';
 *
 * const optimizer = new Adam({ learningRate: constantRate(0.02) });
 * ```
 */
export function constantRate(rate: number): LearningRateSchedule {
  return () => rate;
}

/**
 * `rate * factor^floor(step / every)`, PyTorch's StepLR; 0.8 every 200 steps in Dive into Deep Learning.
 * @throws StyleError `E_ARGUMENT` when `every` isn't a positive whole number
 * @example
 * ```ts
 * import { Adam, stepDecay } from 'pastiche/engine';
 *
 * const optimizer = new Adam({ learningRate: stepDecay(0.3, 0.8, 200) });
 * ```
 */
export function stepDecay(rate: number, factor: number, every: number): LearningRateSchedule {
  checkSteps(every);
  return (step) => rate * factor ** Math.floor(step / every);
}

/**
 * From `rate` to `final` along half a cosine over `steps` steps, and `final` after them
 * (Loshchilov and Hutter 2017, equation 5, one cycle).
 * @throws StyleError `E_ARGUMENT` when `steps` isn't a positive whole number
 * @example
 * ```ts
 * import { Adam, cosineDecay } from 'pastiche/engine';
 *
 * const optimizer = new Adam({ learningRate: cosineDecay(0.02, 0.001, 500) });
 * ```
 */
export function cosineDecay(rate: number, final: number, steps: number): LearningRateSchedule {
  checkSteps(steps);
  return (step) => final + 0.5 * (rate - final) * (1 + Math.cos(Math.PI * Math.min(step / steps, 1)));
}

/**
 * A schedule whose first steps are shorter: step `t` of the first `steps`, from 1, has the part `t / steps` of its rate. Adam knows little
 * of its gradients' sizes then, and would take a trained network far from where it was (Goyal et al. 2017, section 2.2).
 * @throws StyleError `E_ARGUMENT` when `steps` isn't a positive whole number
 * @example
 * ```ts
 * import { Adam, constantRate, warmedUp } from 'pastiche/engine';
 *
 * const optimizer = new Adam({ learningRate: warmedUp(constantRate(0.001), 50) });
 * ```
 */
export function warmedUp(schedule: LearningRateSchedule, steps: number): LearningRateSchedule {
  checkSteps(steps);
  return (step) => schedule(step) * Math.min(1, (step + 1) / steps);
}

function checkSteps(steps: number): void {
  if (Number.isInteger(steps) && steps > 0) return;
  throw new StyleError(
    'E_ARGUMENT',
    `A learning rate can't change over ${steps} steps.`,
    'Give a positive whole number of steps.',
  );
}
