import { describe, expect, it } from 'vitest';
import { createImage } from '../../../src/images/image.js';
import {
  reconstructionFigure,
  reconstructionLevels,
  styleLayersUpTo,
} from '../../../src/methods/reconstruct/levels.js';
import type { ReconstructOptions } from '../../../src/methods/reconstruct/options.js';
import { reconstruct } from '../../../src/methods/reconstruct/reconstruct.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { readGoldenNetwork, relativeDistance } from '../../golden-values.js';
import { narrowVgg } from '../../networks/reference-vgg.js';

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
const made = (options: ReconstructOptions) =>
  reconstruct(runtime, weights, picture, { size: 40, iterations: 60, ...options });

describe('reconstruction', () => {
  it('from content at the first layer finds the picture itself', async () => {
    const options = { layer: 'relu1_1', size: 40, tvWeight: 0, iterations: 40 };
    const { image, losses } = await reconstruct(runtime, await readGoldenNetwork(), picture, options);
    expect(losses.content).toBeLessThan(1e-3);
    expect(relativeDistance(image.rgb, picture.rgb)).toBeLessThan(0.2);
  });

  it('from content comes nearer to it', async () => {
    const { losses, curve } = await made({ layer: 'relu3_1' });
    expect(losses.content).toBeLessThan(curve[0]!.content / 10);
  });

  it('from style finds the Gram matrices and not the places', async () => {
    const { image, losses, curve } = await made({ layer: 'relu2_1', from: 'style', tvWeight: 0 });
    expect(losses).toMatchObject({ content: 0, totalVariation: 0 });
    expect(losses.style).toBeLessThan(curve[0]!.style / 20);
    expect(relativeDistance(image.rgb, picture.rgb)).toBeGreaterThan(0.2);
  });

  it('never enlarges, and stops when it is told to', async () => {
    const { plan } = await made({ size: 400, iterations: 1, layer: 'relu1_1' });
    expect([plan.width, plan.height]).toEqual([width, height]);
    const stop = new AbortController();
    const options = { layer: 'relu1_1', size: 40, iterations: 50 };
    const { stopped, iterations } = await reconstruct(runtime, weights, picture, options, {
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

describe('the levels of the figure', () => {
  it('are those of the paper, as far as the weights reach', () => {
    expect(reconstructionLevels(weights).map(({ content, style }) => `${content} ${style}`)).toEqual([
      ...['relu1_2 relu1_1', 'relu2_2 relu2_1', 'relu3_2 relu3_1', 'relu4_2 relu4_1', 'relu5_2 relu5_1'],
    ]);
    const { conv5_2: _, ...convolutions } = weights.convolutions;
    expect(reconstructionLevels({ ...weights, convolutions }).at(-1)).toEqual({
      content: 'relu5_1',
      style: 'relu5_1',
    });
  });

  it('have all style layers before them', () => {
    expect(styleLayersUpTo(weights, 'relu3_1')).toEqual(['relu1_1', 'relu2_1', 'relu3_1']);
    expect(styleLayersUpTo(weights, 'block3_conv3')).toEqual(['relu1_1', 'relu2_1', 'relu3_1', 'relu3_3']);
  });

  it('make one sheet, with places left free for what is missing', () => {
    const image = createImage(128, 20, new Float32Array(3 * 128 * 20).fill(0.5));
    const levels = reconstructionLevels(weights);
    const [first] = levels;
    const part = { from: 'content', layer: first!.content, image } as const;
    const all = levels.flatMap(({ content, style }) => [
      { from: 'content', layer: content, image } as const,
      { from: 'style', layer: style, image } as const,
    ]);
    const [sparse, full] = [
      reconstructionFigure(image, levels, [part]),
      reconstructionFigure(image, levels, all),
    ];
    expect(full.width).toBeGreaterThan(6 * image.width);
    expect(full.height).toBeGreaterThan(2 * image.height);
    expect(sparse.height).toBe(full.height);
    const white = (rgb: Float32Array): number => rgb.filter((value) => value === 1).length;
    expect(white(sparse.rgb)).toBeGreaterThan(white(full.rgb) + 5 * 3 * image.width * image.height);
  });
});
