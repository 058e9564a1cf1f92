import { createImage, type Image } from '../images/image.js';
import { removeMargin } from '../images/margin.js';
import { IterateAverage } from '../optimizers/iterate-average.js';
import type { Evaluation, FloatArray, OptimizerState } from '../optimizers/optimizer.js';
import type { IterationProgress, Losses } from '../progress.js';
import { createOptimizer, PixelUnits, type OptimizerSettings, type PixelUnit } from './optimizer-settings.js';

/** The losses before one step. */
export interface CurvePoint extends Losses {
  readonly iteration: number;
  readonly scale: number;
  /** Milliseconds since the work began. */
  readonly elapsed: number;
}

/**
 * What is to become small: the losses of a picture and the gradient of their total.
 * @param rgb planes of the picture with its margin; pixels may lie outside 0..1
 * @returns the gradient of the total with respect to every value of `rgb`
 */
export type PictureObjective = (rgb: Float32Array) => Promise<PictureEvaluation>;

export interface PictureEvaluation {
  readonly losses: Losses;
  readonly gradient: Float32Array;
}

/** How one size is worked at. */
export interface ScaleSettings {
  readonly optimizer: OptimizerSettings;
  readonly pixelUnit: PixelUnit;
  /** Decay of the moving average of iterates that is the result; 0 is none. */
  readonly average: number;
}

/** Where the work at one scale stands. */
export interface ScaleState {
  /** Steps done at this scale. */
  readonly step: number;
  /** The picture as the optimiser sees it. */
  readonly variable: Float32Array;
  readonly optimizer: OptimizerState;
  readonly average: OptimizerState | undefined;
}

export interface ScaleWork {
  readonly objective: PictureObjective;
  readonly settings: ScaleSettings;
  /** The picture with its margin. */
  readonly start: Image;
  /** Pixels on each side that only the work sees. */
  readonly margin: number;
  readonly scale: number;
  readonly scales: number;
  /** Steps at this scale; steps of all scales before it; steps of all scales. */
  readonly steps: number;
  readonly done: number;
  readonly total: number;
  /** Grows by one point a step. */
  readonly curve: CurvePoint[];
  elapsed(): number;
  readonly resume: ScaleState | undefined;
  readonly signal: AbortSignal | undefined;
  /** Told of every step; the second argument makes what {@link ScaleOutcome} says of how far the work is. */
  readonly onProgress: ((event: IterationProgress, standing: () => ScaleStanding) => void) | undefined;
}

/** How far the work at one scale is. */
export interface ScaleStanding {
  /** Evaluations of the loss at this scale since it was begun or resumed. */
  readonly evaluations: number;
  readonly state: ScaleState;
}

export interface ScaleOutcome extends ScaleStanding {
  /** Without its margin. */
  readonly image: Image;
  readonly stopped: 'finished' | 'cancelled' | 'diverged';
  readonly losses: Losses;
}

/**
 * Optimises a picture at one size, whatever is asked of it. A work that the signal ends, or whose loss is no longer a
 * number, has the best picture so far as its result.
 */
export async function optimizeScale(work: ScaleWork): Promise<ScaleOutcome> {
  const { settings, start, curve } = work;
  const { width, height } = start;
  const units = new PixelUnits(settings.optimizer.name === 'bounded' ? [1, 1, 1] : settings.pixelUnit);
  const optimizer = createOptimizer(settings.optimizer, units);
  const average = settings.average > 0 ? new IterateAverage(settings.average) : undefined;
  const x = work.resume === undefined ? units.fromPixels(start.rgb) : Float32Array.from(work.resume.variable);
  let step = 0;
  if (work.resume !== undefined) {
    step = work.resume.step;
    optimizer.restore(work.resume.optimizer);
    if (work.resume.average !== undefined) average?.restore(work.resume.average);
  }

  let evaluations = 0;
  // A step may report a value that the step before it computed, at the point where that one ended.
  let seen = new Map<number, Losses>();
  const best = { total: Infinity, x: Float32Array.from(x) };
  const evaluate = async (variable: FloatArray): Promise<Evaluation> => {
    const { losses, gradient } = await work.objective(units.toPixels(variable));
    evaluations += 1;
    seen.set(losses.total, losses);
    if (losses.total < best.total) {
      best.total = losses.total;
      best.x.set(variable);
    }
    return { value: losses.total, gradient: units.gradient(gradient) };
  };
  // The optimiser may know the value at this point from before it was saved; the terms of that value are found anew.
  if (work.resume !== undefined) await evaluate(x);

  const standing = (): ScaleStanding => ({
    evaluations,
    state: { step, variable: Float32Array.from(x), optimizer: optimizer.state(), average: average?.state() },
  });

  let stopped: ScaleOutcome['stopped'] = 'finished';
  const toImage = (variable: FloatArray): Image =>
    createImage(width, height, clipped(units.toPixels(variable)));
  while (step < work.steps) {
    if (work.signal?.aborted === true) {
      stopped = 'cancelled';
      break;
    }
    const earlier = seen;
    seen = new Map<number, Losses>();
    const before = performance.now();
    const result = await optimizer.step(x, evaluate);
    if (!Number.isFinite(result.value)) {
      stopped = 'diverged';
      break;
    }
    step += 1;
    average?.add(x);
    const losses = seen.get(result.value) ?? earlier.get(result.value)!;
    curve.push({
      ...losses,
      iteration: work.done + step,
      scale: work.scale,
      elapsed: work.elapsed(),
    });
    const event: IterationProgress = {
      type: 'iteration',
      scale: work.scale,
      scales: work.scales,
      width: width - 2 * work.margin,
      height: height - 2 * work.margin,
      iteration: work.done + step,
      iterations: work.total,
      losses,
      elapsed: work.elapsed(),
      milliseconds: performance.now() - before,
      image: () => removeMargin(toImage(average?.value() ?? x), work.margin),
    };
    work.onProgress?.(event, standing);
    if (result.stalled === true) break;
  }
  const chosen = stopped === 'finished' ? (average?.value() ?? x) : best.x;
  const canvas = toImage(chosen);
  return {
    image: removeMargin(canvas, work.margin),
    stopped,
    losses: (await work.objective(canvas.rgb)).losses,
    ...standing(),
  };
}

function clipped(rgb: Float32Array): Float32Array {
  return rgb.map((value) => Math.min(Math.max(value, 0), 1));
}
