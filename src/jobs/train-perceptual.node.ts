import { existsSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { StyleError } from '../errors.js';
import type { VggWeights } from '../networks/vgg-weights.js';
import { checkReplaceable, replaceFile } from '../replace-file.node.js';
import { onnxRuntimeVersion, type DeviceName } from '../runtime/devices.node.js';
import type { Runtime } from '../runtime/runtime.js';
import { createParallelRuntimes } from '../runtime/parallel-runtimes.node.js';
import { CheckpointFolder } from '../training/checkpoint-folder.node.js';
import { resumeFrom } from '../training/checkpoint.js';
import {
  resolvePerceptualSettings,
  type PerceptualOptions,
  type PerceptualSettings,
} from '../training/distillation/perceptual-settings.js';
import { PerceptualTask } from '../training/distillation/perceptual-task.js';
import { studentConvolutions, studentProjections } from '../training/distillation/student-weights.js';
import { PictureStream, type SkippedPicture } from '../training/picture-stream.node.js';
import type { TrainingProgress } from '../training/training-progress.js';
import { condenseCurve } from '../training/training-history.js';
import { trainingLoop, type TrainingResult } from '../training/training-loop.js';
import { packageVersion } from '../version.node.js';
import { findModel, loadVggWeights } from '../weights/model-files.node.js';
import { encodeVggWeights } from '../weights/vgg-encoding.js';
import { availableParallelism } from 'node:os';
import { checkThreadCount } from '../runtime/thread-count.js';
import { fileIdentity } from './distinct-files.node.js';
import { TrainingPage } from './training-page.node.js';
import { splitPictures, type PictureSplit } from './training-pictures.node.js';

/** A perceptual network to be distilled, by files. */
export interface TrainPerceptualOrder {
  /** A file of weights or a network's name: any VGG with all layers up to conv5_1. */
  readonly teacher: string;
  /** Folders of pictures, searched to their depths, and picture files. */
  readonly images: readonly string[];
  /** The file of weights that is made, `.safetensors`. */
  readonly output: string;
  readonly options?: PerceptualOptions | undefined;
  /**
   * A text file that names, a line each, pictures which are not trained on but validated on: the ends of their paths.
   * @defaultValue every tenth picture
   */
  readonly heldOut?: string | undefined;
  /** Such a list of pictures that are not used at all. */
  readonly exclude?: string | undefined;
  /** The folder of checkpoints. @defaultValue beside the output, `NAME.checkpoints` */
  readonly checkpoints?: string | undefined;
  /** Checkpoints that stay. @defaultValue 3 */
  readonly keep?: number | undefined;
  /** Go on from the newest checkpoint. */
  readonly resume?: boolean | undefined;
  /** Steps between checkpoints. @defaultValue 500 */
  readonly checkpointEvery?: number | undefined;
  /** Steps between validations. @defaultValue 250 */
  readonly validateEvery?: number | undefined;
  /** A page with curves and settings, also while the training goes on. */
  readonly report?: string | undefined;
  /** A JSON file with settings, curves and validations. */
  readonly log?: string | undefined;
  readonly device?: DeviceName | undefined;
  readonly threads?: number | undefined;
  /** What the log and the page say of how to train the same again. */
  readonly command?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((event: TrainingProgress) => void) | undefined;
}

export interface TrainPerceptualResult extends TrainingResult {
  /** The file of weights; undefined when the training was stopped before its end. */
  readonly output: string | undefined;
  readonly bytes: number | undefined;
  readonly widths: readonly number[];
  readonly settings: PerceptualSettings;
  readonly checkpoints: string;
  /** Pictures trained on, and held out. */
  readonly pictures: number;
  readonly heldOut: number;
  /** Pictures that could not be read in this run, each once. */
  readonly skipped: readonly SkippedPicture[];
  /** Milliseconds that steps waited for pictures. */
  readonly waited: number;
}

const stem = (path: string): string => path.slice(0, path.length - extname(path).length);

/**
 * Distils a perceptual network from a larger one, or one as large, on folders of pictures, and writes its weights in half
 * precision. Stopped by the signal it leaves a checkpoint to go on from.
 * @throws StyleError for a teacher that lacks layers, folders without pictures, settings out of range, a checkpoint of
 * another training, outputs that can't be written, a training that diverges
 */
export async function trainPerceptual(order: TrainPerceptualOrder): Promise<TrainPerceptualResult> {
  const settings = resolvePerceptualSettings(order.options ?? {});
  const folder = new CheckpointFolder(order.checkpoints ?? `${stem(order.output)}.checkpoints`, {
    keep: order.keep ?? 3,
  });
  const teacherPath = await findModel(order.teacher);
  await checkOutputs(order, teacherPath, folder.path);
  const teacher = await loadVggWeights(teacherPath);
  const pictures = await splitPictures(order, (message) => order.onProgress?.({ type: 'warning', message }));
  const runtimes = createParallelRuntimes(settings.batch, {
    device: order.device,
    threads: checkThreadCount(order.threads) ?? availableParallelism(),
  });
  try {
    return await new PerceptualTraining(order, settings, folder, teacher, pictures, runtimes).run();
  } finally {
    await Promise.all(runtimes.map((runtime) => runtime.dispose()));
  }
}

/** Checks, before the long work, that everything can be written, and over nothing that is still needed. */
async function checkOutputs(
  { output, report, log, heldOut, exclude }: TrainPerceptualOrder,
  teacher: string,
  checkpoints: string,
): Promise<void> {
  const taken = new Map<string, string>();
  const inputs = {
    'the teacher': teacher,
    'the list of held-out pictures': heldOut,
    'the list of pictures to exclude': exclude,
  };
  for (const [name, path] of Object.entries(inputs)) {
    if (path !== undefined) taken.set(await fileIdentity(path), name);
  }
  for (const [option, path] of Object.entries({ output, report, log })) {
    if (path === undefined) continue;
    const identity = await fileIdentity(path);
    const other = taken.get(identity);
    if (other !== undefined) {
      throw new StyleError('E_ARGUMENT', `"${path}" would overwrite ${other}.`, 'Name another file.', {
        option,
      });
    }
    taken.set(identity, 'another output');
    await checkReplaceable(path);
  }
  // The folder is made with the first checkpoint, and those above it where they are missing.
  let nearest = resolve(checkpoints);
  while (!existsSync(nearest)) nearest = dirname(nearest);
  await checkReplaceable(join(nearest, 'checkpoint'));
}

/** Points of the curve in a log. */
const mostLogPoints = 200;

class PerceptualTraining {
  /** Of the training pictures; the one that steps take theirs from. */
  private stream: PictureStream | undefined;
  /** Milliseconds that the statistics, which come before the first step, waited for pictures. */
  private waitedBefore = 0;
  /** By path, why a picture could not be read, of streams that are closed. */
  private readonly unreadable = new Map<string, SkippedPicture>();
  private readonly task: PerceptualTask;
  private readonly began = performance.now();

  constructor(
    private readonly order: TrainPerceptualOrder,
    private readonly settings: PerceptualSettings,
    private readonly folder: CheckpointFolder,
    private readonly teacher: VggWeights,
    private readonly pictures: PictureSplit,
    private readonly runtimes: readonly Runtime[],
  ) {
    this.task = new PerceptualTask(runtimes, {
      teacher,
      settings,
      open: (start) => this.open(start),
      validation: () => this.validationPictures(),
      signal: order.signal,
    });
  }

  async run(): Promise<TrainPerceptualResult> {
    const { order, settings, task } = this;
    const resumed = await this.resume();
    const page = this.openPage(resumed);
    try {
      const result = await trainingLoop(task, {
        ...resumed,
        steps: settings.steps,
        validateEvery: order.validateEvery ?? 250,
        checkpointEvery: order.checkpointEvery ?? 500,
        signal: order.signal,
        onProgress: (event) => {
          // The first validation stands between the statistics and the first step.
          if (event.type === 'validation' && event.step === 0) this.waitedBefore = this.stream?.waited ?? 0;
          order.onProgress?.(event);
          page?.take(event);
        },
        saveCheckpoint: async (checkpoint) => {
          await this.folder.write(checkpoint);
          // The checkpoint is safe, and that is what counts; at the end the log is written once more.
          await this.writeLog(checkpoint.history).catch((error: unknown) => {
            order.onProgress?.({ type: 'warning', message: messageOf(error) });
          });
        },
      });
      const bytes = result.stopped === 'finished' ? await this.writeWeights() : undefined;
      await this.writeLog(result.history);
      await page?.finish(result.stopped);
      return {
        ...result,
        output: bytes === undefined ? undefined : order.output,
        bytes,
        widths: this.widths(),
        settings,
        checkpoints: this.folder.path,
        pictures: this.pictures.training.length,
        heldOut: this.pictures.heldOut.length,
        skipped: this.skipped(),
        waited: this.waited(),
      };
    } catch (error) {
      // What ended the training is what is told, even where its page can't be written either.
      await page?.finish('failed', messageOf(error)).catch(() => undefined);
      throw error;
    } finally {
      await task.dispose();
    }
  }

  private async resume(): Promise<Partial<ReturnType<typeof resumeFrom>>> {
    const { checkpoint, passedOver } = await this.folder.latest();
    if (this.order.resume !== true) {
      if (checkpoint === undefined) return {};
      throw new StyleError(
        'E_STATE',
        `The folder "${this.folder.path}" has the checkpoint of an earlier training, of step ${checkpoint.step}.`,
        'Go on from it with the option resume, or name another folder with the option checkpoints, or delete it.',
        { option: 'resume' },
      );
    }
    for (const message of passedOver) this.order.onProgress?.({ type: 'warning', message });
    if (checkpoint !== undefined) return resumeFrom(checkpoint, this.task);
    throw new StyleError(
      'E_STATE',
      `There is no checkpoint in "${this.folder.path}" to go on from.`,
      'Name the folder with the option checkpoints, or start anew without the option resume.',
      { option: 'checkpoints' },
    );
  }

  private openPage(resumed: Partial<ReturnType<typeof resumeFrom>>): TrainingPage | undefined {
    const { report, onProgress } = this.order;
    if (report === undefined) return undefined;
    return new TrainingPage({
      ...resumed,
      path: report,
      title: `${basename(this.order.output)}, distilled from ${basename(this.order.teacher)}`,
      steps: this.settings.steps,
      facts: this.facts().map(([name, value]) => [name, String(value)]),
      command: this.order.command,
      onWarning: (message) => onProgress?.({ type: 'warning', message }),
    });
  }

  private widths(): number[] {
    return [1, 2, 3, 4, 5].map(
      (block) => this.task.layers.find((layer) => layer.block === block)!.outputChannels,
    );
  }

  private facts(): [name: string, value: string | number][] {
    const { widths: _, ...settings } = this.settings;
    return [
      ['teacher', basename(this.order.teacher)],
      ['pictures', this.pictures.training.length],
      ['held out', this.pictures.heldOut.length],
      ['widths', this.widths().join(', ')],
      ...Object.entries(settings),
      ['threads', this.runtimes.reduce((sum, { threads }) => sum + threads, 0)],
      [
        'versions',
        `Pastiche ${packageVersion}, ONNX Runtime ${onnxRuntimeVersion}, Node.js ${process.versions.node}`,
      ],
    ];
  }

  private async open(start: number): Promise<PictureStream> {
    const { size, batch, seed } = this.settings;
    this.stream = await PictureStream.open({ pictures: this.pictures.training, size, batch, seed, start });
    return this.stream;
  }

  /** One batch of the held-out pictures, the same in every training with the same settings. */
  private async validationPictures(): Promise<Float32Array> {
    const { size, batch, seed } = this.settings;
    const { heldOut: pictures } = this.pictures;
    const stream = await PictureStream.open({ pictures, size, batch, seed, ahead: 1 });
    return this.closing(stream, async () => (await stream.next()).values);
  }

  /** Closes a stream after its use, and remembers what it could not read. */
  private async closing<Result>(stream: PictureStream, use: () => Promise<Result>): Promise<Result> {
    try {
      return await use();
    } finally {
      for (const picture of stream.skipped) this.unreadable.set(picture.path, picture);
      await stream.close();
    }
  }

  private waited(): number {
    return (this.stream?.waited ?? 0) - this.waitedBefore;
  }

  private skipped(): SkippedPicture[] {
    const pictures = [...this.unreadable.values(), ...(this.stream?.skipped ?? [])];
    return [...new Map(pictures.map((picture) => [picture.path, picture])).values()];
  }

  private async writeWeights(): Promise<number> {
    const { teacher, runtimes, settings, task } = this;
    const student = await task.student();
    // Pictures of the training, from its beginning.
    const { size, batch, seed } = settings;
    const source = await PictureStream.open({ pictures: this.pictures.training, size, batch, seed });
    const projections = await this.closing(source, () =>
      studentProjections(runtimes, student, teacher, source, settings),
    );
    const weights: VggWeights = {
      architecture: teacher.architecture,
      preprocess: teacher.preprocess,
      convolutions: studentConvolutions(student),
      projections,
      source: { name: basename(this.order.output), format: 'pastiche' },
    };
    const metadata = {
      made_by: `Pastiche ${packageVersion}`,
      distilled_from: basename(this.order.teacher),
      settings: JSON.stringify(settings),
    };
    const bytes = encodeVggWeights(weights, { dtype: 'F16', metadata });
    await replaceFile(this.order.output, bytes);
    return bytes.length;
  }

  private async writeLog(history: TrainingResult['history']): Promise<void> {
    if (this.order.log === undefined) return;
    const { curve, validations, elapsed } = history;
    const log = {
      command: this.order.command,
      settings: Object.fromEntries(this.facts()),
      seconds: elapsed / 1000,
      waitedSeconds: this.waited() / 1000,
      secondsOfThisRun: (performance.now() - this.began) / 1000,
      skipped: this.skipped(),
      validations,
      curve: condenseCurve(curve, mostLogPoints),
    };
    const short = (_: string, value: unknown): unknown =>
      typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
    await replaceFile(this.order.log, Buffer.from(`${JSON.stringify(log, short, 1)}\n`));
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
