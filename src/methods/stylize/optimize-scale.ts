import { createImage, type Image } from '../../images/image.js';
import { removeMargin } from '../../images/margin.js';
import { Adam } from '../../optimizers/adam.js';
import { BoundedLbfgs } from '../../optimizers/bounded-lbfgs.js';
import { IterateAverage } from '../../optimizers/iterate-average.js';
import { Lbfgs } from '../../optimizers/lbfgs.js';
import { stepDecay } from '../../optimizers/learning-rate.js';
import type { Evaluation, FloatArray, Optimizer } from '../../optimizers/optimizer.js';
import type { IterationProgress, Losses } from '../../progress.js';
import type { OutputValues, Program } from '../../runtime/runtime.js';
import type { StylizeSettings } from './options.js';
import { pictureInput } from './picture-loss.js';
import type { PixelUnit } from './presets.js';
import type { ScaleState } from './saved-state.js';

/** The losses before one step. */
export interface CurvePoint extends Losses {
  readonly iteration: number;
  readonly scale: number;
  /** Milliseconds since the work began. */
  readonly elapsed: number;
}

export interface ScaleWork {
  readonly program: Program;
  readonly settings: StylizeSettings;
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

/** Optimises the picture at one size. */
export async function optimizeScale(work: ScaleWork): Promise<ScaleOutcome> {
  const { settings, start, curve } = work;
  const { width, height } = start;
  const units = new PixelUnits(settings.optimizer.name === 'bounded' ? [1, 1, 1] : settings.pixelUnit);
  const optimizer = createOptimizer(settings, units);
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
    const values = await work.program.run({ [pictureInput]: units.toPixels(variable) });
    const losses = lossesOf(values);
    evaluations += 1;
    seen.set(losses.total, losses);
    if (losses.total < best.total) {
      best.total = losses.total;
      best.x.set(variable);
    }
    return { value: losses.total, gradient: units.gradient(values['gradient']!) };
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
    losses: lossesOf(await work.program.run({ [pictureInput]: canvas.rgb })),
    ...standing(),
  };
}

function createOptimizer({ optimizer }: StylizeSettings, units: PixelUnits): Optimizer {
  switch (optimizer.name) {
    case 'adam': {
      const { learningRate, beta1, epsilon, epsilonPlacement = 'pytorch', decay, clip } = optimizer;
      const rate = decay === undefined ? learningRate : stepDecay(learningRate, decay.factor, decay.every);
      return new Adam({
        learningRate: rate,
        beta1,
        epsilon,
        epsilonPlacement,
        ...(clip ? { bounds: { lower: 0, upper: units.upper } } : {}),
      });
    }
    case 'lbfgs':
      return new Lbfgs({ learningRate: optimizer.learningRate, history: optimizer.history });
    case 'bounded':
      return new BoundedLbfgs({ history: optimizer.history, bounds: { lower: 0, upper: 1 } });
  }
}

/**
 * The optimiser's variable is the picture in the units of the preset's source, because a step of a given size means what
 * its source meant only in the source's own units.
 */
class PixelUnits {
  private readonly identity: boolean;

  constructor(private readonly unit: PixelUnit) {
    this.identity = unit.every((range) => range === 1);
  }

  /** The largest value of a pixel in these units; the smallest is 0. */
  get upper(): number {
    return 1 / this.unit[0];
  }

  fromPixels(rgb: Float32Array): Float32Array {
    return this.scaled(rgb, (range) => 1 / range);
  }

  toPixels(variable: FloatArray): Float32Array {
    return this.identity ? (variable as Float32Array) : this.scaled(variable, (range) => range);
  }

  /** By the chain rule a gradient scales as the pixels do. */
  gradient(ofPixels: Float32Array): Float32Array {
    return this.identity ? ofPixels : this.scaled(ofPixels, (range) => range);
  }

  private scaled(values: FloatArray, factor: (range: number) => number): Float32Array {
    const plane = values.length / 3;
    const out = Float32Array.from(values);
    this.unit.forEach((range, channel) => {
      const by = factor(range);
      for (let i = channel * plane; i < (channel + 1) * plane; i += 1) out[i]! *= by;
    });
    return out;
  }
}

function clipped(rgb: Float32Array): Float32Array {
  return rgb.map((value) => Math.min(Math.max(value, 0), 1));
}

function lossesOf(values: OutputValues): Losses {
  return {
    total: values['total']![0]!,
    content: values['content']![0]!,
    style: values['style']![0]!,
    totalVariation: values['totalVariation']![0]!,
  };
}
