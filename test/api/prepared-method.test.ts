import { afterAll, describe, expect, it } from 'vitest';
import { Session } from '../../src/api/session.js';
import type { PreparedMethod } from '../../src/api/prepared-method.js';
import { StyleError } from '../../src/errors.js';
import type { Image } from '../../src/images/image.js';
import { evaluate } from '../../src/methods/evaluate/evaluate-method.js';
import { matchColors } from '../../src/methods/match-colors/match-colors-method.js';
import type { AnyMethod, PictureSet } from '../../src/methods/method.js';
import type { OptimizedPicture } from '../../src/methods/optimization/walk-method.js';
import { reconstruct } from '../../src/methods/reconstruct/reconstruct-method.js';
import { stylize } from '../../src/methods/stylize/stylize-method.js';
import { errorOf, planMethod, randomPicture, thrownBy } from '../methods/method-runs.js';
import { readToyWeights } from '../toy-weights.js';
import { toyPlatform } from './toy-platform.js';

const platform = toyPlatform();
const session = new Session(platform);
afterAll(() => session.dispose());
const weights = await readToyWeights();
const [content, other, painting] = [
  randomPicture(32, 24, 1),
  randomPicture(32, 24, 2),
  randomPicture(30, 30, 3),
];
const few = { scales: [24, 32], iterations: [2, 1], styleLayers: ['relu1_1'], contentLayers: ['relu2_1'] };
const picturesOf = (photograph: Image, style = painting): PictureSet => ({
  content: photograph,
  styles: [style],
});
const prepareStylization = (options: object = few): Promise<PreparedMethod> =>
  session.prepare(stylize as AnyMethod, options, { content: 1, styles: 1 });
const compiled = (): number => platform.runtimes[0]!.compiled;

/** Graphs that are compiled for each of two photographs of one size. */
async function compiledForTwo(limit: number, moreFollow: boolean): Promise<number[]> {
  const prepared = await prepareStylization();
  // The session knows what was computed of a painting before.
  const unseen = randomPicture(30, 30, 3);
  const counts: number[] = [];
  const images: Image[] = [];
  for (const photograph of [content, other]) {
    const before = compiled();
    const pictures = picturesOf(photograph, unseen);
    prepared.checkMemory(pictures, prepared.plan(pictures), limit, moreFollow);
    const { image } = (await prepared.run(pictures, {})) as OptimizedPicture;
    images.push(image);
    counts.push(compiled() - before);
  }
  await prepared.dispose();
  // Kept graphs change nothing.
  const alone = await prepareStylization();
  const { image } = (await alone.run(picturesOf(other, unseen), {})) as OptimizedPicture;
  await alone.dispose();
  expect(images[1]).toEqual(image);
  return counts;
}

describe('a method that is prepared', () => {
  it('plans as the method does', async () => {
    const prepared = await prepareStylization();
    expect(prepared.plan(picturesOf(content))).toEqual(
      planMethod(stylize, weights, picturesOf(content) as never, few),
    );
    expect(prepared).toMatchObject({
      network: { name: 'toy' },
      settings: { method: 'gram', scales: [24, 32] },
    });
  });

  it('keeps its graphs where more pictures follow and there is room', async () => {
    const { memoryBytes } = (await prepareStylization()).plan(picturesOf(content));
    const [first, second] = await compiledForTwo(10 * memoryBytes, true);
    // The painting, the photograph and the loss at each of two scales; then all of them are there.
    expect([first, second]).toEqual([6, 0]);
  });

  it('keeps none where nothing follows, or where they would not fit', async () => {
    const { memoryBytes } = (await prepareStylization()).plan(picturesOf(content));
    // The painting's statistics are known from the first photograph on.
    expect(await compiledForTwo(10 * memoryBytes, false)).toEqual([6, 4]);
    expect(await compiledForTwo(1.5 * memoryBytes, true)).toEqual([6, 4]);
  });

  it('refuses what does not fit into memory', async () => {
    const prepared = await prepareStylization({ ...few, scales: [600], iterations: 1 });
    const pictures = picturesOf(randomPicture(600, 400, 4));
    const plan = prepared.plan(pictures);
    expect(() => prepared.checkMemory(pictures, plan, plan.memoryBytes)).not.toThrow();
    const error = thrownBy(() => prepared.checkMemory(pictures, plan, plan.memoryBytes - 1));
    expect(error).toMatchObject({ code: 'E_MEMORY', option: 'size' });
  });

  it('has no result where its signal ended it before', async () => {
    const prepared = await prepareStylization();
    const cause = new Error('enough');
    const signal = AbortSignal.abort(cause);
    const error = await errorOf(Promise.resolve().then(() => prepared.run(picturesOf(content), { signal })));
    expect(error).toMatchObject({ name: 'AbortError', cause });
  });

  it('without a network runs without a runtime', async () => {
    const own = toyPlatform();
    const prepared = await new Session(own).prepare(matchColors, {}, { picture: 1, reference: 1 });
    const pictures = { picture: content, reference: painting };
    prepared.checkMemory(pictures, prepared.plan(pictures), Infinity);
    expect(await prepared.run(pictures, {})).toMatchObject({ stopped: 'finished', image: { width: 32 } });
    await prepared.dispose();
    expect(own.runtimes).toEqual([]);
  });
});

/** A method that takes no picture but the one that it is given. */
const refusingSmall: AnyMethod['run'] = (task) => {
  const { picture } = task.pictures as { picture: Image };
  if (picture.width < 800) throw new StyleError('E_ARGUMENT', 'They differ.', 'Give the whole ones.');
  return reconstruct.run(task);
};

describe('the speed of a machine', () => {
  it('is measured by a few steps, and makes a plan a time', async () => {
    const prepared = await session.prepare(reconstruct, { layer: 'relu2_1' }, { picture: 1 });
    const pictures = { picture: content };
    const plan = prepared.plan(pictures);
    const speed = (await prepared.measureSpeed(pictures, plan))!;
    expect(speed.operationsPerSecond).toBeGreaterThan(0);
    expect(Number.isFinite(speed.operationsPerSecond)).toBe(true);
    // Twice the operations take the time of the operations more; each scale takes its time.
    const seconds = speed.secondsOf(plan);
    const ofOperations = plan.operations / speed.operationsPerSecond;
    expect(speed.secondsOf({ ...plan, operations: 2 * plan.operations })).toBeCloseTo(
      seconds + ofOperations,
      9,
    );
    const twice = speed.secondsOf({ ...plan, scales: [...plan.scales, ...plan.scales] });
    expect(twice - seconds).toBeCloseTo(seconds - ofOperations, 9);
    expect(seconds).toBeGreaterThan(ofOperations);
    await prepared.dispose();
  });

  it('is that of a small picture, however large the one is that it is measured for', async () => {
    const prepared = await session.prepare(reconstruct, { layer: 'relu2_1', size: 64 }, { picture: 1 });
    // Nobody can have read all the values of a picture that doesn't let some of them be read.
    const rgb = new Float32Array(3 * 2000 * 1500);
    let read = 0;
    const counted = new Proxy(rgb, {
      get(values, key) {
        if (typeof key === 'string' && /^\d+$/.test(key)) read += 1;
        const value = Reflect.get(values, key, values) as unknown;
        return typeof value === 'function' ? (value as () => unknown).bind(values) : value;
      },
    });
    const plan = prepared.plan({ picture: { ...content, width: 2000, height: 1500, rgb } });
    const pictures = { picture: { width: 2000, height: 1500, rgb: counted } };
    expect(await prepared.measureSpeed(pictures, plan)).toBeDefined();
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(rgb.length / 50);
    await prepared.dispose();
  });

  it('is measured with the pictures themselves where small ones do not go together', async () => {
    const prepared = await session.prepare(
      { ...reconstruct, run: refusingSmall } as AnyMethod,
      { layer: 'relu2_1', size: 64 },
      { picture: 1 },
    );
    const pictures = { picture: randomPicture(800, 600, 7) };
    expect(await prepared.measureSpeed(pictures, prepared.plan(pictures))).toBeDefined();
    await prepared.dispose();
  });

  it('leaves the graphs of the run itself right', async () => {
    const prepared = await prepareStylization();
    const pictures = picturesOf(content);
    const plan = prepared.plan(pictures);
    prepared.checkMemory(pictures, plan, 100 * plan.memoryBytes, true);
    await prepared.measureSpeed(pictures, plan);
    const { image } = (await prepared.run(pictures, {})) as OptimizedPicture;
    await prepared.dispose();
    const fresh = await prepareStylization();
    expect(image).toEqual(((await fresh.run(pictures, {})) as OptimizedPicture).image);
    await fresh.dispose();
  });

  it.each([
    ['evaluate', evaluate, { picture: content, content, style: painting }],
    ['match-colors', matchColors, { picture: content, reference: painting }],
  ] as const)('is unknown of %s, which has no steps', async (_, method, pictures) => {
    const prepared = await session.prepare(method as AnyMethod, {}, {});
    expect(await prepared.measureSpeed(pictures, prepared.plan(pictures))).toBe(undefined);
    await prepared.dispose();
  });
});
