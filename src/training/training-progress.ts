import type { TrainingHistory } from './training-history.js';
import type { StepReport } from './training-step.js';
import type { ValidationReport } from './training-task.js';

/** A step was made. */
export interface TrainingStepProgress extends StepReport {
  readonly type: 'step';
  /** Steps made, from 1, and their total. */
  readonly step: number;
  readonly steps: number;
  /** Milliseconds that the training has taken so far, those before it was resumed included, and those of this step alone. */
  readonly elapsed: number;
  readonly milliseconds: number;
  /** The history so far, for a report; copied only when called. */
  history(): TrainingHistory;
}

/** The network was validated after so many steps. */
export interface ValidationProgress {
  readonly type: 'validation';
  readonly step: number;
  readonly report: ValidationReport;
  history(): TrainingHistory;
}

/** The checkpoint of a step was saved. */
export interface CheckpointProgress {
  readonly type: 'checkpoint';
  readonly step: number;
}

/** A problem that does not end the training. */
export interface TrainingWarning {
  readonly type: 'warning';
  readonly message: string;
}

export type TrainingProgress =
  TrainingStepProgress | ValidationProgress | CheckpointProgress | TrainingWarning;
