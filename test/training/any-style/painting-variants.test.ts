import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createImage } from '../../../src/images/image.js';
import { createRandom } from '../../../src/random.js';
import { paintingVariant, wholePainting } from '../../../src/training/any-style/painting-variants.js';
import { noise } from '../../noise.js';

const painting = (width: number, height: number) => createImage(width, height, noise(3 * width * height));

describe('variants of a painting', () => {
  it('are pictures large enough to be measured, with colours in range, the same for the same seed', () => {
    const sides = fc.integer({ min: 1, max: 300 });
    fc.assert(
      fc.property(sides, sides, fc.nat(), (width, height, seed) => {
        const image = painting(width, height);
        const variant = paintingVariant(image, 256, createRandom(seed));
        expect(Math.min(variant.width, variant.height)).toBeGreaterThanOrEqual(96);
        expect(variant.rgb.length).toBe(3 * variant.width * variant.height);
        expect(variant.rgb.every((value) => value >= 0 && value <= 1)).toBe(true);
        const again = paintingVariant(image, 256, createRandom(seed));
        expect(again.rgb.every((value, i) => value === variant.rgb[i])).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('are the painting turned, in other colours, and in parts', () => {
    const image = painting(200, 120);
    const seen = Array.from({ length: 40 }, (_, seed) => paintingVariant(image, 200, createRandom(seed)));
    expect(seen.filter(({ width, height }) => height > width).length).toBeGreaterThan(3);
    expect(new Set(seen.map(({ width }) => width)).size).toBeGreaterThan(20);
  });

  it('include the painting as it is', () => {
    const image = painting(200, 120);
    expect(wholePainting(image, 512).rgb.every((value, i) => value === image.rgb[i])).toBe(true);
    expect(wholePainting(image, 160)).toMatchObject({ width: 160, height: 96 });
  });
});
