import { StyleError } from '../errors.js';
import type { TrainingCheckpoint } from './checkpoint.js';
import { HistoryRecorder, type TrainingHistory } from './training-history.js';
import type { TrainingProgress } from './training-progress.js';
import type { TrainingTask, ValidationReport } from './training-task.js';
import { TrainingWatch } from './training-watch.js';

export interface TrainingLoopOptions {
  /** Steps in all, those of a resumed training included. */
  readonly steps: number;
  /** Steps done already: the step of a resumed checkpoint, which the task has been restored from. @defaultValue 0 */
  readonly startAt?: number | undefined;
  /** The history of a resumed checkpoint. @defaultValue an empty one */
  readonly history?: TrainingHistory | undefined;
  /** The network is validated before the first step, every so many steps and after the last one. */
  readonly validateEvery: number;
  /** A checkpoint is handed over every so many steps, after the last one, and when the training is stopped. */
  readonly checkpointEvery: number;
  /**
   * Ends the training after the current step or validation. A task that knows of it may throw its reason instead, before
   * anything of its state has changed.
   */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((event: TrainingProgress) => void) | undefined;
  /**
   * Keeps a checkpoint; the next step waits for it. A StyleError on the way is told as a warning and the training goes on;
   * that of the last checkpoint is thrown.
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
  /** The step of the last checkpoint that was handed over. */
  readonly checkpoint: number | undefined;
}

/** Milliseconds after which the rest of the program gets a turn: a task may never wait for anything. */
const longestTurn = 50;

/**
 * Trains: steps, validations and checkpoints in turn, until all steps are done or the signal ends it. A checkpoint on the
 * way is handed over only after a validation or the next step has shown that its parameters are sound, so that a step into
 * the void does not overwrite a good checkpoint.
 * @throws StyleError `E_TRAINING_DIVERGED`, `E_TRAINING_STUCK` as `TrainingWatch` tells; nothing is saved then.
 * `E_ARGUMENT` when a number of steps is not usable. What the task throws, and what the last checkpoint throws, passes.
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
  /** When the training would have begun, had it not been stopped in between. */
  private readonly began: number;
  private turnBegan = performance.now();
  private validation: ValidationReport | undefined;
  /** A checkpoint whose parameters have not been proved yet. */
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
      // A task may be as quick to stop as the loop is.
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
    // A resumed training may have all its steps behind it, but not its last validation.
    if (this.step === steps) await this.validate();
  }

  private stopping(): boolean {
    return this.options.signal?.aborted === true;
  }

  private async trainOnce(): Promise<void> {
    const began = performance.now();
    if (began - this.turnBegan > longestTurn) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.turnBegan = performance.now();
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
    if (this.pending !== undefined) await this.saveOnTheWay(this.pending);
  }

  /** Unless it was done after this step already, or the training is to end. */
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
    if (this.recorder.hasValidation(this.step)) await this.saveOnTheWay(this.pending);
  }

  /** @throws StyleError `E_TRAINING_DIVERGED` when there is nothing sound to save */
  private checkpoint(): TrainingCheckpoint {
    const { step, task } = this;
    const state = task.state();
    this.watch.checkState(step, state);
    const { kind, fingerprint } = task;
    return { kind, fingerprint, step, state, history: this.recorder.history() };
  }

  private async saveOnTheWay(checkpoint: TrainingCheckpoint): Promise<void> {
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
    `A training of ${steps} steps can't go on after step ${startAt}.`,
    'Ask for more steps, or start anew.',
  );
}
