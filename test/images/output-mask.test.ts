import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../src/images/image.js';
import { paintedParts, paintOver } from '../../src/images/output-mask.js';
import { createRandom } from '../../src/random.js';

function greys(width: number, height: number, values: readonly number[]): Image {
  return createImage(width, height, Float32Array.from([...values, ...values, ...values]));
}

/** The distance to the nearest black pixel, by looking at all. */
function distance(values: readonly number[], width: number, x: number, y: number): number {
  return Math.min(
    ...values.map((value, i) =>
      value > 0 ? Infinity : Math.hypot((i % width) - x, Math.floor(i / width) - y),
    ),
  );
}

describe('output masks', () => {
  it('fade in from the black by the exact distance', () => {
    const sizes = fc.record({
      width: fc.integer({ min: 1, max: 9 }),
      height: fc.integer({ min: 1, max: 9 }),
      seed: fc.nat(),
      feather: fc.integer({ min: 0, max: 6 }),
      black: fc.double({ min: 0, max: 1 }),
    });
    fc.assert(
      fc.property(sizes, ({ width, height, seed, feather, black }) => {
        const random = createRandom(seed);
        const values = Array.from({ length: width * height }, () => (random.uniform() < black ? 0 : 1));
        const parts = paintedParts(greys(width, height, values), width, height, feather);
        values.forEach((value, i) => {
          const d = distance(values, width, i % width, Math.floor(i / width));
          expect(parts[i]).toBeCloseTo(value === 0 ? 0 : Math.min(1, d / (feather + 1)), 5);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('leave the photograph to the last bit where they are black', () => {
    const random = createRandom(3);
    const picture = (): Image =>
      createImage(
        8,
        6,
        Float32Array.from({ length: 144 }, () => random.uniform()),
      );
    const [photograph, painted] = [picture(), picture()];
    const values = Array.from({ length: 48 }, (_, i) => (i % 8 < 4 ? 0 : 1));
    const result = paintOver(photograph, painted, paintedParts(greys(8, 6, values), 8, 6, 1));
    result.rgb.forEach((value, i) => {
      const at = i % 48;
      if (values[at] === 0) expect(value).toBe(photograph.rgb[i]);
      else if (at % 8 > 4) expect(value).toBeCloseTo(painted.rgb[i]!, 6);
      else expect(value).toBeCloseTo((photograph.rgb[i]! + painted.rgb[i]!) / 2, 6);
    });
  });

  it('are resized, and are refused with other proportions', () => {
    const half = greys(4, 2, [0, 0, 1, 1, 0, 0, 1, 1]);
    expect([...paintedParts(half, 8, 4, 0)].filter((part) => part === 0)).toHaveLength(12);
    expect(() => paintedParts(half, 8, 8, 0)).toThrow(
      expect.objectContaining({
        code: 'E_IMAGE_SIZE',
        message: expect.stringContaining('4x2') as string,
      }) as Error,
    );
  });

  it('take what is transparent for black', () => {
    const white = new Float32Array(12).fill(1);
    const mask = createImage(2, 2, white, Float32Array.of(0, 1, 0.5, 1));
    [0, 1, 0.5, 1].forEach((value, i) => expect(paintedParts(mask, 2, 2, 0)[i]).toBeCloseTo(value, 6));
  });
});
