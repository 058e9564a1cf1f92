import { parentPort, workerData } from 'node:worker_threads';
import { StyleError, type StyleErrorCode } from '../errors.js';
import { readImage } from '../images/codec.node.js';
import { cropSquare, cutCrop, PictureOrder, type CropScales } from './picture-crops.js';

/** A worker's start data: all that a batch depends on, besides its index and the files' contents. */
export interface PictureWorkerStart {
  readonly pictures: readonly string[];
  readonly size: number;
  readonly batch: number;
  readonly seed: number;
  readonly scales: CropScales;
  readonly flip: boolean;
}

/** A picture that can't be read. */
export interface SkippedPicture {
  readonly path: string;
  readonly reason: string;
}

/** The answer to the index of a batch. */
export type PictureWorkerAnswer =
  | {
      readonly index: number;
      /** `[batch, 3, size, size]`, transferred. */
      readonly values: Float32Array<ArrayBuffer>;
      /** The unreadable pictures that the batch met, in sequence. */
      readonly skipped: readonly SkippedPicture[];
    }
  | {
      readonly index: number;
      readonly failure: {
        readonly code: StyleErrorCode;
        readonly message: string;
        readonly remedy: string;
      };
    };

const start = workerData as PictureWorkerStart;
const order = new PictureOrder(start.seed, start.pictures.length);
/** By the picture's index: no file is tried again that could not be read. */
const broken = new Map<number, StyleError>();
let ended = false;

/**
 * The crop at a position, from the first of its candidates that can be read.
 * @param met collects those that can't
 * @throws StyleError with the code of the first one's error when none can be read, or when the stream is closed
 */
async function cropAt(position: number, met: Map<number, StyleError>): Promise<Float32Array> {
  const draw = order.crop(position);
  for (let candidate = 0; candidate < order.pictures && !ended; candidate += 1) {
    const picture = order.picture(position, candidate);
    const known = broken.get(picture);
    if (known === undefined) {
      try {
        const image = await readImage(start.pictures[picture]!);
        const square = cropSquare(draw, image, start.size, start.scales);
        return cutCrop(image, square, start.size, start.flip && draw.flipped);
      } catch (error) {
        if (!(error instanceof StyleError)) throw error;
        broken.set(picture, error);
      }
    }
    met.set(picture, broken.get(picture)!);
  }
  const first = [...met.values()][0];
  throw new StyleError(
    first?.code ?? 'E_IMAGE_DECODE',
    `None of the ${order.pictures} pictures can be read; the first one tried: ${first?.message ?? ''}`,
    first?.remedy ?? '',
  );
}

async function createBatch(index: number): Promise<PictureWorkerAnswer> {
  const { batch, size } = start;
  const values = new Float32Array(batch * 3 * size * size);
  const met = new Map<number, StyleError>();
  try {
    for (let i = 0; i < batch; i += 1) values.set(await cropAt(index * batch + i, met), i * 3 * size * size);
  } catch (error) {
    if (!(error instanceof StyleError)) throw error;
    const { code, message, remedy } = error;
    return { index, failure: { code, message, remedy } };
  }
  const skipped = [...met].map(([picture, { message }]) => ({
    path: start.pictures[picture]!,
    reason: message,
  }));
  return { index, values, skipped };
}

async function answer(index: number): Promise<void> {
  if (ended) return;
  const result = await createBatch(index);
  if (!ended) parentPort!.postMessage(result, 'values' in result ? [result.values.buffer] : []);
}

// One batch after the other; messages arrive while a file is being read, so that `ended` is set at once.
let queue = Promise.resolve();
parentPort!.on('message', (message: number | 'end') => {
  if (message === 'end') ended = true;
  queue = queue.then(() => (message === 'end' ? parentPort!.close() : answer(message)));
});
