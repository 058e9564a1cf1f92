import { afterAll, describe, expect, it } from 'vitest';
import { estimateCost } from '../../../src/graph/index.js';
import { createImage } from '../../../src/images/image.js';
import type { OptimizedPicture } from '../../../src/methods/optimization/walk-method.js';
import type { PatchStyleOptions } from '../../../src/methods/patches/options.js';
import { lossGraph } from '../../../src/methods/optimization/compiled-loss.js';
import { patchPictureLoss } from '../../../src/methods/patches/patch-picture-loss.js';
import { patchStylization, type PatchStylePictures } from '../../../src/methods/patches/patches-method.js';
import type { Progress } from '../../../src/methods/progress.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { readToyWeights } from '../../toy-weights.js';
import { planMethod, randomPicture, runMethod, type RunControl } from '../method-runs.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());
const weights = await readToyWeights();

const content = randomPicture(40, 30, 1);
const style = randomPicture(36, 44, 2);
// Where matches are nearer by their features, their pixels need not be: the paper's own loss is what falls by new matches.
const quick = {
  ...{ scales: [24, 32], iterations: [4, 6], rematch: 2, patchLayers: ['relu2_1', 'relu3_1'] },
  colorWeight: 0,
};

const stylizeByPatches = (
  pictures: PatchStylePictures,
  options: PatchStyleOptions,
  control: RunControl = {},
): Promise<OptimizedPicture> => runMethod(patchStylization, { runtime, weights }, pictures, options, control);

describe('a stylisation by patches', () => {
  it('brings the patches nearer to the painting, coarse to fine', async () => {
    const events: Progress[] = [];
    const result = await stylizeByPatches({ content, style }, quick, {
      onProgress: (event) => events.push(event),
    });
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
      { content, style },
      { ...quick, size: 24, scales: [24], iterations: 12, rematch: 4, contentWeight: 0, tvWeight: 0 },
    );
    const styles = rounds.curve.map((point) => point.style!);
    // In a round the matches stay, and the loss falls or stays; by new matches it falls further.
    styles.slice(1).forEach((loss, i) => expect(loss).toBeLessThan(styles[i]! * 1.02));
  });

  it('makes the same picture each time, and keeps transparency', async () => {
    const alpha = Float32Array.from({ length: 1200 }, (_, i) => (i % 7) / 7);
    const transparent = randomPicture(40, 30, 1, alpha);
    const options = { ...quick, scales: [24], iterations: 2 };
    const [first, second] = [
      await stylizeByPatches({ content, style }, options),
      await stylizeByPatches({ content: transparent, style }, options),
    ];
    expect(second.image.alpha).toEqual(alpha);
    expect((await stylizeByPatches({ content, style }, options)).image).toEqual(first.image);
  });

  it('gives the picture so far when it is stopped', async () => {
    const controller = new AbortController();
    const result = await stylizeByPatches({ content, style }, quick, {
      signal: controller.signal,
      onProgress: (event) => {
        if (event.type === 'iteration' && event.iteration === 3) controller.abort();
      },
    });
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
      const { image } = await stylizeByPatches(work, { ...options, colorWeight });
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
      { content, style },
      { ...quick, size: 32, scales: [32], iterations: 2, styleWeight: 0, tvWeight: 0, colorWeight: 30 },
    );
    expect(Object.keys(result.losses).sort()).toEqual(['content', 'total']);
  });

  it('mirrors no more than there is', async () => {
    const result = await stylizeByPatches(
      { content, style },
      { ...quick, size: 16, scales: [16], iterations: 2, margin: 256 },
    );
    expect(result.image).toMatchObject({ width: 16, height: 12 });
  });

  it('leaves the photograph where patches have no weight', async () => {
    const result = await stylizeByPatches(
      { content, style },
      { ...quick, size: 32, scales: [32], iterations: 2, styleWeight: 0, tvWeight: 0 },
    );
    expect(result.losses.total).toBeLessThan(1e-5);
  });
});

describe('what a stylisation by patches is planned and described as', () => {
  const pictures = { content, style };

  it.each<[options: PatchStyleOptions, scales: string[], size: string]>([
    [{}, ['40x30*60'], '40x30'],
    [{ scales: [24, 32], iterations: [4, 6] }, ['24x18*4', '32x24*6'], '40x30'],
    [{ scales: [24, 32, 64], iterations: [4, 6, 5] }, ['24x18*4', '32x24*6', '40x30*5'], '40x30'],
    [{ scales: [24, 64], iterations: 9, size: 100 }, ['24x18*5', '64x48*4'], '100x75'],
    [{ scales: [24, 64], iterations: [7, 2], size: 16 }, ['16x12*7'], '16x12'],
    // The steps of the nearest usual scale; all that one has for a scale that is alone.
    [{ scales: [64], size: 64 }, ['64x48*60'], '64x48'],
    [{ scales: [64, 200], size: 200 }, ['64x48*60', '200x150*45'], '200x150'],
    [
      { scales: [32, 64, 128, 256], size: 256 },
      ['32x24*60', '64x48*60', '128x96*60', '256x192*45'],
      '256x192',
    ],
  ])('%j goes through %j to %s', (options, scales, size) => {
    const plan = planMethod(patchStylization, weights, pictures, {
      patchLayers: ['relu2_1'],
      contentLayers: ['relu2_1'],
      ...options,
    });
    expect(plan.scales.map(({ width, height, iterations }) => `${width}x${height}*${iterations}`)).toEqual(
      scales,
    );
    expect(`${plan.width}x${plan.height}`).toBe(size);
  });

  it('counts the graph that matches are found with as memory, and not as work of every step', () => {
    const options = { scales: [32], patchLayers: ['relu2_1'], contentWeight: 0, margin: 0 };
    const plan = (iterations: number, more: PatchStyleOptions = {}) =>
      planMethod(patchStylization, weights, pictures, { ...options, iterations: [iterations], ...more });
    const settings = patchStylization.resolve({ ...options, iterations: [4] });
    const { operations } = estimateCost(
      lossGraph(patchPictureLoss(weights, settings, { width: 32, height: 24 })),
    );
    expect(plan(5).operations - plan(4).operations).toBe(operations);
    // Nothing is matched then.
    const alone = plan(4, { contentWeight: 1, contentLayers: ['relu2_1'], styleWeight: 0 });
    expect(plan(4).memoryBytes).toBeGreaterThan(alone.memoryBytes);
  });

  it('in another size ends there', () => {
    const settings = patchStylization.resolve({ patchLayers: ['relu2_1'] });
    const { size, scales } = patchStylization.resized!(settings, 200, pictures);
    expect({ size, scales }).toEqual({ size: 200, scales: [128, 224, 384] });
    expect(patchStylization.resized!(settings, 192, pictures, 5)).toMatchObject({
      ...{ size: 192, scales: [192], iterations: 5 },
    });
  });

  it('looks at no more of the pictures than the largest scale shows', () => {
    const longest = (options: PatchStyleOptions, role: string) =>
      patchStylization.longestSide!(patchStylization.resolve(options), role);
    expect(longest({ size: 300, styleScale: 0.5 }, 'style')).toBe(150);
    expect(longest({ styleScale: 2 }, 'style')).toBe(768);
    expect([longest({ size: 300 }, 'content'), longest({}, 'content')]).toEqual([300, undefined]);
  });

  it('has the terms of its loss, and its facts in words', () => {
    const settings = patchStylization.resolve({ ...quick, contentWeight: 0 });
    expect(patchStylization.terms(settings)).toEqual(['style', 'totalVariation']);
    const plan = patchStylization.plan({ settings, pictures }, weights);
    const { title, before, facts } = patchStylization.describe(
      settings,
      { content: ['a.jpg'], style: ['b.jpg'] },
      plan,
    );
    expect([title, before]).toEqual(['a.jpg after b.jpg, by patches', 'content']);
    expect(facts).toContainEqual(['Patches', '3x3, matched anew every 2 steps']);
    expect(facts).toContainEqual(['Content', 'not used']);
    expect(facts).toContainEqual(['Style', 'weight 1: relu2_1 (0.5), relu3_1 (0.5)']);
  });
});
