import { createImage, type Image } from '../../src/images/image.js';
import {
  picturesOf,
  type Method,
  type MethodOutcome,
  type MethodTask,
  type PictureCounts,
  type PictureOutcome,
  type PictureSet,
} from '../../src/methods/method.js';
import { PictureMemory } from '../../src/methods/picture-memory.js';
import type { MethodPlan } from '../../src/methods/plan.js';
import { ProgramCache } from '../../src/runtime/program-cache.js';
import type { VggWeights } from '../../src/networks/vgg-weights.js';
import { createRandom } from '../../src/random.js';
import type { Runtime } from '../../src/runtime/runtime.js';

/** What a method is tried with. */
export interface Bench {
  readonly runtime: Runtime;
  readonly weights: VggWeights;
  /** Compiled graphs that runs of the same settings share; left to the caller. */
  readonly programs?: ProgramCache;
}

/** How a run is followed, ended and resumed. */
export type RunControl = Partial<
  Pick<MethodTask<never, never>, 'signal' | 'onProgress' | 'resume' | 'scales' | 'factors'>
>;

/** How many pictures there are of each role. */
export function countPictures(pictures: PictureSet): PictureCounts {
  return Object.fromEntries(Object.keys(pictures).map((role) => [role, picturesOf(pictures, role).length]));
}

/** Runs a method as the library's functions do, but in this thread and without looking at memory. */
export async function runMethod<
  Options extends object,
  Settings extends object,
  Pictures extends object,
  Outcome extends MethodOutcome,
>(
  method: Method<Options, Settings, Pictures, Outcome>,
  { runtime, weights, programs }: Bench,
  pictures: Pictures,
  options: Options,
  control: RunControl = {},
): Promise<Outcome> {
  const settings = method.resolve(options, countPictures(pictures as PictureSet));
  const own = programs ?? new ProgramCache(runtime);
  try {
    const memory = new PictureMemory();
    return await method.run({ settings, pictures, runtime, weights, programs: own, memory, ...control });
  } finally {
    if (programs === undefined) await own.dispose();
  }
}

/**
 * Runs a method at once, and in windows of a side at every scale.
 * @returns both outcomes, and the mean difference of their pictures
 */
export async function runInWindows<
  Options extends object,
  Settings extends object,
  Pictures extends object,
  Outcome extends PictureOutcome,
>(
  method: Method<Options, Settings, Pictures, Outcome>,
  bench: Bench,
  pictures: Pictures,
  options: Options,
  window: number,
): Promise<{ readonly whole: Outcome; readonly windowed: Outcome; readonly difference: number }> {
  const { scales } = planMethod(method, bench.weights, pictures, options);
  const whole = await runMethod(method, bench, pictures, options);
  const inWindows = { scales: scales.map((scale) => ({ ...scale, window })) };
  const windowed = await runMethod(method, bench, pictures, options, inWindows);
  const { rgb } = windowed.image;
  const off = whole.image.rgb.reduce((sum, value, i) => sum + Math.abs(value - rgb[i]!), 0);
  return { whole, windowed, difference: off / rgb.length };
}

/** What a method plans for pictures and options. */
export function planMethod<Options extends object, Settings extends object, Pictures extends object>(
  method: Method<Options, Settings, Pictures>,
  weights: VggWeights,
  pictures: Pictures,
  options: Options,
): MethodPlan {
  const settings = method.resolve(options, countPictures(pictures as PictureSet));
  return method.plan({ settings, pictures }, weights);
}

/** The error that something ends with; fails where it ends well. */
export async function errorOf(work: PromiseLike<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('There was no error.');
}

/** The error that a function throws; fails where it throws none. */
export function thrownBy(compute: () => unknown): unknown {
  try {
    compute();
  } catch (error) {
    return error;
  }
  throw new Error('There was no error.');
}

/** A picture of random pixels. */
export function randomPicture(width: number, height: number, seed: number, alpha?: Float32Array): Image {
  const random = createRandom(seed);
  const rgb = Float32Array.from({ length: 3 * width * height }, () => random.uniform());
  return createImage(width, height, rgb, alpha);
}
