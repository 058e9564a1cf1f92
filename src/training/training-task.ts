import type { Image } from '../images/image.js';
import type { FloatArray } from '../optimizers/optimizer.js';
import type { StepReport } from './training-step.js';

/**
 * Where a training stands, as plain data. The arrays are copies: nobody else writes to them. A state whose arrays hold
 * something else than finite numbers is one of a training that has diverged, and is not saved.
 */
export interface TrainingState {
  readonly scalars: Readonly<Record<string, number>>;
  readonly arrays: Readonly<Record<string, FloatArray>>;
}

/** What the network can do on data that it is not trained on. */
export interface ValidationReport {
  /** By name, at least `total`. Lower is better. */
  readonly losses: Readonly<Record<string, number>>;
  /**
   * What the network makes, to look at; the first one is kept for the report's strip. A caption stays from one validation
   * to the next. A picture of one colour is taken for a dead network: give none where that is as it should be.
   */
  readonly pictures: readonly { readonly caption: string; readonly image: Image }[];
}

/** Something that is trained step by step: a network with its data, its loss and its optimiser. */
export interface TrainingTask {
  /** What is trained, such as `perceptual`. */
  readonly kind: string;
  /**
   * Architecture and settings in short: a checkpoint of another fingerprint is refused. Of a JSON object, the refusal names
   * the entries that differ.
   */
  readonly fingerprint: string;
  /** Moves everything once. The report is of the losses before the move. */
  step(): Promise<StepReport>;
  /** Changes nothing that a later step depends on. */
  validate(): Promise<ValidationReport>;
  /** Everything that going on bit for bit needs. */
  state(): TrainingState;
  /**
   * Takes a state over; arrays are copied.
   * @throws StyleError `E_STATE` when it is incomplete or does not fit
   */
  restore(state: TrainingState): void;
}
