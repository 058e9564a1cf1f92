import type { Image, Size } from '../images/image.js';
import type { Losses } from '../losses/terms.js';
import type { MethodPlan } from './plan.js';

/** One of several pictures begins. */
export interface PictureProgress {
  readonly type: 'picture';
  /** From 0, and how many there are. */
  readonly index: number;
  readonly count: number;
  /** What the picture is made from and where it is written; a file's path, or a name where there is no file. */
  readonly input: string;
  readonly output?: string | undefined;
  readonly plan: MethodPlan;
}

/** A step from one stage of a scale to the next. */
export interface StageProgress extends Size {
  readonly type: 'stage';
  readonly stage: 'targets' | 'compile' | 'optimize';
  /** Index of the coarse-to-fine scale, from 0, and how many there are. */
  readonly scale: number;
  readonly scales: number;
}

/** One optimiser step done. */
export interface IterationProgress extends Size {
  readonly type: 'iteration';
  readonly scale: number;
  readonly scales: number;
  /** Steps done over all scales, from 1, and how many there will be. */
  readonly iteration: number;
  readonly iterations: number;
  readonly losses: Losses;
  /** Milliseconds since the method began, and those of this step alone. */
  readonly elapsed: number;
  readonly milliseconds: number;
  /**
   * The picture as it stands; computed only when asked for, while the event is handed out: until the listener returns or its
   * promise is kept, or until the body of `for await` ends.
   * @throws StyleError `E_ARGUMENT` later on, when the run has gone on from there
   */
  image(): Image;
  /** The state to resume from, as the bytes of a file; when it can be had and the error are those of `image`. */
  state(): Uint8Array;
}

/** A part of the computation is done, where it has no iterations. */
export interface PartProgress {
  readonly type: 'part';
  /** 0 to 1. */
  readonly done: number;
}

/** A frame of a film is done. */
export interface FrameProgress {
  readonly type: 'frame';
  /** From 1, and how many there are about; undefined where the film doesn't say. */
  readonly frame: number;
  readonly frames: number | undefined;
  /** Milliseconds that this frame took, with reading and writing it. */
  readonly milliseconds: number;
}

/** A file is written, or something did not go as it should and the rest goes on. */
export type FileProgress =
  | { readonly type: 'saved'; readonly kind: 'intermediate' | 'state'; readonly path: string }
  | { readonly type: 'failed'; readonly input: string; readonly error: Error }
  | { readonly type: 'warning'; readonly message: string };

/** Everything that is reported while a method runs. */
export type Progress =
  PictureProgress | StageProgress | IterationProgress | PartProgress | FrameProgress | FileProgress;

/** Hears of everything. Where it returns a promise for an iteration, the run waits for it before it goes on. */
export type ProgressListener = (event: Progress) => unknown;
