import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { argumentError } from '../errors.js';
import { readImage } from '../images/codec.node.js';
import { checkReplaceable, replaceFile } from '../replace-file.node.js';
import type { DeviceName } from '../runtime/devices.node.js';
import { createParallelRuntimes } from '../runtime/parallel-runtimes.node.js';
import { checkThreadCount } from '../runtime/thread-count.js';
import { CheckpointFolder } from '../training/checkpoint-folder.node.js';
import type { ResumedTraining } from '../training/checkpoint.js';
import { splitPictures, type PictureSplit } from '../training/picture-split.node.js';
import type { SkippedPicture } from '../training/picture-stream.node.js';
import { condenseCurve } from '../training/training-history.js';
import { trainingLoop, type TrainingResult } from '../training/training-loop.js';
import { TrainingPictures } from '../training/training-pictures.node.js';
import type { TrainingProgress } from '../training/training-progress.js';
import {
  courseOptionsSchema,
  type AnyTraining,
  type InputFiles,
  type NetworkTask,
  type PictureCollection,
  type PictureFile,
  type TrainingInput,
  type TrainingSettings,
} from '../training/training.js';
import { trainings } from '../training/trainings.js';
import { parseEnlargingModel } from '../networks/enlarging-model.js';
import { parseStyleDecoderModel } from '../networks/style-decoder-model.js';
import { parseStyleModel } from '../networks/style-model.js';
import { findModel, loadVggWeights } from '../weights/model-files.node.js';
import { readModelFile } from '../weights/load-model.node.js';
import { checkOverwritten, namedOutputs } from './distinct-files.node.js';
import { stem } from './file-recorder.node.js';
import { findByName } from './find-by-name.js';
import { TrainingPage } from './training-page.node.js';
import { versions, versionsText } from './versions.node.js';
import { messageOf } from './write-queue.js';

/** A network to be trained, by files. */
export interface TrainingOrder {
  /** What it is trained after, by the name of the training's input: `{ teacher: 'vgg19' }`, `{ paintings: ['wave.jpg'] }`. */
  readonly inputs: InputFiles;
  /** Folders of pictures, searched to their depths, and picture files. */
  readonly images: readonly string[];
  /** The file of the network that is made: `.safetensors` or `.onnx`. */
  readonly output: string;
  /** The training's options. */
  readonly options?: object | undefined;
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

export interface TrainedNetwork extends TrainingResult {
  /** The file of weights; undefined when the training was stopped before its end. */
  readonly output: string | undefined;
  readonly bytes: number | undefined;
  /** What is known of the network by its design, such as `widths`. */
  readonly design: NetworkTask['design'];
  readonly settings: TrainingSettings;
  readonly checkpoints: string;
  /** Pictures trained on, and held out. */
  readonly pictures: number;
  readonly heldOut: number;
  /** Pictures that could not be read in this run, each once. */
  readonly skipped: readonly SkippedPicture[];
  /** Milliseconds that steps waited for pictures. */
  readonly waited: number;
}

const standard = courseOptionsSchema.parse({});

/**
 * Trains a network on folders of pictures and writes its weights. Stopped by the signal it leaves a checkpoint to go on from.
 * @param kind one of `trainings`, or its name
 * @throws StyleError for inputs that can't be learnt from, folders without pictures, settings out of range, a checkpoint of
 * another training, outputs that can't be written, a training that diverges
 * @example
 * ```ts no-run
 * import { train } from 'pastiche/training';
 *
 * const { output, validation } = await train('perceptual', {
 *   inputs: { teacher: 'vgg19' },
 *   images: ['photos'],
 *   output: 'small.safetensors',
 *   options: { widths: [16, 32, 64, 128, 128], steps: 2000 },
 *   onProgress: (event) => event.type === 'step' && console.log(event.step, event.total),
 * });
 * console.log(output, validation?.losses);
 * ```
 */
export async function train(kind: AnyTraining | string, order: TrainingOrder): Promise<TrainedNetwork> {
  const training = findByName('training', trainings, kind);
  const settings = training.resolve(order.options ?? {}) as TrainingSettings;
  const folder = new CheckpointFolder(order.checkpoints ?? `${stem(order.output)}.checkpoints`, {
    keep: order.keep ?? standard.keep,
  });
  const paths = await findInputs(training, order);
  await checkOutputs(order, paths, folder.path);
  const inputs = await readInputs(training, paths, order);
  const split = await splitPictures(order, (message) => order.onProgress?.({ type: 'warning', message }));
  const pictures = new TrainingPictures(split, settings);
  const runtimes = createParallelRuntimes(settings.batch, {
    device: order.device,
    threads: checkThreadCount(order.threads) ?? availableParallelism(),
  });
  try {
    const { open, validation } = pictures;
    const { signal } = order;
    const task = training.begin({ settings, inputs, runtimes, open, validation, signal });
    const threads = runtimes.reduce((sum, runtime) => sum + runtime.threads, 0);
    return await new TrainingRun({ training, order, settings, folder, pictures, threads, task }).run();
  } finally {
    await Promise.all(runtimes.map((runtime) => runtime.dispose()));
  }
}

/** The files of an input as they are named, or the standard one. */
const filesOf = ({ name, default: standardFile }: TrainingInput, given: InputFiles): string[] =>
  [given[name] ?? standardFile ?? []].flat();

/** The files of a training's inputs, by name. @throws StyleError `E_ARGUMENT` for one that is not named */
async function findInputs(
  training: AnyTraining,
  { inputs }: TrainingOrder,
): Promise<Record<string, string[]>> {
  const paths: Record<string, string[]> = {};
  for (const input of training.inputs) {
    const { name, kind, description, optional = false } = input;
    const given = filesOf(input, inputs);
    if (given.length === 0) {
      if (optional) continue;
      throw argumentError(name, `No ${name} is named.`, `Name the ${description}.`);
    }
    paths[name] = kind === 'network' ? [await findModel(given[0]!)] : given;
  }
  return paths;
}

async function readInputs(
  training: AnyTraining,
  paths: Readonly<Record<string, readonly string[]>>,
  { heldOut, exclude }: TrainingOrder,
): Promise<Record<string, unknown>> {
  const readers: Record<TrainingInput['kind'], (files: readonly string[]) => Promise<unknown>> = {
    network: ([file]) => loadVggWeights(file!),
    'style-model': async ([file]) => parseStyleModel(await readModelFile(file!), file!),
    'any-style-model': async ([file]) => parseStyleDecoderModel(await readModelFile(file!), file!),
    'enlarging-model': async ([file]) => parseEnlargingModel(await readModelFile(file!), file!),
    pictures: (files) =>
      Promise.all(files.map(async (file) => ({ name: basename(stem(file)), image: await readImage(file) }))),
    collection: async (images) => collectionOf(await splitPictures({ images, heldOut, exclude })),
  };
  const inputs: Record<string, unknown> = {};
  for (const { name, kind } of training.inputs) {
    if (paths[name] !== undefined) inputs[name] = await readers[kind](paths[name]);
  }
  return inputs;
}

function collectionOf({ training, heldOut }: PictureSplit): PictureCollection {
  const toRead = (paths: readonly string[]): PictureFile[] =>
    paths.map((path) => ({ name: basename(stem(path)), read: () => readImage(path) }));
  return { training: toRead(training), heldOut: toRead(heldOut) };
}

/** Checks, before the long work, that everything can be written, and over nothing that is still needed. */
async function checkOutputs(
  { output, report, log, heldOut, exclude }: TrainingOrder,
  inputs: Readonly<Record<string, readonly string[]>>,
  checkpoints: string,
): Promise<void> {
  const read = [
    ...Object.entries(inputs).flatMap(([name, paths]) =>
      paths.map((path) => ({ path, what: `the ${name}` })),
    ),
    { path: heldOut, what: 'the list of held-out pictures' },
    { path: exclude, what: 'the list of pictures to exclude' },
  ];
  const written = namedOutputs({ output, report, log });
  await checkOverwritten(read, written);
  for (const { path } of written) await checkReplaceable(path);
  // The folder is made with the first checkpoint, and those above it where they are missing.
  let nearest = resolve(checkpoints);
  while (!existsSync(nearest)) nearest = dirname(nearest);
  await checkReplaceable(join(nearest, 'checkpoint'));
}

/** Points of the curve in a log. */
const mostLogPoints = 200;

/** What a run has in hand. */
interface TrainingRunParts {
  readonly training: AnyTraining;
  readonly order: TrainingOrder;
  readonly settings: TrainingSettings;
  readonly folder: CheckpointFolder;
  readonly pictures: TrainingPictures;
  readonly threads: number;
  readonly task: NetworkTask;
}

/** One run: from where an earlier one stopped to the end or the signal, with what it writes. */
class TrainingRun {
  /** Milliseconds of waiting for pictures: before the first step, as for statistics, and until the last one. */
  private waitedBefore = 0;
  private waitedUntil = 0;
  private readonly began = performance.now();
  private readonly inputNames: Readonly<Record<string, string>>;

  constructor(private readonly parts: TrainingRunParts) {
    const { training, order } = parts;
    this.inputNames = Object.fromEntries(
      training.inputs.flatMap((input) => {
        const files = filesOf(input, order.inputs).map((file) => basename(file));
        return files.length === 0 ? [] : [[input.name, files.join(', ')]];
      }),
    );
  }

  async run(): Promise<TrainedNetwork> {
    const { order, settings, folder, pictures, task } = this.parts;
    let page: TrainingPage | undefined;
    try {
      const resumed = await folder.begin(task, order.resume === true, (message) => this.warn(message));
      page = this.openPage(resumed);
      const result = await trainingLoop(task, {
        ...resumed,
        steps: settings.steps,
        validateEvery: order.validateEvery ?? standard.validateEvery,
        checkpointEvery: order.checkpointEvery ?? standard.checkpointEvery,
        signal: order.signal,
        onProgress: (event) => {
          // The first validation stands between the statistics and the first step.
          if (event.type === 'validation' && event.step === 0) this.waitedBefore = pictures.waited;
          order.onProgress?.(event);
          page?.take(event);
        },
        saveCheckpoint: async (checkpoint) => {
          await folder.write(checkpoint);
          // The checkpoint is safe, and that is what counts; at the end the log is written once more.
          this.waitedUntil = pictures.waited;
          await this.writeLog(checkpoint.history).catch((error: unknown) => this.warn(messageOf(error)));
        },
      });
      this.waitedUntil = pictures.waited;
      const bytes = result.stopped === 'finished' ? await this.writeNetwork() : undefined;
      await this.writeLog(result.history);
      await page?.finish(result.stopped);
      return {
        ...result,
        output: bytes === undefined ? undefined : order.output,
        bytes,
        design: task.design,
        settings,
        checkpoints: folder.path,
        pictures: pictures.split.training.length,
        heldOut: pictures.split.heldOut.length,
        skipped: pictures.skipped,
        waited: this.waited,
      };
    } catch (error) {
      // What ended the training is what is told, even where its page can't be written either.
      await page?.finish('failed', messageOf(error)).catch(() => undefined);
      throw error;
    } finally {
      await task.dispose();
    }
  }

  private warn(message: string): void {
    this.parts.order.onProgress?.({ type: 'warning', message });
  }

  private get waited(): number {
    return this.waitedUntil - this.waitedBefore;
  }

  private openPage(resumed: Partial<ResumedTraining>): TrainingPage | undefined {
    const { training, order, settings } = this.parts;
    if (order.report === undefined) return undefined;
    return new TrainingPage({
      ...resumed,
      path: order.report,
      title: training.title(basename(order.output), this.inputNames),
      steps: settings.steps,
      facts: Object.entries(this.facts()).map(([name, value]) => [name, String(value)]),
      command: order.command,
      onWarning: (message) => this.warn(message),
    });
  }

  /** What the page and the log say of what was trained with what. */
  private facts(): Record<string, unknown> {
    const { settings, pictures, threads, task } = this.parts;
    const design = Object.entries(task.design).map(([name, values]) => [name, values.join(', ')]);
    return {
      ...this.inputNames,
      pictures: pictures.split.training.length,
      'held out': pictures.split.heldOut.length,
      ...settings,
      ...(Object.fromEntries(design) as object),
      threads,
      versions: versionsText(versions),
    };
  }

  /** @returns bytes of the file */
  private async writeNetwork(): Promise<number> {
    const { training, order, settings, task } = this.parts;
    const bytes = await task.encode({
      made_by: `Pastiche ${versions.pastiche}`,
      ...training.origin(this.inputNames),
      settings: JSON.stringify(settings),
    });
    await replaceFile(order.output, bytes);
    return bytes.length;
  }

  private async writeLog({ curve, validations, elapsed }: TrainingResult['history']): Promise<void> {
    const { order, pictures } = this.parts;
    if (order.log === undefined) return;
    const log = {
      command: order.command,
      settings: this.facts(),
      seconds: elapsed / 1000,
      waitedSeconds: this.waited / 1000,
      secondsOfThisRun: (performance.now() - this.began) / 1000,
      skipped: pictures.skipped,
      validations,
      curve: condenseCurve(curve, mostLogPoints),
    };
    const short = (_: string, value: unknown): unknown =>
      typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
    await replaceFile(order.log, Buffer.from(`${JSON.stringify(log, short, 1)}\n`));
  }
}
