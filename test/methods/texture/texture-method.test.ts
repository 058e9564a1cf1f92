import { describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../../src/images/image.js';
import type { OptimizedPicture } from '../../../src/methods/optimization/walk-method.js';
import type { IterationProgress } from '../../../src/methods/progress.js';
import type { TextureOptions } from '../../../src/methods/texture/options.js';
import { planTexture } from '../../../src/methods/texture/plan.js';
import { texture } from '../../../src/methods/texture/texture-method.js';
import type { VggWeights } from '../../../src/networks/vgg-weights.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { readGoldenNetwork } from '../../golden-values.js';
import { narrowVgg } from '../../networks/reference-vgg.js';
import { planMethod, runMethod, type RunControl } from '../method-runs.js';

const runtime = createNativeRuntime({ threads: 1 });
const narrow = narrowVgg('vgg19');
const make = (
  weights: VggWeights,
  sample: Image,
  options: TextureOptions,
  control: RunControl = {},
): Promise<OptimizedPicture> => runMethod(texture, { runtime, weights }, { sample }, options, control);

/** Coloured waves in no direction of the grid, so that no texture fits by chance. */
function waves(width: number, height: number): Image {
  const rgb = Float32Array.from({ length: 3 * width * height }, (_, i) => {
    const [channel, y, x] = [Math.floor(i / (width * height)), Math.floor(i / width) % height, i % width];
    return 0.5 + 0.45 * Math.sin(0.9 * x + 0.37 * y + channel) * Math.cos(0.21 * x - 0.7 * y);
  });
  return createImage(width, height, rgb);
}
const sample = waves(48, 40);
const small: TextureOptions = { size: '64x48', scales: [32, 64], iterations: [6, 4], tvWeight: 0 };

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
    const { image, losses, curve } = await make(narrow, grey(noise), small);
    expect(color(image)).toBeLessThan(1e-6);
    expect(losses.total).toBeLessThan(0.9 * curve[0]!.total);
  });

  it('is none where there is a tint', async () => {
    expect(color((await make(narrow, grey(0.02), small)).image)).toBeGreaterThan(0.01);
  });
});

describe('texture synthesis', () => {
  it('comes nearer to the sample at every scale, at the size that was asked for', async () => {
    const events: IterationProgress[] = [];
    let last: Image | undefined;
    const result = await make(narrow, sample, small, {
      onProgress: (event) => {
        if (event.type !== 'iteration') return;
        events.push(event);
        last = event.image();
      },
    });
    expect([result.image.width, result.image.height, result.stopped]).toEqual([64, 48, 'finished']);
    expect(result.curve.map(({ iteration, scale }) => [iteration, scale])).toEqual(
      events.map(({ iteration, scale }) => [iteration, scale]),
    );
    expect(result.losses.style).toBeLessThan(result.curve[0]!.style! / 3);
    expect(last).toMatchObject({ width: 64, height: 48 });
    expect(Object.keys(result.losses).sort()).toEqual(['style', 'total']);
  });

  it('is the same for the same seed, and another for another', async () => {
    const seeded = async (seed: number): Promise<Float32Array> =>
      (await make(narrow, sample, { ...small, iterations: [2, 1], seed })).image.rgb;
    const first = await seeded(3);
    expect(await seeded(3)).toEqual(first);
    expect(await seeded(4)).not.toEqual(first);
  });

  it('may be smaller than the sample', async () => {
    const { image } = await make(narrow, sample, { size: '24x32', iterations: 2 });
    expect([image.width, image.height]).toEqual([24, 32]);
  });

  it('with the histogram loss comes nearer to the distributions of the features', async () => {
    const options = {
      ...{ ...small, scales: [64], iterations: 20, styleLayers: ['relu1_1:0.01'] },
      histogramLayers: ['relu1_1', 'relu3_1'],
    };
    const { curve, losses } = await make(narrow, sample, {
      ...options,
      histogramWeight: 1,
    });
    expect(losses.histogram).toBeLessThan(curve[0]!.histogram! / 2);
    expect(losses.total).toBeCloseTo(losses.style! + losses.histogram!, 5);
  });

  it('tunes the weight of a term that would drown the style', async () => {
    const drowning = { ...small, histogramWeight: 1e4, tvWeight: 10 };
    const style = async (autoTune: boolean): Promise<number> => {
      const result = await make(narrow, sample, { ...drowning, autoTune });
      return result.losses.style!;
    };
    expect(await style(true)).toBeLessThan(0.85 * (await style(false)));
    // Terms that pull less than the style keep their weights.
    const light = { ...small, histogramWeight: 1e-9 };
    const [tuned, given] = [true, false].map((autoTune) => make(narrow, sample, { ...light, autoTune }));
    expect((await tuned!).losses).toEqual((await given!).losses);
  });

  it('stops when it is told to, with the best texture so far', async () => {
    const stop = new AbortController();
    const result = await make(narrow, sample, small, {
      signal: stop.signal,
      onProgress: (event) => event.type === 'iteration' && event.iteration === 3 && stop.abort(),
    });
    expect([result.stopped, result.iterations]).toEqual(['cancelled', 3]);
    expect(result.image).toMatchObject({ width: 64, height: 48 });
    expect(result.losses.style).toBeLessThanOrEqual(result.curve[0]!.style!);
  });

  it('refuses samples that the layers can not see', async () => {
    const tiny = waves(5, 5);
    await expect(make(narrow, tiny, { size: '64x64' })).rejects.toMatchObject({
      code: 'E_IMAGE_SIZE',
    });
    await expect(make(narrow, sample, { styleLayers: ['relu9_1'] })).rejects.toMatchObject({
      code: 'E_LAYER',
    });
  });
});

describe('a tileable texture', () => {
  it('has no seam, and another one has', async () => {
    const network = await readGoldenNetwork();
    const tile = async (tileable: boolean, width: number): Promise<Image> => {
      const options = { size: `${width}x48`, tileable, scales: [width >> 1, width], iterations: [8, 5] };
      return (await make(network, waves(80, 72), options)).image;
    };
    expect(seam(await tile(true, 64))).toBeLessThan(1.4);
    // Sizes that pooling doesn't divide are worked at beside, and resized as a tile.
    expect(seam(await tile(true, 58))).toBeLessThan(1.4);
    expect(seam(await tile(false, 64))).toBeGreaterThan(1.6);
  });
});

describe('what a texture is planned and described as', () => {
  const pictures = { sample };
  const settings = texture.resolve({ size: '64x48', scales: [32, 64], iterations: [6, 4] });

  it('takes more memory for histograms, and more operations for tuned weights', () => {
    const plan = (more: TextureOptions) => planMethod(texture, narrow, pictures, { ...small, ...more });
    const [plain, matched, tuned] = [{}, { histogramWeight: 1 }, { histogramWeight: 1, autoTune: true }].map(
      plan,
    );
    expect(plain).toMatchObject({ width: 64, height: 48 });
    expect(matched!.memoryBytes).toBeGreaterThan(plain!.memoryBytes);
    expect(tuned!.operations).toBeGreaterThan(matched!.operations);
  });

  it('in another size keeps its form, and says so as the option has it', () => {
    const resized = texture.resized!(settings, 32, pictures);
    expect(resized).toMatchObject({
      size: { width: 32, height: 24 },
      scales: undefined,
      iterations: undefined,
    });
    expect(texture.sizeOption!(32, { settings, pictures })).toEqual(['size', '32x24']);
    const own = texture.resolve({});
    // Without a size it is the sample's form.
    expect(texture.sizeOption!(24, { settings: own, pictures })).toEqual(['size', '24x20']);
    const trial = texture.resized!(settings, 32, pictures, 5);
    expect(planTexture(sample, trial).scales).toMatchObject([{ width: 32, height: 24, iterations: 5 }]);
  });

  it('looks at the sample as large as it is brought to', () => {
    expect(texture.longestSide!(settings, 'sample')).toBe(512);
    expect(texture.longestSide!(texture.resolve({ sampleSize: 900 }), 'sample')).toBe(900);
  });

  it('has the terms of its loss, and its facts in words', () => {
    expect(texture.terms(settings)).toEqual(['style', 'totalVariation']);
    expect(texture.terms(texture.resolve({ tvWeight: 0, histogramWeight: 1 }))).toEqual([
      'style',
      'histogram',
    ]);
    const plan = texture.plan({ settings, pictures }, narrow);
    const { title, before, facts } = texture.describe(settings, { sample: ['bark.jpg'] }, plan);
    expect([title, before]).toEqual(['texture of bark.jpg', undefined]);
    expect(facts.slice(0, 3)).toEqual([
      ['Size', '64x48, from a sample at 48x40'],
      ['Repeats', 'no'],
      ['Coarse to fine', '32x24 (6 iterations), 64x48 (4 iterations)'],
    ]);
    expect(facts).toContainEqual(['Histogram', 'not used']);
    const repeats = texture.resolve({ tileable: true });
    expect(texture.describe(repeats, { sample: ['bark.jpg'] }, plan).title).toBe(
      'texture of bark.jpg, tileable',
    );
  });
});
