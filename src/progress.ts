import type { Image } from './images/image.js';

/** The weighted terms of a loss and their sum, as the optimiser sees them. */
export interface Losses {
  readonly total: number;
  readonly content: number;
  readonly style: number;
  readonly totalVariation: number;
  /** Present where the loss has this term. */
  readonly histogram?: number | undefined;
  readonly laplacian?: number | undefined;
}

/** A part of a loss. */
export type LossTerm = Exclude<keyof Losses, 'total'>;

/** A step from one kind of work to the next. */
export interface StageProgress {
  readonly type: 'stage';
  readonly stage: 'targets' | 'compile' | 'optimize';
  /** Index of the coarse-to-fine scale, from 0, and how many there are. */
  readonly scale: number;
  readonly scales: number;
  readonly width: number;
  readonly height: number;
}

/** One optimiser step done. */
export interface IterationProgress {
  readonly type: 'iteration';
  readonly scale: number;
  readonly scales: number;
  readonly width: number;
  readonly height: number;
  /** Steps done over all scales, from 1, and how many there will be. */
  readonly iteration: number;
  readonly iterations: number;
  readonly losses: Losses;
  /** Milliseconds since the method began, and those of this step alone. */
  readonly elapsed: number;
  readonly milliseconds: number;
  /** The picture as it stands; made only when asked for. */
  image(): Image;
}

export type Progress = StageProgress | IterationProgress;
export type ProgressListener = (event: Progress) => void;
