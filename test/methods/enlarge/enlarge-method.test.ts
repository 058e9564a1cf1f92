import { afterAll, describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../../src/images/image.js';
import { clampUnit, resizePlanes } from '../../../src/images/resize.js';
import { enlarge } from '../../../src/methods/enlarge/enlarge-method.js';
import type { EnlargeOptions } from '../../../src/methods/enlarge/options.js';
import { PictureMemory } from '../../../src/methods/picture-memory.js';
import { ProgramCache } from '../../../src/runtime/program-cache.js';
import { input } from '../../../src/graph/index.js';
import { enlargingParameters, type EnlargingModel } from '../../../src/networks/enlarging-model.js';
import { enlargingNetwork } from '../../../src/networks/enlarging-network.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { valuesOf } from '../../graph-values.js';
import { toyEnlargingModel } from '../../networks/toy-enlarging-model.js';
import { errorOf, randomPicture, thrownBy } from '../method-runs.js';

const runtime = createNativeRuntime({ threads: 1, keepMemory: false });
afterAll(() => runtime.dispose());
const toy = toyEnlargingModel();

async function enlarged(
  picture: Image,
  options: EnlargeOptions = {},
  model: EnlargingModel = toy,
  signal?: AbortSignal,
): Promise<Image> {
  const programs = new ProgramCache(runtime);
  const settings = enlarge.resolve(options);
  const task = {
    settings,
    pictures: { picture },
    runtime,
    weights: model,
    programs,
    memory: new PictureMemory(),
  };
  try {
    return (await enlarge.run({ ...task, signal })).image;
  } finally {
    await programs.dispose();
  }
}

/** What the network makes of the whole picture. */
function whole({ width, height, rgb }: Image): Promise<Float32Array> {
  const x = input('x', [1, 3, height, width]);
  return valuesOf(enlargingNetwork(x, enlargingParameters(toy), toy.options), { x: rgb });
}

const worst = (one: ArrayLike<number>, other: ArrayLike<number>): number =>
  Array.from(one).reduce((most, value, i) => Math.max(most, Math.abs(value - other[i]!)), 0);

describe('enlarge', () => {
  it('gives what the network makes of the whole, in whatever parts it is done', async () => {
    const picture = randomPicture(61, 45, 4);
    const expected = clampUnit(await whole(picture));
    for (const tile of [16, 20, 45, 512]) {
      const image = await enlarged(picture, { tile });
      expect([image.width, image.height]).toEqual([244, 180]);
      expect(worst(image.rgb, expected), `tiles of ${tile}`).toBeLessThan(1e-5);
    }
  });

  it('halves what a model of factor 4 makes where 2 is wanted, in parts as a whole', async () => {
    const picture = randomPicture(50, 33, 5);
    const [from, to] = [
      { width: 200, height: 132 },
      { width: 100, height: 66 },
    ];
    const expected = clampUnit(resizePlanes(await whole(picture), 3, from, to));
    for (const tile of [16, 512]) {
      const image = await enlarged(picture, { factor: 2, tile });
      expect([image.width, image.height]).toEqual([100, 66]);
      expect(worst(image.rgb, expected), `tiles of ${tile}`).toBeLessThan(1e-5);
    }
  });

  it('takes a picture of one pixel', async () => {
    const image = await enlarged(randomPicture(1, 1, 6));
    expect([image.width, image.height, image.alpha]).toEqual([4, 4, undefined]);
    expect(image.rgb.every((value) => value >= 0 && value <= 1)).toBe(true);
  });

  it('keeps a grey picture grey', async () => {
    const grey = randomPicture(9, 7, 7).rgb.subarray(0, 63);
    const image = await enlarged(createImage(9, 7, Float32Array.from([...grey, ...grey, ...grey])));
    const [red, green, blue] = [0, 1, 2].map((i) => image.rgb.subarray(i * 1008, (i + 1) * 1008));
    expect(green).toEqual(red);
    expect(blue).toEqual(red);
  });

  it('enlarges opacity, and shows nothing of the colours under what can not be seen', async () => {
    const [width, height] = [12, 10];
    const alpha = Float32Array.from({ length: width * height }, (_, i) => (i % width < 6 ? 1 : 0));
    const { rgb } = randomPicture(width, height, 8);
    const under = (value: number): Float32Array => rgb.map((own, i) => (i % width < 6 ? own : value));
    const [black, white] = await Promise.all(
      [0, 1].map((value) => enlarged(createImage(width, height, under(value), alpha))),
    );
    expect(black!.alpha).toHaveLength(16 * width * height);
    // Far from the edge it is as it was.
    expect(black!.alpha![0]).toBe(1);
    expect(black!.alpha![4 * width - 1]).toBe(0);
    expect(white!.alpha).toEqual(black!.alpha);
    const seen = black!.rgb.map((value, i) => value * black!.alpha![i % (16 * width * height)]!);
    const other = white!.rgb.map((value, i) => value * white!.alpha![i % (16 * width * height)]!);
    expect(worst(seen, other)).toBe(0);
  });

  it('refuses a model of a smaller factor', () => {
    const pictures = { picture: randomPicture(3, 3, 9) };
    const model = toyEnlargingModel({ factor: 2 });
    const settings = enlarge.resolve({ factor: 4 });
    expect(thrownBy(() => enlarge.plan({ settings, pictures }, model))).toMatchObject({
      code: 'E_ARGUMENT',
      option: 'factor',
    });
    expect(enlarge.plan({ settings: enlarge.resolve({ factor: 2 }), pictures }, model)).toMatchObject({
      width: 6,
      height: 6,
    });
  });

  it('plans less memory for smaller parts, and ends between them', async () => {
    const pictures = { picture: randomPicture(90, 70, 10) };
    const memory = (tile: number): number =>
      enlarge.plan({ settings: enlarge.resolve({ tile }), pictures }, toy).memoryBytes;
    expect(memory(16)).toBeLessThan(memory(64));
    const control = new AbortController();
    control.abort();
    const error = await errorOf(enlarged(pictures.picture, {}, toy, control.signal));
    expect(error).toMatchObject({ name: 'AbortError' });
  });

  it.each([{ factor: 3 }, { tile: 4 }, { size: 100 }])('refuses the options %o', (options) => {
    expect(thrownBy(() => enlarge.resolve(options as EnlargeOptions))).toMatchObject({ code: 'E_ARGUMENT' });
  });
});
