import { afterAll, describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../src/images/image.js';
import { demonstrateGramInstability } from '../../src/methods/gram-instability.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { readVggWeights } from '../../src/weights/vgg-files.js';
import { toyTensors } from '../e2e/toy-network.js';
import { readGoldenJson } from '../golden-values.js';

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
const options = { size: 64, iterations: 6 };

describe('the demonstration of the instability', () => {
  it('has the textbook pair: one Gram value, two distributions', async () => {
    const { pair } = await demonstrateGramInstability(runtime, weights, {
      sample,
      options: { ...options, iterations: 1 },
    });
    const { unstable_pair: known } = (await readGoldenJson('gram.json')) as {
      unstable_pair: { a: number[]; b: number[] };
    };
    expect(new Set(pair.even.values)).toEqual(new Set(known.a.map(Math.fround)));
    expect(new Set(pair.uneven.values)).toEqual(new Set(known.b));
    expect(pair.even).toMatchObject({ side: 16 });
    for (const map of [pair.even, pair.uneven]) expect(map.gram).toBeCloseTo(0.5, 6);
    expect(pair.even.mean).toBeCloseTo(Math.SQRT1_2, 6);
    expect(pair.even.variance).toBeCloseTo(0, 10);
    expect([pair.uneven.mean, pair.uneven.variance]).toEqual([0.5, 0.25]);
    expect(pair.histogram).toBeCloseTo((1 - Math.SQRT1_2) ** 2 + 0.5, 5);
  });

  it('brings activations nearer with histograms than by Gram alone, in as many steps, and tells each', async () => {
    const told: number[] = [];
    const {
      gram,
      both,
      histograms,
      sample: shown,
    } = await demonstrateGramInstability(runtime, weights, {
      sample,
      options: { ...options, iterations: 12 },
      onProgress: ({ step, steps }) => {
        expect(steps).toBe(48);
        told.push(step);
      },
    });
    expect(told).toEqual(Array.from({ length: 48 }, (_, i) => i + 1));
    expect([shown.width, shown.height]).toEqual([64, 51]);
    for (const { image, curve } of [gram, both]) {
      expect([image.width, image.height]).toEqual([64, 51]);
      expect(image.rgb.every((value) => value >= 0 && value <= 1)).toBe(true);
      expect(curve).toHaveLength(24);
      expect(curve[11]!.gram).toBeLessThan(curve[0]!.gram);
    }
    expect(gram.curve.every(({ histogram }) => histogram === 0)).toBe(true);
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

  it('gives the same textures for the same seed, and others for another', async () => {
    const texture = async (seed: number): Promise<Float32Array> => {
      const work = { sample, options: { ...options, iterations: 1, seed } };
      return (await demonstrateGramInstability(runtime, weights, work)).both.image.rgb;
    };
    const once = await texture(1);
    expect(await texture(1)).toEqual(once);
    expect(await texture(2)).not.toEqual(once);
  });

  it('stops after a step, and refuses what it can’t do', async () => {
    const code = (expected: string): unknown => expect.objectContaining({ code: expected });
    const stop = new AbortController();
    const onProgress = ({ step }: { step: number }): void => void (step === 2 && stop.abort());
    const stopped = demonstrateGramInstability(runtime, weights, {
      ...{ sample, options, onProgress, signal: stop.signal },
    });
    await expect(stopped).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    const wrong = demonstrateGramInstability(runtime, weights, { sample, options: { size: 12 } });
    await expect(wrong).rejects.toThrow(code('E_ARGUMENT'));
    const thin = createImage(200, 4, new Float32Array(2400).fill(0.5));
    const narrow = demonstrateGramInstability(runtime, weights, { sample: thin, options });
    await expect(narrow).rejects.toThrow(code('E_IMAGE_SIZE'));
  });
});
