import { afterAll, describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../../src/images/image.js';
import { gramInstability } from '../../../src/methods/gram-instability/gram-instability-method.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { encodeSafetensors } from '../../../src/formats/safetensors.js';
import { readVggWeights } from '../../../src/weights/vgg-files.js';
import { toyTensors } from '../../toy-tensors.js';
import { errorOf, planMethod, runMethod, thrownBy, type RunControl } from '../method-runs.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());
const weights = await readVggWeights(encodeSafetensors(toyTensors()), 'toy');

/** Dark with bright spots: its activations are far from spread evenly. */
const sample: Image = createImage(
  80,
  64,
  Float32Array.from({ length: 3 * 80 * 64 }, (_, i) => {
    const [x, y] = [i % 80, Math.floor(i / 80) % 64];
    return (x % 16) + (y % 16) < 6 ? 0.95 - 0.1 * Math.floor(i / 5120) : 0.1;
  }),
);
const small = { size: 64, iterations: 6 };
const run = (options: object, control?: RunControl, picture = sample) =>
  runMethod(gramInstability, { runtime, weights }, { sample: picture }, options, control);

describe('the demonstration of the instability', () => {
  it('brings activations nearer with histograms than by Gram alone, in as many steps, and tells each', async () => {
    const told: number[] = [];
    const scales: number[] = [];
    const { gram, both, histograms, ...result } = await run(
      { ...small, iterations: 12 },
      {
        onProgress: (event) => {
          if (event.type !== 'iteration') return;
          expect([event.iterations, event.scales]).toEqual([48, 4]);
          told.push(event.iteration);
          scales.push(event.scale);
        },
      },
    );
    expect(told).toEqual(Array.from({ length: 48 }, (_, i) => i + 1));
    expect(scales).toEqual(Array.from({ length: 48 }, (_, i) => Math.floor(i / 12)));
    expect(result).toMatchObject({ stopped: 'finished', original: { width: 80, height: 64 } });
    expect([result.sample.width, result.sample.height]).toEqual([64, 51]);
    for (const { image, curve } of [gram, both]) {
      expect([image.width, image.height]).toEqual([64, 51]);
      expect(image.rgb.every((value) => value >= 0 && value <= 1)).toBe(true);
      expect(curve).toHaveLength(24);
      expect(curve[11]!.style).toBeLessThan(curve[0]!.style!);
    }
    // From the same noise.
    expect(both.curve[0]!.style).toBe(gram.curve[0]!.style);
    expect(gram.curve.every((point) => !('histogram' in point))).toBe(true);
    expect(both.curve.every(({ histogram }) => histogram! > 0)).toBe(true);
    expect(gram.layers.map(({ layer }) => layer)).toEqual([1, 2, 3, 4, 5].map((block) => `relu${block}_1`));
    expect(gram.layers.map(({ layer }) => layer)).toEqual(both.layers.map(({ layer }) => layer));
    const first = (texture: typeof gram) => texture.layers.find(({ layer }) => layer === 'relu1_1')!;
    expect(first(both).histogram).toBeLessThan(first(gram).histogram);
    expect(first(both).mean).toBeLessThan(first(gram).mean);
    expect(histograms.map(({ layer }) => layer)).toEqual(['relu1_1', 'relu4_1']);
    for (const { all, one } of histograms) {
      for (const { centres, parts } of [all, one]) {
        expect(Object.keys(parts)).toEqual(['sample', 'gram', 'both']);
        for (const part of Object.values(parts)) {
          expect(part).toHaveLength(centres.length);
          expect(part.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
        }
      }
    }
  });

  it('measures what the losses of the textures were about', async () => {
    const { gram, both } = await run(small);
    const mean = (values: readonly number[]) => values.reduce((sum, own) => sum + own, 0) / values.length;
    for (const { layers, losses } of [gram, both]) {
      expect(mean(layers.map((layer) => layer.gram)) / losses.style!).toBeCloseTo(1, 4);
    }
    const counted = both.layers.filter(({ layer }) => ['relu1_1', 'relu4_1'].includes(layer));
    expect(mean(counted.map(({ histogram }) => histogram)) / both.losses.histogram!).toBeCloseTo(1, 4);
  });

  it('gives the same textures for the same seed, and others for another', async () => {
    const texture = async (seed: number): Promise<Float32Array> =>
      (await run({ ...small, iterations: 1, seed })).both.image.rgb;
    const once = await texture(1);
    expect(await texture(1)).toEqual(once);
    expect(await texture(2)).not.toEqual(once);
  });

  it('plans both textures, and the memory of the picture that they are made after', () => {
    const plan = planMethod(gramInstability, weights, { sample }, small);
    expect([plan.width, plan.height]).toEqual([64, 51]);
    expect(plan.scales.map(({ label, iterations }) => [label, iterations])).toEqual([
      ['Gram alone, 32x26', 6],
      ['Gram alone, 64x51', 6],
      ['with histograms, 32x26', 6],
      ['with histograms, 64x51', 6],
    ]);
    const operations = [6, 12, 18].map(
      (iterations) => planMethod(gramInstability, weights, { sample }, { ...small, iterations }).operations,
    ) as [number, number, number];
    expect((operations[2] - operations[1]) / (operations[1] - operations[0])).toBeCloseTo(1, 9);
    const large = createImage(800, 640, new Float32Array(3 * 800 * 640));
    const { memoryBytes } = planMethod(gramInstability, weights, { sample: large }, small);
    expect(memoryBytes - plan.memoryBytes).toBe(12 * (800 * 640 - 80 * 64));
  });

  it('does without the smaller scale where the sample is too narrow for it', async () => {
    const narrow = createImage(128, 40, new Float32Array(3 * 128 * 40).fill(0.5));
    const { gram, both } = await run({ size: 64, iterations: 1 }, {}, narrow);
    for (const { image, curve } of [gram, both]) {
      expect([image.width, image.height, curve.length]).toEqual([64, 20, 1]);
    }
  });

  it('stops after a step, and refuses what it can’t do', async () => {
    const stop = new AbortController();
    const stopped = run(small, {
      signal: stop.signal,
      onProgress: (event) => void (event.type === 'iteration' && event.iteration === 2 && stop.abort()),
    });
    expect(await errorOf(stopped)).toMatchObject({ name: 'AbortError' });
    for (const wrong of [{ size: 12 }, { iterations: 0 }, { histogramWeight: 0 }, { sizes: 64 }]) {
      const [option] = Object.keys(wrong);
      expect(thrownBy(() => gramInstability.resolve(wrong))).toMatchObject({ code: 'E_ARGUMENT', option });
    }
    const thin = { ...createImage(200, 4, new Float32Array(2400).fill(0.5)), name: 'thin.png' };
    const message = expect.stringContaining('"thin.png"') as string;
    expect(thrownBy(() => planMethod(gramInstability, weights, { sample: thin }, small))).toMatchObject({
      code: 'E_IMAGE_SIZE',
      message,
    });
    expect(await errorOf(run(small, {}, thin))).toMatchObject({ code: 'E_IMAGE_SIZE' });
  });

  it('has no page to show where the loss is no number', async () => {
    const { preprocess } = weights;
    const loud = {
      ...weights,
      preprocess: { ...preprocess, weight: preprocess.weight.map((one) => 1e12 * one) },
    };
    const work = runMethod(gramInstability, { runtime, weights: loud }, { sample }, small);
    expect(await errorOf(work)).toMatchObject({ code: 'E_NUMERIC' });
  });
});
