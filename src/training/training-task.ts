import type { Image } from '../images/image.js';
import type { FloatArray } from '../optimizers/optimizer.js';
import type { StepReport } from './training-step.js';

/**
 * The state of a training, as plain data. The arrays are copies. A state whose arrays hold numbers that are not finite is
 * that of a training that has diverged, and is not saved.
 */
export interface TrainingState {
  readonly scalars: Readonly<Record<string, number>>;
  readonly arrays: Readonly<Record<string, FloatArray>>;
}

/** The network's results on data that it is not trained on. */
export interface ValidationReport {
  /** By name, at least `total`, of which lower is better. */
  readonly losses: Readonly<Record<string, number>>;
  /**
   * Pictures that the network generates; the first one is kept for the report's strip. A caption is the same in all
   * validations. A picture of one colour is taken for a dead network: return none where it may be one.
   */
  readonly pictures: readonly { readonly caption: string; readonly image: Image }[];
}

/** Something that is trained step by step: a network with its data, its loss and its optimiser. */
export interface TrainingTask {
  /** What is trained, such as `perceptual`. */
  readonly kind: string;
  /**
   * Identifies architecture and settings: a checkpoint with another fingerprint is rejected. If it is a JSON object, the
   * error names the entries that differ.
   */
  readonly fingerprint: string;
  /** Makes one step. The report has the losses before it. */
  step(): Promise<StepReport>;
  /** Changes nothing that a later step depends on. */
  validate(): Promise<ValidationReport>;
  /** Everything that is needed to resume bit for bit. */
  state(): TrainingState;
  /**
   * Restores a state; arrays are copied.
   * @throws StyleError `E_STATE` when it is incomplete or does not fit
   */
  restore(state: TrainingState): void;
}
