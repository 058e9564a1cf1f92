import { createImage, type Image } from '../../images/image.js';
import { clampUnit } from '../../images/resize.js';
import type { Losses } from '../../losses/terms.js';
import { IterateAverage } from '../../optimizers/iterate-average.js';
import type { Evaluation, FloatArray, OptimizerState } from '../../optimizers/optimizer.js';
import { createOptimizer, PixelUnits, type OptimizationSettings } from './optimizer-settings.js';
import type { PictureObjective } from './picture-objective.js';

/** The variable of the least loss so far, and that loss: `Infinity` before the first. */
export interface BestSoFar {
  readonly total: number;
  readonly variable: Float32Array;
}

/** How far the optimisation of one picture is: everything that going on needs beside its objective. */
export interface OptimizationState {
  readonly step: number;
  /** Whether the optimiser found no step downwards: then there are no more. */
  readonly stalled: boolean;
  /** The picture as the optimiser sees it. */
  readonly variable: Float32Array;
  /** The result of an optimisation that is ended before it is done. */
  readonly best: BestSoFar;
  readonly optimizer: OptimizerState;
  readonly average: OptimizerState | undefined;
}

/** How far an optimisation is. */
export interface OptimizationStanding {
  /** Evaluations of the loss that the steps took since it was begun or resumed. */
  readonly evaluations: number;
  readonly optimization: OptimizationState;
}

/** One step done. */
export interface OptimizationStep {
  /** From 1. */
  readonly step: number;
  readonly losses: Losses;
  /** Of this step alone. */
  readonly milliseconds: number;
  /** The picture as it stands, with its margin. */
  picture(): Image;
  standing(): OptimizationStanding;
}

export interface OptimizationTask {
  readonly objective: PictureObjective;
  readonly settings: OptimizationSettings;
  /** Gives the picture to start from, with its margin, once: it is not held while the picture is optimised. */
  readonly start: () => Image;
  readonly steps: number;
  readonly resume: OptimizationState | undefined;
  readonly signal: AbortSignal | undefined;
  /** Whether the state was saved under a loss of other weights: then its picture counts, and nothing that was found about the loss. */
  readonly isOtherLoss?: boolean;
  /** Asked before each step. @returns whether the objective is another one from now on */
  readonly reweigh?: (() => Promise<boolean>) | undefined;
  /** What it is told holds until its promise is kept; only then the next step begins. */
  readonly onStep: (step: OptimizationStep) => Promise<void>;
}

export interface OptimizationOutcome {
  /** With its margin: the last picture, the average of iterates, or the best so far of an optimisation that was ended. */
  readonly image: Image;
  /** The point where the optimiser stands; its values may lie outside 0..1. */
  end(): Image;
  readonly stopped: 'finished' | 'cancelled' | 'diverged';
  readonly losses: Losses;
  /** Evaluations of the loss that the steps took since it was begun or resumed. */
  readonly evaluations: number;
  /** Copies all that the optimiser holds, when it is asked for. */
  standing(): OptimizationStanding;
}

/**
 * Optimises a picture at one size, whatever its objective is. An optimisation that the signal ends, or whose loss is no
 * longer a number, has the best picture so far as its result.
 */
export async function optimizePicture(task: OptimizationTask): Promise<OptimizationOutcome> {
  const { settings, resume } = task;
  const { optimizer: name, pixelUnit = [1, 1, 1], average: decay = 0 } = settings;
  const units = new PixelUnits(name.name === 'bounded' || name.name === 'compact' ? [1, 1, 1] : pixelUnit);
  let optimizer = createOptimizer(name, units);
  const keepsNoBest = optimizer.descends || name.name === 'compact';
  const average = decay > 0 ? new IterateAverage(decay) : undefined;
  const { x, width, height } = beginning(task.start(), units, resume);
  /** What was found of the loss before. */
  const known = task.isOtherLoss === true ? undefined : resume;
  if (known !== undefined) optimizer.restore(known.optimizer);
  let step = 0;
  let stalled = known?.stalled ?? false;
  if (resume !== undefined) {
    step = resume.step;
    if (resume.average !== undefined) average?.restore(resume.average);
  }

  let evaluations = 0;
  // A step may report a value that the step before it computed, at the point where that one ended.
  let seen = new Map<number, Losses>();
  const best = {
    total: known?.best.total ?? Infinity,
    // Where every step ends lower than it began, that is where the optimiser stands.
    // Where memory is short, it takes the place of the best.
    variable: keepsNoBest ? x : Float32Array.from(known?.best.variable ?? x),
  };
  const { objective } = task;
  const measure = async (rgb: Float32Array): Promise<Losses> =>
    (await objective.measure?.(rgb)) ?? (await objective(rgb)).losses;
  const evaluate = async (variable: FloatArray): Promise<Evaluation> => {
    const { losses, gradient } = await task.objective(units.toPixels(variable));
    evaluations += 1;
    seen.set(losses.total, losses);
    if (losses.total < best.total) {
      best.total = losses.total;
      if (!keepsNoBest) best.variable.set(variable);
    }
    return { value: losses.total, gradient: units.gradient(gradient) };
  };
  if (resume !== undefined) {
    // The optimiser may know the value at this point from before it was saved; the terms of that value are found anew. No
    // step took it: a run that was interrupted counts as one that was not, and neither is this point its best.
    const losses = await measure(units.toPixels(x));
    seen.set(losses.total, losses);
  }

  const standing = (): OptimizationStanding => ({
    evaluations,
    optimization: {
      step,
      stalled,
      variable: Float32Array.from(x),
      best: { total: best.total, variable: Float32Array.from(best.variable) },
      optimizer: optimizer.state(),
      average: average?.state(),
    },
  });
  const toImage = (variable: FloatArray): Image =>
    createImage(width, height, clampUnit(Float32Array.from(units.toPixels(variable))));
  let stopped: OptimizationOutcome['stopped'] = 'finished';
  while (step < task.steps && !stalled) {
    if (task.signal?.aborted === true) {
      stopped = 'cancelled';
      break;
    }
    if ((await task.reweigh?.()) === true) {
      // What the optimiser remembers is about another loss, and so are the values so far.
      optimizer = createOptimizer(name, units);
      best.total = Infinity;
      seen = new Map();
    }
    const earlier = seen;
    seen = new Map<number, Losses>();
    const begun = performance.now();
    const result = await optimizer.step(x, evaluate);
    if (!Number.isFinite(result.value)) {
      stopped = 'diverged';
      break;
    }
    step += 1;
    stalled = result.stalled === true;
    average?.add(x);
    await task.onStep({
      step,
      losses: seen.get(result.value) ?? earlier.get(result.value)!,
      milliseconds: performance.now() - begun,
      picture: () => toImage(average?.value() ?? x),
      standing,
    });
  }
  const chosen = stopped === 'finished' ? (average?.value() ?? x) : best.variable;
  // Nothing changes the variable any more, so that a picture within its range is it.
  const isPicture = units.isIdentity && chosen instanceof Float32Array && isInUnit(chosen);
  const image = isPicture ? createImage(width, height, chosen) : toImage(chosen);
  return {
    image,
    end: () => createImage(width, height, Float32Array.from(units.toPixels(x))),
    stopped,
    losses: await measure(image.rgb),
    evaluations,
    standing,
  };
}

const isInUnit = (values: Float32Array): boolean => values.every((value) => value >= 0 && value <= 1);

/** The optimiser's variable and its picture's size. */
function beginning(
  { width, height, rgb }: Image,
  units: PixelUnits,
  resume: OptimizationState | undefined,
): { x: Float32Array; width: number; height: number } {
  const x = resume === undefined ? units.fromPixels(rgb) : Float32Array.from(resume.variable);
  return { x, width, height };
}
