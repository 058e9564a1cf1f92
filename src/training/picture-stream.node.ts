import { Worker } from 'node:worker_threads';
import { StyleError } from '../errors.js';
import { defaultCropScales, type CropScales } from './picture-crops.js';
import { findPictures } from './picture-folders.node.js';
import type { PictureWorkerAnswer, PictureWorkerStart, SkippedPicture } from './picture-worker.node.js';

export type { SkippedPicture };

export interface PictureStreamOptions {
  /** Folders, searched to their depths, and files. */
  readonly pictures: readonly string[];
  /** Side of the square crops in pixels. */
  readonly size: number;
  /** Crops per batch. */
  readonly batch: number;
  /** A whole number from 0 to 2^31 - 1, for the sequence of the pictures and for the crops. */
  readonly seed: number;
  /**
   * The smallest and the largest side of a crop as a share of the picture's shorter side. The share is log-uniform between
   * them, but no crop has fewer than `size` pixels of a picture that has as many: crops are scaled down, and up only
   * where the largest share itself is below `size` pixels. @defaultValue 0.25 to 1
   */
  readonly scales?: CropScales | undefined;
  /** Whether half of the crops are mirrored, left to right. @defaultValue true */
  readonly flip?: boolean | undefined;
  /** Threads that read pictures. @defaultValue 1 */
  readonly workers?: number | undefined;
  /** How many batches are ready or being prepared at most: bounds the memory. @defaultValue 4 */
  readonly ahead?: number | undefined;
  /** The index of the first batch, to resume a training. @defaultValue 0 */
  readonly start?: number | undefined;
  /** Pictures to leave out, such as those held out for validation, by path as {@link findPictures} returns it. */
  readonly exclude?: ((path: string) => boolean) | undefined;
}

export interface PictureBatch {
  readonly index: number;
  /** RGB in [0, 1], `[batch, 3, size, size]`; owned by the receiver. */
  readonly values: Float32Array;
}

type PreparedBatch = Extract<PictureWorkerAnswer, { values: unknown }>;

interface PendingBatch {
  readonly promise: Promise<PreparedBatch>;
  resolve(batch: PreparedBatch): void;
  reject(error: Error): void;
}

function pendingBatch(): PendingBatch {
  const settle: Partial<Pick<PendingBatch, 'resolve' | 'reject'>> = {};
  const promise = new Promise<PreparedBatch>((resolve, reject) => Object.assign(settle, { resolve, reject }));
  // A batch that is never requested may fail without an unhandled rejection.
  promise.catch(() => undefined);
  return { promise, ...(settle as Required<typeof settle>) };
}

/**
 * An endless stream of batches of crops from picture files, read, cut and mirrored in worker threads ahead of their use.
 * Batch `i` is a pure function of the pictures found, their contents, the options other than `workers`, `ahead` and
 * `start`, and `i`: see `PictureOrder`. A file that can't be read is replaced by the next one of its epoch. Files are read
 * again in each epoch; a worker holds one picture at a time, at 12 bytes per pixel besides the decoder's memory. Only a
 * pending `next` keeps the process alive.
 * @example
 * ```ts
 * import { PictureStream } from 'pastiche/training';
 *
 * const stream = await PictureStream.open({ pictures: ['photos'], size: 32, batch: 4, seed: 1 });
 * const { values } = await stream.next(); // [4, 3, 32, 32]
 * await stream.close();
 * ```
 */
export class PictureStream {
  /** How many picture files were found. */
  readonly pictures: number;
  private readonly pending = new Map<number, PendingBatch>();
  private readonly reasons = new Map<string, string>();
  private readonly workers: readonly Worker[];
  private readonly exits: readonly Promise<void>[];
  private ended: StyleError | undefined;
  private waiting = 0;
  private waitedSoFar = 0;

  private constructor(
    start: PictureWorkerStart,
    workers: number,
    private readonly ahead: number,
    private following: number,
  ) {
    this.pictures = start.pictures.length;
    // Node's flags are for the caller's program, and some (--input-type) would keep a worker from starting.
    const options = { workerData: start, execArgv: [] };
    const thread = new URL('./picture-worker.node.js', import.meta.url);
    this.workers = Array.from({ length: workers }, () => new Worker(thread, options));
    this.exits = this.workers.map((worker) => this.listen(worker));
    for (let index = following; index < following + ahead; index += 1) this.request(index);
  }

  /**
   * Finds the pictures and starts to prepare the first batches.
   * @throws StyleError `E_ARGUMENT` for an option that is not usable, `E_INPUT_MISSING` when a path does not exist, a folder
   *   has no pictures or all of them are excluded, `E_INPUT_KIND`, `E_INPUT_PERMISSION` as {@link findPictures}
   */
  static async open(options: PictureStreamOptions): Promise<PictureStream> {
    const { size, batch, seed, scales = defaultCropScales, flip = true } = options;
    const { workers = 1, ahead = 4, start = 0, exclude = () => false } = options;
    checkNumbers({ size, batch, workers, ahead }, 1);
    checkNumbers({ seed, start }, 0);
    checkScales(scales);
    if (options.pictures.length === 0) {
      throw new StyleError(
        'E_ARGUMENT',
        'No folder of pictures is given.',
        'Name one or more folders, or files.',
      );
    }
    const found = await findPictures(options.pictures);
    const pictures = found.filter((path) => !exclude(path));
    if (pictures.length === 0) {
      throw new StyleError(
        'E_INPUT_MISSING',
        `All ${found.length} pictures of ${options.pictures.map((path) => `"${path}"`).join(', ')} are excluded.`,
        'Name a folder with other pictures, or exclude fewer.',
      );
    }
    return new PictureStream({ pictures, size, batch, seed, scales, flip }, workers, ahead, start);
  }

  /** The files of the batches so far that could not be read, each once, with the error's message. */
  get skipped(): readonly SkippedPicture[] {
    return [...this.reasons].map(([path, reason]) => ({ path, reason }));
  }

  /** Total milliseconds that {@link next} has waited for batches. */
  get waited(): number {
    return this.waitedSoFar;
  }

  /**
   * The next batch, at once when it is ready.
   * @throws StyleError with the code of the first picture's error when none of the pictures can be read; `E_MEMORY` when a
   *   thread ran out of memory, `E_RUNTIME` when it ended for another reason or the stream is closed
   */
  async next(): Promise<PictureBatch> {
    if (this.ended !== undefined) throw this.ended;
    const index = this.following;
    const { promise } = this.pending.get(index)!;
    this.following += 1;
    this.request(index + this.ahead);
    const began = performance.now();
    this.hold();
    try {
      const { values, skipped } = await promise;
      for (const { path, reason } of skipped) this.reasons.set(path, reason);
      return { index, values };
    } finally {
      this.waitedSoFar += performance.now() - began;
      this.pending.delete(index);
      this.release();
    }
  }

  /** Ends the threads once each has read its current picture. A pending `next` is rejected with `E_RUNTIME`. */
  async close(): Promise<void> {
    this.end(
      new StyleError(
        'E_RUNTIME',
        'The stream of pictures is closed.',
        'Open another one; its `start` can be the next batch.',
      ),
    );
    await Promise.all(this.exits);
  }

  private request(index: number): void {
    this.pending.set(index, pendingBatch());
    this.workers[index % this.workers.length]!.postMessage(index);
  }

  /** @returns a promise that resolves when the thread has exited */
  private listen(worker: Worker): Promise<void> {
    worker.on('message', (answer: PictureWorkerAnswer) => {
      const batch = this.pending.get(answer.index);
      if ('values' in answer) batch?.resolve(answer);
      else batch?.reject(new StyleError(answer.failure.code, answer.failure.message, answer.failure.remedy));
    });
    worker.on('error', (error) => this.end(deadWorker(error)));
    worker.unref();
    return new Promise((resolve) => {
      worker.on('exit', (code) => {
        this.end(deadWorker(new Error(`exit code ${code}`)));
        resolve();
      });
    });
  }

  /** Keeps the process alive while a caller waits. */
  private hold(): void {
    this.waiting += 1;
    if (this.waiting === 1) for (const worker of this.workers) worker.ref();
  }

  private release(): void {
    this.waiting -= 1;
    if (this.waiting === 0 && this.ended === undefined) for (const worker of this.workers) worker.unref();
  }

  /** Rejects pending and future requests, ends the threads, and keeps the process alive until they have ended. */
  private end(reason: StyleError): void {
    if (this.ended !== undefined) return;
    this.ended = reason;
    for (const { reject } of this.pending.values()) reject(reason);
    for (const worker of this.workers) {
      worker.ref();
      worker.postMessage('end');
    }
  }
}

function deadWorker(cause: Error): StyleError {
  const code = 'code' in cause ? cause.code : undefined;
  // A failed allocation in a thread is a RangeError.
  if (code === 'ERR_WORKER_OUT_OF_MEMORY' || cause instanceof RangeError) {
    return new StyleError(
      'E_MEMORY',
      `A thread that reads pictures ran out of memory (${cause.message}).`,
      'Use smaller crops or batches, fewer workers, or smaller picture files.',
      { cause },
    );
  }
  return new StyleError(
    'E_RUNTIME',
    `A thread that reads pictures ended too early (${cause.message}).`,
    'Start again, from the last checkpoint if there is one.',
    { cause },
  );
}

function checkNumbers(numbers: Readonly<Record<string, number>>, least: number): void {
  for (const [name, value] of Object.entries(numbers)) {
    const most = name === 'seed' ? 2 ** 31 - 1 : Number.MAX_SAFE_INTEGER;
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new StyleError(
        'E_ARGUMENT',
        `The ${name} ${value} of a stream of pictures is not a whole number ${most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`}.`,
        'Give such a number.',
      );
    }
  }
}

function checkScales([smallest, largest]: CropScales): void {
  if (!(smallest > 0 && smallest <= largest && largest <= 1)) {
    throw new StyleError(
      'E_ARGUMENT',
      `Crops from ${smallest} to ${largest} of a picture's shorter side can't be cut.`,
      'Give two shares above 0 and at most 1, the smaller one first, for example 0.25 and 1.',
    );
  }
}
