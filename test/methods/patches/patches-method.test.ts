import { afterAll, describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../../src/images/image.js';
import { resolvePatchStyleSettings } from '../../../src/methods/patches/options.js';
import { stylizeByPatches } from '../../../src/methods/patches/stylize-by-patches.js';
import type { Progress } from '../../../src/progress.js';
import { createRandom } from '../../../src/random.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { encodeSafetensors } from '../../../src/formats/safetensors.js';
import { readVggWeights } from '../../../src/weights/vgg-files.js';
import { toyTensors } from '../../e2e/toy-network.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());
const weights = await readVggWeights(encodeSafetensors(toyTensors()), 'toy.safetensors');

function picture(width: number, height: number, seed: number, alpha?: Float32Array): Image {
  const random = createRandom(seed);
  const rgb = Float32Array.from({ length: 3 * width * height }, () => random.uniform());
  return createImage(width, height, rgb, alpha);
}

const content = picture(40, 30, 1);
const style = picture(36, 44, 2);
// Where matches are nearer by their features, their pixels need not be: the paper's own loss is what falls by new matches.
const quick = {
  ...{ scales: [24, 32], iterations: [4, 6], rematch: 2, patchLayers: ['relu2_1', 'relu3_1'] },
  colorWeight: 0,
};

describe('stylizeByPatches', () => {
  it('brings the patches nearer to the painting, coarse to fine', async () => {
    const events: Progress[] = [];
    const result = await stylizeByPatches(
      runtime,
      weights,
      { content, style, onProgress: (event) => events.push(event) },
      quick,
    );
    expect(result).toMatchObject({ stopped: 'finished', iterations: 10 });
    expect(result.image).toMatchObject({ width: 40, height: 30 });
    for (const scale of [0, 1]) {
      const losses = result.curve.filter((point) => point.scale === scale).map(({ total }) => total);
      expect(losses.at(-1)).toBeLessThan(0.9 * losses[0]!);
    }
    const stages = events.flatMap((event) => (event.type === 'stage' ? [event.stage] : []));
    expect(stages).toEqual([
      ...['targets', 'compile', ...new Array(2).fill(['targets', 'optimize']).flat()],
      ...['targets', 'compile', ...new Array(3).fill(['targets', 'optimize']).flat()],
    ]);
    expect(result.image.rgb.every((value) => value >= 0 && value <= 1)).toBe(true);
  });

  it('finds new matches that are nearer than the old ones', async () => {
    const rounds = await stylizeByPatches(
      runtime,
      weights,
      { content, style },
      { ...quick, size: 24, scales: [24], iterations: 12, rematch: 4, contentWeight: 0, tvWeight: 0 },
    );
    const styles = rounds.curve.map((point) => point.style);
    // In a round the matches stay, and the loss falls or stays; by new matches it falls further.
    styles.slice(1).forEach((loss, i) => expect(loss).toBeLessThan(styles[i]! * 1.02));
  });

  it('makes the same picture each time, and keeps transparency', async () => {
    const alpha = Float32Array.from({ length: 1200 }, (_, i) => (i % 7) / 7);
    const transparent = picture(40, 30, 1, alpha);
    const options = { ...quick, scales: [24], iterations: 2 };
    const [first, second] = [
      await stylizeByPatches(runtime, weights, { content, style }, options),
      await stylizeByPatches(runtime, weights, { content: transparent, style }, options),
    ];
    expect(second.image.alpha).toEqual(alpha);
    expect((await stylizeByPatches(runtime, weights, { content, style }, options)).image).toEqual(
      first.image,
    );
  });

  it('gives the picture so far when it is stopped', async () => {
    const controller = new AbortController();
    const result = await stylizeByPatches(
      runtime,
      weights,
      {
        ...{ content, style, signal: controller.signal },
        onProgress: (event) => {
          if (event.type === 'iteration' && event.iteration === 3) controller.abort();
        },
      },
      quick,
    );
    expect(result).toMatchObject({ stopped: 'cancelled', iterations: 3 });
    expect(result.image).toMatchObject({ width: 40, height: 30 });
  });

  it('takes on the colours of the patches', async () => {
    const colors = [0.8, 0.3, 0.1];
    const plain = createImage(
      24,
      24,
      Float32Array.from({ length: 3 * 576 }, (_, i) => colors[Math.floor(i / 576)]!),
    );
    const options = {
      ...quick,
      size: 24,
      scales: [24],
      iterations: 20,
      rematch: 20,
      contentWeight: 0,
      tvWeight: 0,
    };
    const distance = async (colorWeight: number): Promise<number> => {
      const work = { content, style: plain };
      const { image } = await stylizeByPatches(runtime, weights, work, { ...options, colorWeight });
      const plane = image.width * image.height;
      return image.rgb.reduce(
        (sum, value, i) => sum + Math.abs(value - colors[Math.floor(i / plane)]!) / (3 * plane),
        0,
      );
    };
    expect(await distance(100)).toBeLessThan(0.02);
    expect(await distance(0)).toBeGreaterThan(0.1);
  });

  it('needs no pixels of patches whose features do not count', async () => {
    const result = await stylizeByPatches(
      runtime,
      weights,
      { content, style },
      { ...quick, size: 32, scales: [32], iterations: 2, styleWeight: 0, tvWeight: 0, colorWeight: 30 },
    );
    expect(result.losses.style).toBe(0);
  });

  it('mirrors no more than there is', async () => {
    const result = await stylizeByPatches(
      runtime,
      weights,
      { content, style },
      { ...quick, size: 16, scales: [16], iterations: 2, margin: 256 },
    );
    expect(result.image).toMatchObject({ width: 16, height: 12 });
  });

  it('leaves the photograph where patches have no weight', async () => {
    const result = await stylizeByPatches(
      runtime,
      weights,
      { content, style },
      { ...quick, size: 32, scales: [32], iterations: 2, styleWeight: 0, tvWeight: 0 },
    );
    expect(result.losses.total).toBeLessThan(1e-5);
  });
});

describe('resolvePatchStyleSettings', () => {
  it('shares weights between layers, or takes those given', () => {
    expect(resolvePatchStyleSettings().patchLayers).toEqual({ relu3_1: 0.5, relu4_1: 0.5 });
    expect(resolvePatchStyleSettings({ patchLayers: ['relu2_1:3'] }).patchLayers).toEqual({ relu2_1: 3 });
  });

  it.each([
    [{ patch: 2 }, /side 2/],
    [{ rematch: 0 }, /rematch can't be 0/],
    [{ contentWeight: 0, styleWeight: 0, tvWeight: 0 }, /All weights are 0/],
    [{ scales: [64, 128], iterations: [5] }, /1 numbers of iterations for 2 scales \(64, 128\)/],
  ])('refuses %j', (options, message) => {
    expect(() => resolvePatchStyleSettings(options)).toThrow(
      expect.objectContaining({ code: 'E_ARGUMENT', message: expect.stringMatching(message) }),
    );
  });
});
