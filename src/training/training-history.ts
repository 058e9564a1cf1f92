import type { Image } from '../images/image.js';
import { fitLongSide, resizeImage } from '../images/resize.js';
import type { StepReport } from './training-step.js';
import type { ValidationReport } from './training-task.js';

/** One point of the loss curve: the means over some successive steps. */
export interface TrainingCurvePoint extends StepReport {
  /** The last of its steps, and how many they are. */
  readonly step: number;
  readonly steps: number;
  /** Of one step. */
  readonly milliseconds: number;
  /** Milliseconds that the training had taken after the last of them. */
  readonly elapsed: number;
}

/** The losses of one validation. */
export interface ValidationPoint {
  readonly step: number;
  readonly elapsed: number;
  readonly losses: Readonly<Record<string, number>>;
}

/** A picture of an earlier validation, small and in 256 levels. */
export interface ValidationPicture {
  readonly step: number;
  readonly caption: string;
  readonly image: Image;
}

/** Averages of the loss, to detect a divergence. */
export interface LossAverages {
  readonly steps: number;
  /** Of the first step. */
  readonly first: number;
  /** Over about the last ten steps. */
  readonly recent: number;
  /** The minimum of `recent` so far. */
  readonly smallest: number;
}

/** The course of a training, bounded in size however long it takes. */
export interface TrainingHistory {
  /** Steps per point of the curve; the last point may have fewer. */
  readonly window: number;
  readonly curve: readonly TrainingCurvePoint[];
  readonly averages: LossAverages;
  readonly validations: readonly ValidationPoint[];
  /** The first picture of some validations, from the first to the latest. */
  readonly pictures: readonly ValidationPicture[];
  /** Milliseconds in all. */
  readonly elapsed: number;
}

/** Points are merged in pairs when there are more. */
const mostPoints = 2000;
/** The most validations to keep a picture of, and its long side. */
const mostPictures = 12;
const pictureSide = 256;
/** Weight of a new loss in the recent average. */
const recentWeight = 0.1;

/** Records the course of a training, new or resumed. */
export class HistoryRecorder {
  private window: number;
  private curve: TrainingCurvePoint[];
  private averages: LossAverages;
  private readonly validations: ValidationPoint[];
  private readonly pictures: ValidationPicture[];
  private elapsed: number;

  constructor(from?: TrainingHistory) {
    this.window = from?.window ?? 1;
    this.curve = [...(from?.curve ?? [])];
    this.averages = from?.averages ?? { steps: 0, first: 0, recent: 0, smallest: 0 };
    this.validations = [...(from?.validations ?? [])];
    this.pictures = [...(from?.pictures ?? [])];
    this.elapsed = from?.elapsed ?? 0;
  }

  /**
   * Adds a step.
   * @param elapsed milliseconds that the training has taken so far
   * @returns the averages including it
   */
  addStep(step: number, report: StepReport, milliseconds: number, elapsed: number): LossAverages {
    const { total, terms, gradientNorm } = report;
    this.elapsed = elapsed;
    const point: TrainingCurvePoint = {
      step,
      steps: 1,
      total,
      terms: { ...terms },
      gradientNorm,
      milliseconds,
      elapsed,
    };
    const last = this.curve.at(-1);
    if (last === undefined || last.steps >= this.window) this.curve.push(point);
    else this.curve[this.curve.length - 1] = meanOfSteps(last, point);
    if (this.curve.length > mostPoints) {
      this.curve = halved(this.curve);
      this.window *= 2;
    }
    this.averages = averaged(this.averages, total);
    return this.averages;
  }

  /** Adds a validation. */
  addValidation(step: number, { losses, pictures }: ValidationReport, elapsed: number): void {
    this.elapsed = elapsed;
    this.validations.push({ step, elapsed, losses: { ...losses } });
    const [first] = pictures;
    if (first === undefined) return;
    this.pictures.push({ step, caption: first.caption, image: small(first.image) });
    if (this.pictures.length > mostPictures) this.pictures.splice(this.mostRedundant(), 1);
  }

  /** Whether the network was validated after this step. */
  hasValidation(step: number): boolean {
    return this.validations.at(-1)?.step === step;
  }

  /** Everything so far; later steps don't change it. */
  history(): TrainingHistory {
    const { window, curve, averages, validations, pictures, elapsed } = this;
    return {
      window,
      curve: [...curve],
      averages,
      elapsed,
      validations: [...validations],
      pictures: [...pictures],
    };
  }

  /** The picture, neither the first nor the latest, whose removal leaves the smallest gap of steps. */
  private mostRedundant(): number {
    let least = 1;
    const gap = (index: number): number => this.pictures[index + 1]!.step - this.pictures[index - 1]!.step;
    for (let index = 2; index < this.pictures.length - 1; index += 1) {
      if (gap(index) < gap(least)) least = index;
    }
    return least;
  }
}

/** A curve of at most `most` points, each the mean of one or more of those given. */
export function condenseCurve(
  curve: readonly TrainingCurvePoint[],
  most: number,
): readonly TrainingCurvePoint[] {
  return curve.length <= most ? curve : condenseCurve(halved(curve), most);
}

/** Pairs of points merged; a last one without a partner stays. */
function halved(curve: readonly TrainingCurvePoint[]): TrainingCurvePoint[] {
  const points: TrainingCurvePoint[] = [];
  for (let i = 0; i < curve.length; i += 2) {
    const [one, other] = [curve[i]!, curve[i + 1]];
    points.push(other === undefined ? one : meanOfSteps(one, other));
  }
  return points;
}

function averaged({ steps, first, recent, smallest }: LossAverages, loss: number): LossAverages {
  if (steps === 0) return { steps: 1, first: loss, recent: loss, smallest: loss };
  const weight = Math.max(recentWeight, 1 / (steps + 1));
  const next = recent + weight * (loss - recent);
  return { steps: steps + 1, first, recent: next, smallest: Math.min(smallest, next) };
}

/** The mean of two points that follow each other. */
export function meanOfSteps(one: TrainingCurvePoint, other: TrainingCurvePoint): TrainingCurvePoint {
  const steps = one.steps + other.steps;
  const mean = (a: number, b: number): number => a + ((b - a) * other.steps) / steps;
  return {
    step: other.step,
    steps,
    elapsed: other.elapsed,
    total: mean(one.total, other.total),
    terms: Object.fromEntries(
      Object.entries(other.terms).map(([name, value]) => [name, mean(one.terms[name] ?? value, value)]),
    ),
    gradientNorm: mean(one.gradientNorm, other.gradientNorm),
    milliseconds: mean(one.milliseconds, other.milliseconds),
  };
}

/** Small, and rounded as a checkpoint stores it, so that a resumed training has the same picture. */
function small(image: Image): Image {
  const { width, height } = image;
  const fits = Math.max(width, height) <= pictureSide;
  const size = fits ? { width, height } : fitLongSide(width, height, pictureSide);
  const { rgb } = resizeImage(image, size.width, size.height);
  const levels = rgb.map((value) => Math.round(255 * Math.min(1, Math.max(0, value))) / 255);
  return { ...size, rgb: levels };
}
