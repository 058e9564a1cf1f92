import { describe, expect, it } from 'vitest';
import { createImage } from '../../../src/images/image.js';
import { resizeImage } from '../../../src/images/resize.js';
import { noisePicture } from '../../../src/methods/optimization/noise-picture.js';
import type { OptimizedPicture } from '../../../src/methods/optimization/walk-method.js';
import { reconstructionFigure, reconstructionLevels } from '../../../src/methods/reconstruct/levels.js';
import type { ReconstructOptions } from '../../../src/methods/reconstruct/options.js';
import { reconstruct } from '../../../src/methods/reconstruct/reconstruct-method.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { readGoldenNetwork, relativeDistance } from '../../golden-values.js';
import { narrowVgg } from '../../networks/reference-vgg.js';
import { planMethod, runMethod, thrownBy, type RunControl } from '../method-runs.js';

const runtime = createNativeRuntime({ threads: 1 });
const weights = narrowVgg('vgg19');
const [width, height] = [40, 32];
const picture = createImage(
  width,
  height,
  Float32Array.from(
    { length: 3 * width * height },
    (_, i) => 0.5 + 0.4 * Math.sin((i % width) / 3) * Math.cos(i / 200),
  ),
);
const made = (
  options: ReconstructOptions,
  control: RunControl = {},
  network = weights,
): Promise<OptimizedPicture> =>
  runMethod(
    reconstruct,
    { runtime, weights: network },
    { picture },
    { size: 40, iterations: 60, ...options },
    control,
  );

describe('reconstruction', () => {
  it('from content at the first layer finds the picture itself', async () => {
    const options = { layer: 'relu1_1', size: 40, tvWeight: 0, iterations: 40 };
    const { image, losses } = await made(options, {}, await readGoldenNetwork());
    expect(losses.content).toBeLessThan(1e-3);
    expect(relativeDistance(image.rgb, picture.rgb)).toBeLessThan(0.2);
  });

  it('from content comes nearer to it', async () => {
    const { losses, curve } = await made({ layer: 'relu3_1' });
    expect(losses.content).toBeLessThan(curve[0]!.content! / 10);
  });

  it('from style finds the Gram matrices and not the places', async () => {
    const { image, losses, curve } = await made({ layer: 'relu2_1', from: 'style', tvWeight: 0 });
    expect(Object.keys(losses).sort()).toEqual(['style', 'total']);
    expect(losses.style).toBeLessThan(curve[0]!.style! / 20);
    expect(relativeDistance(image.rgb, picture.rgb)).toBeGreaterThan(0.2);
  });

  it('never enlarges, and stops when it is told to', async () => {
    const large = { size: 400, iterations: 1, layer: 'relu1_1' };
    expect(planMethod(reconstruct, weights, { picture }, large)).toMatchObject({ width, height });
    expect((await made(large)).image).toMatchObject({ width, height });
    const stop = new AbortController();
    const options = { layer: 'relu1_1', size: 40, iterations: 50 };
    const { stopped, iterations } = await made(options, {
      signal: stop.signal,
      onProgress: (event) => event.type === 'iteration' && event.iteration === 2 && stop.abort(),
    });
    expect([stopped, iterations]).toEqual(['cancelled', 2]);
  });

  it.each([
    [{ layer: 'relu7_1' }, 'E_LAYER'],
    [{ layer: 'relu5_1', size: 8 }, 'E_IMAGE_SIZE'],
    [{ from: 'colour' }, 'E_ARGUMENT'],
  ])('%j is %s', async (options, code) => {
    await expect(made(options as ReconstructOptions)).rejects.toMatchObject({ code });
  });
});

describe('a reconstruction of all layers', () => {
  const few = { allLayers: true, size: 32, iterations: 2 };
  const levels = reconstructionLevels(weights);
  const known = levels.flatMap(({ content, style }) => [
    { from: 'content' as const, layer: content },
    { from: 'style' as const, layer: style },
  ]);

  it('is the figure of the reconstructions of each', async () => {
    const sheet = await made(few);
    const parts = [];
    const losses = [];
    const lossesOfParts = [];
    for (const one of known) {
      const alone = await made({ ...few, allLayers: false, ...one });
      parts.push({ ...one, image: alone.image });
      losses.push(...alone.curve.map(({ total }) => total));
      lossesOfParts.push({ label: `${one.from} ${one.layer}`, losses: alone.losses });
      expect(alone).not.toHaveProperty('parts');
    }
    const shown = resizeImage(picture, 32, 26);
    expect(sheet.image).toEqual(reconstructionFigure(shown, levels, parts));
    expect(sheet.curve.map(({ total }) => total)).toEqual(losses);
    expect(sheet).toMatchObject({ stopped: 'finished', iterations: 20, parts: lossesOfParts });
  });

  it('knows the losses of those before a state that it is resumed from', async () => {
    const whole = await made(few);
    const stop = new AbortController();
    const half = await made(few, {
      signal: stop.signal,
      onProgress: (event) => event.type === 'iteration' && event.iteration === 7 && stop.abort(),
    });
    expect(half.parts).toHaveLength(4);
    const resumed = await made(few, { resume: half.state() });
    expect(resumed.parts).toEqual(whole.parts);
  });

  it('shows of which layer each of its pictures is, in the plan and on the way', async () => {
    const labels = known.map(({ from, layer }) => `${from} ${layer}`);
    const { scales } = planMethod(reconstruct, weights, { picture }, few);
    expect(scales.map(({ label }) => label)).toEqual(labels);
    const begun: number[] = [];
    await made(few, {
      onProgress: (event) => event.type === 'stage' && event.stage === 'targets' && begun.push(event.scale),
    });
    expect(begun).toEqual(labels.map((_, index) => index));
  });

  it('has those that are done when it is ended', async () => {
    const stop = new AbortController();
    const { image, stopped, iterations } = await made(few, {
      signal: stop.signal,
      onProgress: (event) => event.type === 'iteration' && event.iteration === 4 && stop.abort(),
    });
    expect([stopped, iterations]).toEqual(['cancelled', 4]);
    // The third was begun, from noise.
    const parts = [];
    for (const one of known.slice(0, 2)) {
      parts.push({ ...one, image: (await made({ ...few, allLayers: false, ...one })).image });
    }
    parts.push({ ...known[2]!, image: noisePicture(32, 26, 0.25, 0) });
    expect(image).toEqual(reconstructionFigure(resizeImage(picture, 32, 26), levels, parts));
  });

  it.each([{ layer: 'relu2_1' }, { from: 'style' as const }])('is of no single layer: %j', (options) => {
    const [option] = Object.keys(options);
    expect(thrownBy(() => reconstruct.resolve({ allLayers: true, ...options }))).toMatchObject({
      ...{ code: 'E_ARGUMENT', option },
      message: `The option ${option} is for one layer, and allLayers reconstructs all of them.`,
    });
  });
});

describe('what a reconstruction is described as', () => {
  it('has the terms of its loss, and its facts in words', () => {
    const of = (options: ReconstructOptions) => {
      const settings = reconstruct.resolve(options);
      const plan = reconstruct.plan({ settings, pictures: { picture } }, weights);
      return {
        ...reconstruct.describe(settings, { picture: ['a.jpg'] }, plan),
        terms: reconstruct.terms(settings),
      };
    };
    expect(of({ from: 'style', layer: 'relu2_1', tvWeight: 0 })).toEqual({
      title: 'a.jpg from style at relu2_1',
      terms: ['style'],
      facts: [
        ['Coarse to fine', '40x32 (200 iterations)'],
        ['Known', 'Gram matrices up to relu2_1'],
        ['Total variation', 'not used'],
        ['Seed', '0'],
      ],
    });
    expect(of({ allLayers: true })).toMatchObject({
      title: 'a.jpg from all layers',
      terms: ['content', 'style', 'totalVariation'],
    });
    expect(of({ allLayers: true }).facts[0]![1]).toContain('content relu1_2 at 40x32 (200 iterations)');
  });
});
