import { afterAll, describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../../src/images/image.js';
import { luminanceOf } from '../../../src/images/luminance.js';
import { neighborStylization } from '../../../src/methods/neighbors/neighbors-method.js';
import type { OptimizedPicture } from '../../../src/methods/optimization/walk-method.js';
import { patchStylization } from '../../../src/methods/patches/patches-method.js';
import { ColorAndMaskComposer } from '../../../src/methods/stylize/color-preservation.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { readToyWeights } from '../../toy-weights.js';
import { errorOf, randomPicture, runMethod, type RunControl } from '../method-runs.js';
import { content, halves, meanOf, red, redness, stripesStylizer } from './striped-pictures.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());
const weights = await readToyWeights();
const stylize = stripesStylizer({ runtime, weights });
const two = ['relu1_1', 'relu2_1'];
const few = { scales: [48], iterations: [3], margin: 4, contentLayers: ['relu2_2'] };

describe('colours', () => {
  it('stay the photograph’s when only luminance is painted', async () => {
    // Little else than style.
    const freely = { contentWeight: 0.03, contentLayers: ['relu4_2'], tvWeight: 0.1, grainWeight: 0 };
    const { image } = await stylize({ ...freely, preserveColors: 'luminance', size: 48 });
    const [before, after] = [luminanceOf(content), luminanceOf(image)];
    expect(Math.max(...after.map((value, i) => Math.abs(value - before[i]!)))).toBeGreaterThan(0.03);
    for (let i = 0; i < before.length; i += 1) {
      const [was, is] = [content, image].map(({ rgb }, k) =>
        [0, 1, 2].map((channel) => rgb[channel * before.length + i]! - [before, after][k]![i]!),
      ) as [number[], number[]];
      // Colour differences are the photograph's, or all of them less by the same factor.
      const kept =
        is.reduce((sum, value, k) => sum + value * was[k]!, 0) / was.reduce((sum, v) => sum + v * v, 0);
      expect(kept).toBeGreaterThan(0);
      expect(kept).toBeLessThan(1 + 1e-4);
      is.forEach((value, k) => expect(value).toBeCloseTo(kept * was[k]!, 4));
    }
  });

  it('are the photograph’s in the mean when the painting is matched first', async () => {
    const [plain, matched] = [await stylize({}), await stylize({ preserveColors: 'match' })];
    expect(redness(plain.image) - redness(content)).toBeGreaterThan(0.2);
    expect(Math.abs(redness(matched.image) - redness(content))).toBeLessThan(0.1);
  });
});

describe('chroma that is carried over into the painting’s range', () => {
  const carrying = { preserveColors: 'chroma' } as const;
  const pictures = { content, styles: [red] };
  /** The means of R - Y and B - Y, apart from what a colour of its luminance has no room for. */
  const chromaOf = (image: Image): number[] => {
    const luminance = luminanceOf(image);
    const mean = luminance.reduce((sum, value) => sum + value / luminance.length, 0);
    return [0, 2].map((channel) => meanOf(image, channel, () => true) - mean);
  };

  it('has the luminance that was painted, and in the mean the painting’s colour', () => {
    const painted = randomPicture(48, 32, 4);
    // Around half, where colours have room.
    const soft = createImage(
      48,
      32,
      painted.rgb.map((value) => 0.4 + 0.2 * value),
    );
    const paintings = [randomPicture(20, 24, 5), randomPicture(30, 20, 6)].map((image) =>
      createImage(
        image.width,
        image.height,
        image.rgb.map(
          (value, i) => [0.6, 0.4, 0.3][Math.floor(i / (image.width * image.height))]! + 0.1 * value,
        ),
      ),
    );
    const composer = new ColorAndMaskComposer(
      { content, styles: paintings },
      { ...carrying, feather: 0 },
      { width: 48, height: 32 },
    );
    const image = composer.compose(soft);
    const [before, after] = [luminanceOf(soft), luminanceOf(image)];
    after.forEach((value, i) => expect(value).toBeCloseTo(before[i]!, 5));
    const wanted = chromaOf(paintings[0]!);
    chromaOf(image).forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 2));
    expect(Math.abs(chromaOf(content)[0]! - wanted[0]!)).toBeGreaterThan(0.1);
    // They are the photograph's that vary: where it is blue, the result is the least red.
    const [first, second] = [0, 1].map((stripe) => (x: number) => Math.floor(x / 9) % 2 === stripe);
    const row = (picture: Image, inside: (x: number) => boolean): number =>
      redness(
        createImage(
          48,
          1,
          Float32Array.from({ length: 144 }, (_, i) => picture.rgb[Math.floor(i / 48) * 1536 + (i % 48)]!),
        ),
        inside,
      );
    expect(row(image, second!)).toBeGreaterThan(row(image, first!) + 0.01);
  });

  it('keeps the luminance also of colours that have little room', () => {
    const painted = randomPicture(48, 32, 4);
    const composer = new ColorAndMaskComposer(pictures, { ...carrying, feather: 0 }, content);
    const [before, after] = [luminanceOf(painted), luminanceOf(composer.compose(painted))];
    after.forEach((value, i) => expect(value).toBeCloseTo(before[i]!, 4));
  });

  it.each<[string, (preserveColors: 'none' | 'chroma') => Promise<OptimizedPicture>]>([
    ['gram', (preserveColors) => stylize({ preserveColors, size: 48 })],
    [
      'neighbors',
      (preserveColors) =>
        runMethod(neighborStylization, { runtime, weights }, pictures, {
          ...few,
          layers: two,
          preserveColors,
        }),
    ],
    [
      'patches',
      (preserveColors) =>
        runMethod(
          patchStylization,
          { runtime, weights },
          { content, style: red },
          { ...few, patchLayers: ['relu2_1'], preserveColors },
        ),
    ],
  ])('is another colour for the same paint with the method %s', async (_, run) => {
    const [plain, carried] = [await run('none'), await run('chroma')];
    const [before, after] = [luminanceOf(plain.image), luminanceOf(carried.image)];
    after.forEach((value, i) => expect(value).toBeCloseTo(before[i]!, 4));
    expect(carried.image.rgb).not.toEqual(plain.image.rgb);
    expect(carried.losses).toEqual(plain.losses);
  });
});

describe('the colours of a photograph painted by patches', () => {
  const byPatches = async (
    preserveColors: 'none' | 'luminance' | 'match',
    control: RunControl = {},
  ): Promise<Image> => {
    const options = {
      ...few,
      iterations: [20],
      patchLayers: ['relu2_1'],
      contentWeight: 0,
      tvWeight: 0,
      preserveColors,
    };
    const bench = { runtime, weights };
    return (await runMethod(patchStylization, bench, { content, style: red }, options, control)).image;
  };

  it('stay when only luminance is painted, also in what is shown on the way', async () => {
    const shown: Image[] = [];
    const image = await byPatches('luminance', {
      onProgress: (event) => {
        if (event.type === 'iteration' && event.iteration === 15) shown.push(event.image());
      },
    });
    const before = luminanceOf(content);
    for (const picture of [image, ...shown]) {
      const luminance = luminanceOf(picture);
      expect(Math.max(...luminance.map((value, i) => Math.abs(value - before[i]!)))).toBeGreaterThan(0.03);
      for (let i = 0; i < before.length; i += 1) {
        // Differences from luminance are the photograph's or less, of the same sign.
        for (const channel of [0, 1, 2]) {
          const at = channel * before.length + i;
          const [was, is] = [content.rgb[at]! - before[i]!, picture.rgb[at]! - luminance[i]!];
          expect(is * was).toBeGreaterThanOrEqual(-1e-6);
          expect(Math.abs(is)).toBeLessThan(Math.abs(was) + 1e-4);
        }
      }
    }
  });

  it('are the photograph’s in the mean when the painting is matched first', async () => {
    const [plain, matched] = [await byPatches('none'), await byPatches('match')];
    expect(redness(plain) - redness(content)).toBeGreaterThan(0.2);
    expect(Math.abs(redness(matched) - redness(content))).toBeLessThan(0.1);
  });
});

describe('an output mask', () => {
  it('leaves the rest of the picture untouched to the last bit', async () => {
    const shown: Image[] = [];
    const { image } = await stylize(
      { feather: 3 },
      {
        mask: halves(48, 32),
      },
      {
        onProgress: (event) => {
          if (event.type === 'iteration' && event.iteration === 14) shown.push(event.image());
        },
      },
    );
    for (const picture of [image, ...shown]) {
      expect(picture.width).toBe(48);
      picture.rgb.forEach((value, i) => {
        if (i % 48 < 24) expect(value).toBe(content.rgb[i]);
      });
      expect(meanOf(picture, 0, (x) => x >= 28) - meanOf(content, 0, (x) => x >= 28)).toBeGreaterThan(0.015);
    }
  });

  it('of other proportions is an error', async () => {
    const error = await errorOf(stylize({}, { mask: halves(48, 48) }));
    expect(error).toMatchObject({
      code: 'E_IMAGE_SIZE',
      message: expect.stringContaining('48x48') as string,
    });
  });
});
