import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StyleError } from '../errors.js';
import { removeAbandoned, replaceFile } from '../replace-file.node.js';
import {
  encodeCheckpoint,
  parseCheckpoint,
  resumeFrom,
  type ResumedTraining,
  type TrainingCheckpoint,
} from './checkpoint.js';
import type { TrainingTask } from './training-task.js';

export interface CheckpointFolderOptions {
  /** How many checkpoints of a training are kept; older ones are deleted. */
  readonly keep: number;
}

export interface LatestCheckpoint {
  /** The newest complete one; undefined when there is none. */
  readonly checkpoint: TrainingCheckpoint | undefined;
  /** Its file. */
  readonly path: string | undefined;
  /** Why newer files were skipped: one sentence for each that is broken or not a checkpoint. */
  readonly passedOver: readonly string[];
}

const filePattern = /^step-(\d{8,})\.safetensors$/;
const fileName = (step: number): string => `step-${String(step).padStart(8, '0')}.safetensors`;

/**
 * A folder of checkpoints, `step-00001200.safetensors`. Files in it are always complete.
 * @example
 * ```ts
 * import { CheckpointFolder, trainingLoop, type TrainingTask } from 'pastiche/training';
 *
 * const folder = new CheckpointFolder('checkpoints', { keep: 3 });
 * const train = (task: TrainingTask) =>
 *   trainingLoop(task, {
 *     steps: 1000,
 *     validateEvery: 100,
 *     checkpointEvery: 100,
 *     saveCheckpoint: async (checkpoint) => void (await folder.write(checkpoint)),
 *   });
 * console.log((await folder.latest()).path); // undefined where there is none yet
 * ```
 */
export class CheckpointFolder {
  private readonly keep: number;

  /** @throws StyleError `E_ARGUMENT` when `keep` is not a whole number from 1 */
  constructor(
    readonly path: string,
    { keep }: CheckpointFolderOptions,
  ) {
    if (!Number.isSafeInteger(keep) || keep < 1) {
      throw new StyleError(
        'E_ARGUMENT',
        `The number of checkpoints to keep can't be ${keep}.`,
        'Give a whole number from 1.',
      );
    }
    this.keep = keep;
  }

  /** The file of a step's checkpoint. */
  pathOf(step: number): string {
    return join(this.path, fileName(step));
  }

  /**
   * Writes a checkpoint atomically, and creates the folder where it is missing. Then deletes all but the last `keep`
   * checkpoints of this training; those of others stay.
   * @returns its file
   * @throws StyleError `E_OUTPUT` when it can't be written; the others are unchanged
   */
  async write(checkpoint: TrainingCheckpoint): Promise<string> {
    const path = this.pathOf(checkpoint.step);
    await this.create();
    await replaceFile(path, encodeCheckpoint(checkpoint));
    await this.deleteOlder(checkpoint);
    return path;
  }

  /**
   * The newest checkpoint that can be read. A missing folder has none.
   * @throws StyleError `E_INPUT_KIND`, `E_INPUT_PERMISSION` when the folder can't be listed
   */
  async latest(): Promise<LatestCheckpoint> {
    const passedOver: string[] = [];
    for (const step of await this.steps()) {
      const path = this.pathOf(step);
      try {
        return { checkpoint: await readCheckpoint(path), path, passedOver };
      } catch (error) {
        if (!(error instanceof StyleError)) throw error;
        passedOver.push(error.message);
      }
    }
    return { checkpoint: undefined, path: undefined, passedOver };
  }

  /**
   * Where a training begins: anew, which takes a folder without checkpoints, or from the newest one, which the task is
   * restored from.
   * @param onWarning told of newer checkpoints that were passed over
   * @returns what `trainingLoop` needs to begin there
   * @throws StyleError `E_STATE` when there is a checkpoint and none is wanted, or the other way round, and as
   * {@link resumeFrom}
   */
  async begin(
    task: TrainingTask,
    resume: boolean,
    onWarning: (message: string) => void,
  ): Promise<Partial<ResumedTraining>> {
    const { checkpoint, passedOver } = await this.latest();
    if (resume) passedOver.forEach((message) => onWarning(message));
    if (resume && checkpoint !== undefined) return resumeFrom(checkpoint, task);
    if (resume) {
      throw new StyleError(
        'E_STATE',
        `There is no checkpoint in "${this.path}" to go on from.`,
        'Name the folder with the option checkpoints, or start anew without the option resume.',
        { option: 'checkpoints' },
      );
    }
    if (checkpoint === undefined) return {};
    throw new StyleError(
      'E_STATE',
      `The folder "${this.path}" has the checkpoint of an earlier training, of step ${checkpoint.step}.`,
      'Go on from it with the option resume, or name another folder with the option checkpoints, or delete it.',
      { option: 'resume' },
    );
  }

  private async create(): Promise<void> {
    try {
      await mkdir(this.path, { recursive: true });
    } catch (cause) {
      throw new StyleError(
        'E_OUTPUT',
        `The folder "${this.path}" can't be created: ${reasonOf(cause)}.`,
        'Name another folder for the checkpoints.',
        { cause },
      );
    }
  }

  /** The steps of the files, the newest first. */
  private async steps(): Promise<number[]> {
    const names = await readdir(this.path).catch((cause: unknown) => {
      const code = (cause as NodeJS.ErrnoException).code;
      if (code === 'ENOENT') return [];
      throw new StyleError(
        code === 'ENOTDIR' ? 'E_INPUT_KIND' : 'E_INPUT_PERMISSION',
        `"${this.path}" can't be read as a folder of checkpoints: ${reasonOf(cause)}.`,
        'Name the folder that an earlier training has saved its checkpoints in.',
        { cause },
      );
    });
    return names
      .map((name) => filePattern.exec(name)?.[1])
      .filter((digits) => digits !== undefined)
      .map(Number)
      .sort((a, b) => b - a);
  }

  /** Failures are ignored: the new checkpoint is on disk already, and an old one does no harm. */
  private async deleteOlder({ step, kind, fingerprint }: TrainingCheckpoint): Promise<void> {
    const older = (await this.steps().catch(() => [])).filter((one) => one < step);
    for (const one of older.slice(this.keep - 1)) {
      const path = this.pathOf(one);
      const found = await readCheckpoint(path).catch(() => undefined);
      if (found?.kind !== kind || found.fingerprint !== fingerprint) continue;
      await rm(path, { force: true }).catch(() => undefined);
    }
    await removeAbandoned(this.path);
  }
}

/**
 * Reads a checkpoint from a file.
 * @throws StyleError `E_INPUT_MISSING` when it does not exist, `E_STATE` when it can't be read or is not a checkpoint
 * @example
 * ```ts no-run
 * import { readCheckpoint } from 'pastiche/training';
 *
 * const { step, history } = await readCheckpoint('checkpoints/step-00000500.safetensors');
 * console.log(step, history.validations.at(-1)?.losses);
 * ```
 */
export async function readCheckpoint(path: string): Promise<TrainingCheckpoint> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new StyleError(
      missing ? 'E_INPUT_MISSING' : 'E_STATE',
      missing
        ? `There is no checkpoint "${path}".`
        : `The checkpoint "${path}" can't be read: ${reasonOf(cause)}.`,
      'Give a checkpoint that a training has saved, or start a new training.',
      { cause },
    );
  });
  return parseCheckpoint(bytes, path);
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
