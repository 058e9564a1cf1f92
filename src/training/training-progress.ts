import type { TrainingHistory } from './training-history.js';
import type { StepReport } from './training-step.js';
import type { ValidationReport } from './training-task.js';

/** One step done. */
export interface TrainingStepProgress extends StepReport {
  readonly type: 'step';
  /** Steps done, from 1, and how many there will be. */
  readonly step: number;
  readonly steps: number;
  /** Milliseconds that the training has taken so far, those before it was resumed included, and those of this step alone. */
  readonly elapsed: number;
  readonly milliseconds: number;
  /** Everything so far, for a report; made only when asked for. */
  history(): TrainingHistory;
}

/** The network was validated after so many steps. */
export interface ValidationProgress {
  readonly type: 'validation';
  readonly step: number;
  readonly report: ValidationReport;
  history(): TrainingHistory;
}

/** The checkpoint of a step was handed over, and is safe. */
export interface CheckpointProgress {
  readonly type: 'checkpoint';
  readonly step: number;
}

/** Something did not go as it should, and the training goes on. */
export interface TrainingWarning {
  readonly type: 'warning';
  readonly message: string;
}

export type TrainingProgress =
  TrainingStepProgress | ValidationProgress | CheckpointProgress | TrainingWarning;
