import { afterAll, describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../../src/images/image.js';
import type { OptimizedPicture } from '../../../src/methods/optimization/walk-method.js';
import type { NeighborOptions } from '../../../src/methods/neighbors/options.js';
import {
  neighborStylization,
  type NeighborPictures,
} from '../../../src/methods/neighbors/neighbors-method.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { readToyWeights } from '../../toy-weights.js';
import { planMethod, randomPicture, runMethod, thrownBy, type RunControl } from '../method-runs.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());
const weights = await readToyWeights();

const content = randomPicture(40, 30, 1);
const style = randomPicture(36, 44, 2);
const quick: NeighborOptions = {
  scales: [24, 40],
  iterations: [6, 6],
  splitIterations: 4,
  rematch: 2,
  layers: ['relu1_1', 'relu2_1', 'relu3_1'],
  contentLayers: ['relu3_1'],
};

const stylize = (
  pictures: NeighborPictures,
  options: NeighborOptions = {},
  control: RunControl = {},
): Promise<OptimizedPicture> =>
  runMethod(neighborStylization, { runtime, weights }, pictures, { ...quick, ...options }, control);

const plain = (width: number, height: number, color: readonly number[]): Image =>
  createImage(
    width,
    height,
    Float32Array.from({ length: 3 * width * height }, (_, i) => color[Math.floor(i / (width * height))]!),
  );

/** The left half in one colour and the right half in another. */
const halves = (width: number, height: number, colors: readonly (readonly number[])[]): Image =>
  createImage(
    width,
    height,
    Float32Array.from({ length: 3 * width * height }, (_, i) => {
      const at = i % (width * height);
      return colors[at % width < width / 2 ? 0 : 1]![Math.floor(i / (width * height))]!;
    }),
  );

const meanOf = (
  { rgb, width, height }: Image,
  channel: number,
  columns: readonly [number, number],
): number => {
  let [sum, count] = [0, 0];
  for (let y = 0; y < height; y += 1) {
    for (let x = columns[0]; x < columns[1]; x += 1) {
      sum += rgb[(channel * height + y) * width + x]!;
      count += 1;
    }
  }
  return sum / count;
};

describe('a stylisation by neighbours', () => {
  it('brings features nearer to their neighbours, coarse to fine and then layer by layer', async () => {
    const result = await stylize({ content, styles: [style] });
    expect(result).toMatchObject({ stopped: 'finished', iterations: 16 });
    expect(result.image).toMatchObject({ width: 40, height: 30 });
    for (const scale of [0, 1, 2]) {
      const losses = result.curve.filter((point) => point.scale === scale).map(({ total }) => total);
      expect(losses.at(-1)).toBeLessThan(losses[0]!);
    }
    expect(result.image.rgb.every((value) => value >= 0 && value <= 1)).toBe(true);
  });

  it('finds the photograph itself where it is the painting', async () => {
    const result = await stylize(
      { content, styles: [content] },
      { scales: [40], iterations: [3], splitIterations: 0, margin: 0, tvWeight: 0, grainWeight: 0 },
    );
    expect(result.curve[0]!.style).toBeLessThan(1e-4);
  });

  it('ends as it would have without a stop, wherever it is resumed', async () => {
    const whole = await stylize({ content, styles: [style] });
    for (const stop of [3, 8, 13, 15]) {
      const controller = new AbortController();
      const part = await stylize(
        { content, styles: [style] },
        {},
        {
          signal: controller.signal,
          onProgress: (event) => {
            if (event.type === 'iteration' && event.iteration === stop) controller.abort();
          },
        },
      );
      expect(part).toMatchObject({ stopped: 'cancelled', iterations: stop });
      const resumed = await stylize({ content, styles: [style] }, {}, { resume: part.state() });
      expect(resumed.image).toEqual(whole.image);
    }
  });

  it('has the picture so far where it is stopped before the search of a later scale', async () => {
    const controller = new AbortController();
    const { stopped, iterations, image } = await stylize(
      { content, styles: [style] },
      {},
      {
        signal: controller.signal,
        onProgress: (event) => {
          if (event.type === 'iteration' && event.iteration === 6) setImmediate(() => controller.abort());
        },
      },
    );
    expect({ stopped, iterations }).toEqual({ stopped: 'cancelled', iterations: 6 });
    expect(image).toMatchObject({ width: 40, height: 30 });
  });

  it('looks in every painting', async () => {
    const alone = {
      scales: [40],
      iterations: [3],
      splitIterations: 0,
      margin: 0,
      tvWeight: 0,
      grainWeight: 0,
    };
    const both = await stylize({ content, styles: [style, content] }, alone);
    expect(both.curve[0]!.style).toBeLessThan(0.01);
    const one = await stylize({ content, styles: [style] }, alone);
    expect(one.curve[0]!.style).toBeGreaterThan(0.1);
  });

  it('looks in the region that goes with the photograph’s', async () => {
    const [black, white] = [
      [0, 0, 0],
      [1, 1, 1],
    ];
    const painting = halves(48, 48, [
      [0.9, 0.1, 0.1],
      [0.1, 0.1, 0.9],
    ]);
    const noisy = createImage(
      48,
      48,
      painting.rgb.map((value, i) => value + 0.08 * Math.sin(i * 1.7)),
    );
    const options: NeighborOptions = {
      ...{ scales: [48], iterations: [30], splitIterations: 0, contentWeight: 0 },
      ...{ layers: ['relu1_1'], tvWeight: 0, grainWeight: 0, margin: 0 },
    };
    const photograph = createImage(
      48,
      48,
      plain(48, 48, [0.5, 0.5, 0.5]).rgb.map((v, i) => v + 0.05 * Math.sin(i)),
    );
    const masks = (first: number[][]) => ({
      content: photograph,
      styles: [noisy],
      contentMask: halves(48, 48, first),
      styleMasks: [halves(48, 48, [black, white])],
    });
    const same = (await stylize(masks([black, white]), options)).image;
    const swapped = (await stylize(masks([white, black]), options)).image;
    const redness = (image: Image, columns: [number, number]): number =>
      meanOf(image, 0, columns) - meanOf(image, 2, columns);
    expect(redness(same, [4, 20])).toBeGreaterThan(redness(same, [28, 44]) + 0.2);
    expect(redness(swapped, [28, 44])).toBeGreaterThan(redness(swapped, [4, 20]) + 0.2);
  });

  it('paints inside the mask only, and keeps transparency', async () => {
    const alpha = Float32Array.from({ length: 1200 }, (_, i) => (i % 7) / 7);
    const mask = halves(40, 30, [
      [0, 0, 0],
      [1, 1, 1],
    ]);
    const { image } = await stylize(
      { content: randomPicture(40, 30, 1, alpha), styles: [style], mask },
      { scales: [40], iterations: [3], splitIterations: 0 },
    );
    expect(image.alpha).toEqual(alpha);
    for (let i = 0; i < image.rgb.length; i += 1) {
      if (i % 40 < 19) expect(image.rgb[i]).toBeCloseTo(content.rgb[i]!, 5);
    }
  });
});

describe('what a stylisation by neighbours is planned and described as', () => {
  it.each<[NeighborOptions, string[], string]>([
    [{}, ['24x18*6', '40x30*6', '40x30*4'], '40x30'],
    [{ splitIterations: 0 }, ['24x18*6', '40x30*6'], '40x30'],
    [{ size: 80 }, ['24x18*6', '40x30*6', '80x60*6', '80x60*4'], '80x60'],
    [{ iterations: 9, splitIterations: 0 }, ['24x18*5', '40x30*4'], '40x30'],
  ])('%j goes through %j to %s', (options, scales, size) => {
    const plan = planMethod(
      neighborStylization,
      weights,
      { content, styles: [style] },
      { ...quick, ...options },
    );
    expect(plan.scales.map(({ width, height, iterations }) => `${width}x${height}*${iterations}`)).toEqual(
      scales,
    );
    expect(`${plan.width}x${plan.height}`).toBe(size);
  });

  it('counts the photograph by its strength', () => {
    const weightAt = (strength: number): number =>
      neighborStylization.resolve({ strength, contentWeight: 1 } as NeighborOptions)[
        'contentWeight' as never
      ];
    expect(weightAt(0.5)).toBe(1);
    expect(weightAt(0)).toBeGreaterThan(weightAt(0.25));
    expect(weightAt(1) * weightAt(0)).toBeCloseTo(1, 6);
  });

  it('refuses weights of which none counts, and steps for other scales', () => {
    const none = { contentWeight: 0, styleWeight: 0, tvWeight: 0, grainWeight: 0 };
    expect(thrownBy(() => neighborStylization.resolve(none))).toMatchObject({ code: 'E_ARGUMENT' });
    const steps = { scales: [64, 128], iterations: [1, 2, 3] };
    expect(thrownBy(() => neighborStylization.resolve(steps))).toMatchObject({ option: 'iterations' });
  });
});
