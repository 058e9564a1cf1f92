import type { Image } from '../images/image.js';
import type { Losses, ProgressListener, StageProgress } from '../progress.js';
import { optimizeScale, type CurvePoint, type ScaleOutcome } from './optimize-scale.js';
import type { OptimizerSettings } from './optimizer-settings.js';
import type { CompiledObjective } from './picture-objective.js';

/** How a caller follows and ends a work. */
export interface OptimizationControl {
  /** Ends the work early; the best picture so far is the result. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/** Sizes worked at, coarse to fine, and the size of the result. */
export interface OptimizationPlan {
  readonly scales: readonly {
    readonly width: number;
    readonly height: number;
    readonly iterations: number;
  }[];
  readonly width: number;
  readonly height: number;
}

/** A picture that was optimised, and how that went. */
export interface OptimizedPicture {
  readonly image: Image;
  /** `finished`; `cancelled` by the signal; `diverged` when the loss was no longer a number, with the last good picture. */
  readonly stopped: ScaleOutcome['stopped'];
  /** Losses of the picture at the finest size worked at, margin included, weighted. */
  readonly losses: Losses;
  /** Steps done, and evaluations of the loss that they took. */
  readonly iterations: number;
  readonly evaluations: number;
  /** The losses of every step, in order. */
  readonly curve: readonly CurvePoint[];
}

/** What a scale is worked at with. */
export interface ReadyScale extends CompiledObjective {
  /** The picture to start from, with its margin. */
  readonly start: Image;
  /** Pixels on each side that only the work sees. */
  readonly margin: number;
}

/** A work from coarse to fine. */
export interface ScalesWork<Scale> extends OptimizationControl {
  readonly scales: readonly Scale[];
  readonly optimizer: OptimizerSettings;
  /**
   * Makes a scale ready: first its targets, then, once that stage is told, the compiled loss.
   * @param coarser what the scale before made, without its margin; undefined at the first one
   */
  prepare(
    scale: Scale,
    coarser: Image | undefined,
    tell: (stage: StageProgress['stage']) => void,
  ): Promise<ReadyScale>;
}

/** Optimises a picture from coarse to fine, each scale from what the one before made. Ends at the first that does not finish. */
export async function optimizeScales<
  Scale extends { readonly width: number; readonly height: number; readonly iterations: number },
>({ scales, optimizer, signal, onProgress, prepare }: ScalesWork<Scale>): Promise<OptimizedPicture> {
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  const settings = { optimizer, pixelUnit: [1, 1, 1], average: 0 } as const;
  const total = scales.reduce((sum, { iterations }) => sum + iterations, 0);
  const curve: CurvePoint[] = [];
  let outcome: ScaleOutcome | undefined;
  let evaluations = 0;
  let done = 0;
  for (const [index, scale] of scales.entries()) {
    const { width, height, iterations: steps } = scale;
    const of = { scale: index, scales: scales.length };
    const tell = (stage: StageProgress['stage']): void =>
      onProgress?.({ type: 'stage', stage, ...of, width, height });
    tell('targets');
    const { objective, start, margin, dispose } = await prepare(scale, outcome?.image, tell);
    try {
      tell('optimize');
      outcome = await optimizeScale({
        ...{ objective, settings, start, margin, ...of, steps, done, total, curve, elapsed },
        ...{ resume: undefined, signal, onProgress },
      });
    } finally {
      await dispose();
    }
    evaluations += outcome.evaluations;
    done += steps;
    if (outcome.stopped !== 'finished') break;
  }
  const { image, stopped, losses } = outcome!;
  return { image, stopped, losses, iterations: curve.length, evaluations, curve };
}
