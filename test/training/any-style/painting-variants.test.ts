import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createImage } from '../../../src/images/image.js';
import { createRandom } from '../../../src/random.js';
import { paintingVariant, wholePainting } from '../../../src/training/any-style/painting-variants.js';
import { noise } from '../../noise.js';

const painting = (width: number, height: number) => createImage(width, height, noise(3 * width * height));

/** A painting in warm colours. */
const palette = () => {
  const { rgb } = painting(64, 64);
  const warm = rgb.map((value, i) => (i < 64 * 64 ? 0.8 + 0.2 * value : 0.3 * value));
  return Promise.resolve(createImage(64, 64, warm));
};

describe('variants of a painting', () => {
  it('are pictures large enough to be measured, with colours in range, the same for the same seed', async () => {
    const sides = fc.integer({ min: 1, max: 300 });
    await fc.assert(
      fc.asyncProperty(sides, sides, fc.nat(), async (width, height, seed) => {
        const image = painting(width, height);
        const variant = await paintingVariant(image, 256, createRandom(seed), palette);
        expect(Math.min(variant.width, variant.height)).toBeGreaterThanOrEqual(96);
        expect(variant.rgb.length).toBe(3 * variant.width * variant.height);
        expect(variant.rgb.every((value) => value >= 0 && value <= 1)).toBe(true);
        const again = await paintingVariant(image, 256, createRandom(seed), palette);
        expect(again.rgb.every((value, i) => value === variant.rgb[i])).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('are the painting turned, in other colours, and in parts', async () => {
    const image = painting(200, 120);
    const seen = await Promise.all(
      Array.from({ length: 40 }, (_, seed) => paintingVariant(image, 200, createRandom(seed), palette)),
    );
    expect(seen.filter(({ width, height }) => height > width).length).toBeGreaterThan(3);
    expect(new Set(seen.map(({ rgb }) => rgb[0])).size).toBeGreaterThan(35);
    // Few sizes, so that few graphs are compiled.
    expect(new Set(seen.map(({ width, height }) => `${width}x${height}`)).size).toBeLessThanOrEqual(6);
  });

  it('give a grey plate the colours of another painting', async () => {
    const { rgb } = painting(200, 120);
    const plane = 200 * 120;
    const values = rgb.map((_, i) => rgb[i % plane]!);
    const grey = createImage(200, 120, values);
    const seen = await Promise.all(
      Array.from({ length: 40 }, (_, seed) => paintingVariant(grey, 200, createRandom(seed), palette)),
    );
    const warm = seen.filter(({ rgb: colors }) => {
      const size = colors.length / 3;
      const mean = (channel: number) =>
        colors.subarray(channel * size, (channel + 1) * size).reduce((sum, value) => sum + value, 0) / size;
      return Math.abs(mean(0) - 0.9) < 0.02 && Math.abs(mean(2) - 0.15) < 0.02;
    });
    expect(warm.length).toBeGreaterThan(8);
  });

  it('include the painting as it is', () => {
    const image = painting(200, 120);
    expect(wholePainting(image, 512).rgb.every((value, i) => value === image.rgb[i])).toBe(true);
    expect(wholePainting(image, 160)).toMatchObject({ width: 160, height: 96 });
  });
});
