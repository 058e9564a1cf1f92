import { StyleError } from '../errors.js';
import type { TrainingCheckpoint } from './checkpoint.js';
import { HistoryRecorder, type TrainingHistory } from './training-history.js';
import type { TrainingProgress } from './training-progress.js';
import type { TrainingTask, ValidationReport } from './training-task.js';
import { TrainingWatch } from './training-watch.js';

export interface TrainingLoopOptions {
  /** Total steps, those before a resume included. */
  readonly steps: number;
  /** Steps done already: the step of a resumed checkpoint, which the task has been restored from. @defaultValue 0 */
  readonly startAt?: number | undefined;
  /** The history of a resumed checkpoint. @defaultValue an empty one */
  readonly history?: TrainingHistory | undefined;
  /** Steps between validations; there is one before the first step and after the last as well. */
  readonly validateEvery: number;
  /** Steps between checkpoints; there is one after the last step and when the training is stopped as well. */
  readonly checkpointEvery: number;
  /**
   * Ends the training after the current step or validation. A task that observes it may throw its reason instead, before
   * its state has changed.
   */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((event: TrainingProgress) => void) | undefined;
  /**
   * Saves a checkpoint; the next step waits for it. A StyleError in between is reported as a warning and the training
   * continues; that of the last checkpoint is thrown.
   */
  readonly saveCheckpoint?: ((checkpoint: TrainingCheckpoint) => Promise<void>) | undefined;
}

export interface TrainingResult {
  /** `cancelled` when the signal ended it. */
  readonly stopped: 'finished' | 'cancelled';
  /** Steps done. */
  readonly step: number;
  readonly history: TrainingHistory;
  /** The latest validation of this run. */
  readonly validation: ValidationReport | undefined;
  /** The step of the last saved checkpoint. */
  readonly checkpoint: number | undefined;
}

/** Milliseconds after which the loop yields to the event loop, as a task may never do. */
const yieldInterval = 50;

/**
 * Trains, with validations and checkpoints in between, until all steps are made or the signal ends it. An intermediate
 * checkpoint is saved only after a validation or the next step has shown that its parameters are sound, so that a step that
 * diverges does not overwrite a good checkpoint.
 * @throws StyleError `E_TRAINING_DIVERGED`, `E_TRAINING_STUCK` as detected by `TrainingWatch`; nothing is saved then.
 * `E_ARGUMENT` when a number of steps is not usable. Errors of the task and of the last checkpoint are passed on.
 * @example
 * ```ts
 * import { trainingLoop, type TrainingTask } from 'pastiche/training';
 *
 * let x = 4;
 * const report = () => ({ total: x * x, terms: {}, gradientNorm: Math.abs(2 * x) });
 * const task: TrainingTask = {
 *   kind: 'parabola',
 *   fingerprint: '{}',
 *   step() {
 *     const before = report();
 *     x -= 0.1 * 2 * x;
 *     return Promise.resolve(before);
 *   },
 *   validate: () => Promise.resolve({ losses: { total: x * x }, pictures: [] }),
 *   state: () => ({ scalars: { x }, arrays: {} }),
 *   restore: ({ scalars }) => void (x = scalars['x']!),
 * };
 * const { stopped, history } = await trainingLoop(task, { steps: 30, validateEvery: 10, checkpointEvery: 10 });
 * console.log(stopped, history.validations.at(-1)?.losses);
 * ```
 */
export async function trainingLoop(
  task: TrainingTask,
  options: TrainingLoopOptions,
): Promise<TrainingResult> {
  checkOptions(options);
  return new TrainingRun(task, options).run();
}

class TrainingRun {
  private step: number;
  private readonly startAt: number;
  private readonly recorder: HistoryRecorder;
  private readonly watch = new TrainingWatch();
  /** When an uninterrupted training would have begun. */
  private readonly began: number;
  private lastYield = performance.now();
  private validation: ValidationReport | undefined;
  /** A checkpoint whose parameters have not been validated yet. */
  private pending: TrainingCheckpoint | undefined;
  private saved: number | undefined;

  constructor(
    private readonly task: TrainingTask,
    private readonly options: TrainingLoopOptions,
  ) {
    this.startAt = this.step = options.startAt ?? 0;
    this.recorder = new HistoryRecorder(options.history);
    this.began = performance.now() - (options.history?.elapsed ?? 0);
  }

  async run(): Promise<TrainingResult> {
    const { startAt } = this;
    const { steps } = this.options;
    try {
      await this.train();
    } catch (error) {
      // The task may observe the signal as well.
      if (!this.stopping() || error !== this.options.signal?.reason) throw error;
    }
    const finished = this.recorder.hasValidation(steps);
    if (this.step > startAt || (finished && this.validation !== undefined)) await this.conclude();
    return {
      stopped: finished ? 'finished' : 'cancelled',
      step: this.step,
      history: this.recorder.history(),
      validation: this.validation,
      checkpoint: this.saved,
    };
  }

  private async train(): Promise<void> {
    const { steps, validateEvery, checkpointEvery } = this.options;
    if (this.startAt === 0) await this.validate();
    while (this.step < steps && !this.stopping()) {
      await this.trainOnce();
      if (this.step === steps) break;
      if (this.step % validateEvery === 0) await this.validate();
      if (this.step % checkpointEvery === 0) await this.prepareCheckpoint();
    }
    // A resumed training may lack only its last validation.
    if (this.step === steps) await this.validate();
  }

  private stopping(): boolean {
    return this.options.signal?.aborted === true;
  }

  private async trainOnce(): Promise<void> {
    const began = performance.now();
    if (began - this.lastYield > yieldInterval) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.lastYield = performance.now();
    }
    const stepBegan = performance.now();
    const report = await this.task.step();
    const now = performance.now();
    const [milliseconds, elapsed] = [now - stepBegan, now - this.began];
    this.step += 1;
    this.watch.checkStep(this.step, report);
    const averages = this.recorder.addStep(this.step, report, milliseconds, elapsed);
    this.watch.checkAverages(this.step, averages);
    const { step, recorder } = this;
    const { steps, onProgress } = this.options;
    const history = (): TrainingHistory => recorder.history();
    onProgress?.({ type: 'step', ...report, step, steps, elapsed, milliseconds, history });
    if (this.pending !== undefined) await this.saveIntermediate(this.pending);
  }

  /** Does nothing when this step was validated before, or the training is being stopped. */
  private async validate(): Promise<void> {
    const { step, recorder } = this;
    if (recorder.hasValidation(step) || this.stopping()) return;
    const report = await this.task.validate();
    this.watch.checkValidation(step, report);
    recorder.addValidation(step, report, performance.now() - this.began);
    this.validation = report;
    const history = (): TrainingHistory => recorder.history();
    this.options.onProgress?.({ type: 'validation', step, report, history });
  }

  private async prepareCheckpoint(): Promise<void> {
    if (this.options.saveCheckpoint === undefined) return;
    this.pending = this.checkpoint();
    if (this.recorder.hasValidation(this.step)) await this.saveIntermediate(this.pending);
  }

  /** @throws StyleError `E_TRAINING_DIVERGED` when a number of the state is not finite */
  private checkpoint(): TrainingCheckpoint {
    const { step, task } = this;
    const state = task.state();
    this.watch.checkState(step, state);
    const { kind, fingerprint } = task;
    return { kind, fingerprint, step, state, history: this.recorder.history() };
  }

  private async saveIntermediate(checkpoint: TrainingCheckpoint): Promise<void> {
    this.pending = undefined;
    try {
      await this.save(checkpoint);
    } catch (error) {
      if (!(error instanceof StyleError)) throw error;
      const message = `The checkpoint of step ${checkpoint.step} could not be saved. ${error.message} ${error.remedy}`;
      this.options.onProgress?.({ type: 'warning', message });
    }
  }

  /** The last checkpoint. */
  private async conclude(): Promise<void> {
    if (this.options.saveCheckpoint === undefined || this.saved === this.step) return;
    await this.save(this.checkpoint());
  }

  private async save(checkpoint: TrainingCheckpoint): Promise<void> {
    await this.options.saveCheckpoint?.(checkpoint);
    this.saved = checkpoint.step;
    this.options.onProgress?.({ type: 'checkpoint', step: checkpoint.step });
  }
}

function checkOptions({ steps, startAt = 0, validateEvery, checkpointEvery }: TrainingLoopOptions): void {
  for (const [name, value] of Object.entries({ steps, validateEvery, checkpointEvery })) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new StyleError(
      'E_ARGUMENT',
      `A training can't have ${value} as its ${name}.`,
      'Give a whole number from 1.',
    );
  }
  if (Number.isSafeInteger(startAt) && startAt >= 0 && startAt <= steps) return;
  throw new StyleError(
    'E_ARGUMENT',
    `A training of ${steps} steps can't be resumed after step ${startAt}.`,
    'Set more steps, or start a new training.',
  );
}
