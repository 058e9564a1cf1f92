import { describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../../src/images/image.js';
import { synthesizeTexture } from '../../../src/methods/texture/synthesize.js';
import type { TextureOptions } from '../../../src/methods/texture/options.js';
import type { IterationProgress } from '../../../src/progress.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { readGoldenNetwork } from '../../golden-values.js';
import { narrowVgg } from '../../networks/reference-vgg.js';

const runtime = createNativeRuntime({ threads: 1 });
const narrow = narrowVgg('vgg19');

/** Coloured waves in no direction of the grid, so that no texture fits by chance. */
function waves(width: number, height: number): Image {
  const rgb = Float32Array.from({ length: 3 * width * height }, (_, i) => {
    const [channel, y, x] = [Math.floor(i / (width * height)), Math.floor(i / width) % height, i % width];
    return 0.5 + 0.45 * Math.sin(0.9 * x + 0.37 * y + channel) * Math.cos(0.21 * x - 0.7 * y);
  });
  return createImage(width, height, rgb);
}
const sample = waves(48, 40);
const small: TextureOptions = { width: 64, height: 48, scales: [32, 64], iterations: [6, 4], tvWeight: 0 };

/** Mean absolute differences between neighbouring columns; the last is that of the last column and the first. */
function columnSteps({ width, height, rgb }: Image): number[] {
  return Array.from({ length: width }, (_, x) => {
    let sum = 0;
    for (let row = 0; row < 3 * height; row += 1) {
      sum += Math.abs(rgb[row * width + x]! - rgb[row * width + ((x + 1) % width)]!);
    }
    return sum / (3 * height);
  });
}

const turned = ({ width, height, rgb }: Image): Image =>
  createImage(
    height,
    width,
    Float32Array.from(rgb, (_, i) => {
      const [channel, y, x] = [Math.floor(i / (width * height)), Math.floor(i / height) % width, i % height];
      return rgb[(channel * height + x) * width + y]!;
    }),
  );

/** Moves a picture by half its size in both directions: its border becomes a cross in the middle. */
function shifted({ width, height, rgb }: Image): Image {
  const [dx, dy] = [width >> 1, height >> 1];
  const moved = Float32Array.from(rgb, (_, i) => {
    const [channel, y, x] = [Math.floor(i / (width * height)), Math.floor(i / width) % height, i % width];
    return rgb[(channel * height + ((y + dy) % height)) * width + ((x + dx) % width)]!;
  });
  return createImage(width, height, moved);
}

/** The step across the seam in the middle of a shifted picture, against the mean of all others. */
function seam(image: Image): number {
  const ratios = [shifted(image), turned(shifted(image))].map((one) => {
    const steps = columnSteps(one).slice(0, -1);
    const [across] = steps.splice(one.width - (one.width >> 1) - 1, 1);
    return across! / (steps.reduce((sum, step) => sum + step, 0) / steps.length);
  });
  return Math.max(...ratios);
}

describe('a sample without colours', () => {
  const grey = (noise: number): Image => {
    const { width, height, rgb } = sample;
    const pixels = width * height;
    return createImage(
      width,
      height,
      rgb.map((_, i) => 0.9 * rgb[i % pixels]! + noise * Math.sin(i)),
    );
  };
  /** The largest difference between two channels of a pixel. */
  const color = ({ width, height, rgb }: Image): number => {
    const pixels = width * height;
    return Math.max(...rgb.map((value, i) => Math.abs(value - rgb[(i + pixels) % rgb.length]!)));
  };

  it.each([0, 1 / 255])('gives a grey texture, also with rounding of %s', async (noise) => {
    const { image, losses, curve } = await synthesizeTexture(runtime, narrow, grey(noise), small);
    expect(color(image)).toBeLessThan(1e-6);
    expect(losses.total).toBeLessThan(0.9 * curve[0]!.total);
  });

  it('is none where there is a tint', async () => {
    expect(color((await synthesizeTexture(runtime, narrow, grey(0.02), small)).image)).toBeGreaterThan(0.01);
  });
});

describe('texture synthesis', () => {
  it('comes nearer to the sample at every scale, at the size that was asked for', async () => {
    const events: IterationProgress[] = [];
    const result = await synthesizeTexture(runtime, narrow, sample, small, {
      onProgress: (event) => event.type === 'iteration' && events.push(event),
    });
    expect([result.image.width, result.image.height, result.stopped]).toEqual([64, 48, 'finished']);
    expect(result.curve.map(({ iteration, scale }) => [iteration, scale])).toEqual(
      events.map(({ iteration, scale }) => [iteration, scale]),
    );
    expect(result.losses.style).toBeLessThan(result.curve[0]!.style / 3);
    expect(events.at(-1)!.image()).toMatchObject({ width: 64, height: 48 });
    expect(result.losses).toMatchObject({ content: 0, totalVariation: 0 });
  });

  it('is the same for the same seed, and another for another', async () => {
    const make = async (seed: number): Promise<Float32Array> =>
      (await synthesizeTexture(runtime, narrow, sample, { ...small, iterations: [2, 1], seed })).image.rgb;
    const first = await make(3);
    expect(await make(3)).toEqual(first);
    expect(await make(4)).not.toEqual(first);
  });

  it('may be smaller than the sample', async () => {
    const { image } = await synthesizeTexture(runtime, narrow, sample, {
      width: 24,
      height: 32,
      iterations: 2,
    });
    expect([image.width, image.height]).toEqual([24, 32]);
  });

  it('with the histogram loss comes nearer to the distributions of the features', async () => {
    const options = {
      ...{ ...small, scales: [64], iterations: 20, styleLayers: ['relu1_1:0.01'] },
      histogramLayers: ['relu1_1', 'relu3_1'],
    };
    const { curve, losses } = await synthesizeTexture(runtime, narrow, sample, {
      ...options,
      histogramWeight: 1,
    });
    expect(losses.histogram).toBeLessThan(curve[0]!.histogram! / 2);
    expect(losses.total).toBeCloseTo(losses.style + losses.histogram!, 5);
  });

  it('tunes the weight of a term that would drown the style', async () => {
    const drowning = { ...small, histogramWeight: 1e4, tvWeight: 10 };
    const style = async (autoTune: boolean): Promise<number> => {
      const result = await synthesizeTexture(runtime, narrow, sample, { ...drowning, autoTune });
      return result.losses.style;
    };
    expect(await style(true)).toBeLessThan(0.85 * (await style(false)));
    // Terms that pull less than the style keep their weights.
    const light = { ...small, histogramWeight: 1e-9 };
    const [tuned, given] = [true, false].map((autoTune) =>
      synthesizeTexture(runtime, narrow, sample, { ...light, autoTune }),
    );
    expect((await tuned!).losses).toEqual((await given!).losses);
  });

  it('stops when it is told to, with the best texture so far', async () => {
    const stop = new AbortController();
    const result = await synthesizeTexture(runtime, narrow, sample, small, {
      signal: stop.signal,
      onProgress: (event) => event.type === 'iteration' && event.iteration === 3 && stop.abort(),
    });
    expect([result.stopped, result.iterations]).toEqual(['cancelled', 3]);
    expect(result.image).toMatchObject({ width: 64, height: 48 });
    expect(result.losses.style).toBeLessThanOrEqual(result.curve[0]!.style);
  });

  it('refuses samples that the layers can not see', async () => {
    const tiny = waves(5, 5);
    await expect(synthesizeTexture(runtime, narrow, tiny, { width: 64, height: 64 })).rejects.toMatchObject({
      code: 'E_IMAGE_SIZE',
    });
    await expect(
      synthesizeTexture(runtime, narrow, sample, { styleLayers: ['relu9_1'] }),
    ).rejects.toMatchObject({ code: 'E_LAYER' });
  });
});

describe('a tileable texture', () => {
  it('has no seam, and another one has', async () => {
    const network = await readGoldenNetwork();
    const make = async (tileable: boolean, width: number): Promise<Image> => {
      const options = { width, height: 48, tileable, scales: [width >> 1, width], iterations: [8, 5] };
      return (await synthesizeTexture(runtime, network, waves(80, 72), options)).image;
    };
    expect(seam(await make(true, 64))).toBeLessThan(1.4);
    // Sizes that pooling doesn't divide are worked at beside, and resized as a tile.
    expect(seam(await make(true, 58))).toBeLessThan(1.4);
    expect(seam(await make(false, 64))).toBeGreaterThan(1.6);
  });
});
