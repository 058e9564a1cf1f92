import { createImage, type Image } from '../../src/images/image.js';
import { createRandom } from '../../src/random.js';
import type { TrainingData } from '../../src/training/training.js';

/** A square of noise around a colour, which is drawn as well unless it is given. */
export function noisePicture(side: number, seed: number, colour?: readonly number[]): Image {
  const random = createRandom(seed);
  const mean = colour ?? [random.uniform(), random.uniform(), random.uniform()];
  const rgb = Float32Array.from({ length: 3 * side * side }, (_, i) =>
    Math.min(1, Math.max(0, mean[Math.floor(i / (side * side))]! + 0.3 * (random.uniform() - 0.5))),
  );
  return createImage(side, side, rgb);
}

/** The batch of a number: two squares of noise, other ones for each number. */
export function noiseBatch(
  side: number,
  index: number,
  colours: readonly (readonly number[])[] = [],
): Float32Array {
  const batch = new Float32Array(2 * 3 * side * side);
  [100, 200].forEach((seed, place) =>
    batch.set(noisePicture(side, seed + index, colours[place]).rgb, (place * batch.length) / 2),
  );
  return batch;
}

/** Training data in memory. @param validated the number of the batch that is validated on */
export const trainingDataOf = (batchOf: (index: number) => Float32Array, validated = 1000): TrainingData => ({
  open: (start) => {
    let index = start - 1;
    const next = (): Promise<{ index: number; values: Float32Array }> => {
      index += 1;
      return Promise.resolve({ index, values: batchOf(index) });
    };
    return Promise.resolve({ next, close: () => Promise.resolve() });
  },
  validation: () => Promise.resolve(batchOf(validated)),
});
