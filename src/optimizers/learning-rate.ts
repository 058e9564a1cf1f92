/** The learning rate of a step, counted from 0. */
export type LearningRateSchedule = (step: number) => number;

/** The same rate always. */
export const constantRate =
  (rate: number): LearningRateSchedule =>
  () =>
    rate;

/** `rate * factor^floor(step / every)`: PyTorch's StepLR. */
export const stepDecay =
  (rate: number, factor: number, every: number): LearningRateSchedule =>
  (step) =>
    rate * factor ** Math.floor(step / every);

/** From `rate` to `final` along half a cosine over `steps` steps (Loshchilov and Hutter 2017, equation 5, one cycle). */
export const cosineDecay =
  (rate: number, final: number, steps: number): LearningRateSchedule =>
  (step) =>
    final + 0.5 * (rate - final) * (1 + Math.cos(Math.PI * Math.min(step / steps, 1)));

/** Rises in a straight line over the first `steps` steps, then follows the schedule. */
export const withWarmUp =
  (steps: number, schedule: LearningRateSchedule): LearningRateSchedule =>
  (step) =>
    schedule(step) * Math.min((step + 1) / steps, 1);
