import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../src/images/image.js';
import {
  cropSquare,
  cutCrop,
  PictureOrder,
  type CropDraw,
  type CropScales,
} from '../../src/training/picture-crops.js';

const seed = fc.nat({ max: 2 ** 31 - 1 });
const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const draw: fc.Arbitrary<CropDraw> = fc.record({
  scale: unit,
  left: unit,
  top: unit,
  flipped: fc.boolean(),
});
const scales: fc.Arbitrary<CropScales> = fc
  .tuple(fc.double({ min: 0.01, max: 1, noNaN: true }), fc.double({ min: 0.01, max: 1, noNaN: true }))
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
const side = fc.integer({ min: 1, max: 3000 });
const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

describe('the order of pictures', () => {
  it('has every picture once in each epoch', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 60 }), fc.nat({ max: 1e6 }), (seed, pictures, epoch) => {
        const order = new PictureOrder(seed, pictures);
        const shown = range(pictures).map((place) => order.picture(epoch * pictures + place));
        expect(shown.sort((a, b) => a - b)).toEqual(range(pictures));
      }),
    );
  });

  it('offers every picture once as a candidate, first the one whose turn it is', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 40 }), fc.nat({ max: 1e9 }), (seed, pictures, position) => {
        const order = new PictureOrder(seed, pictures);
        const candidates = range(pictures).map((candidate) => order.picture(position, candidate));
        expect(candidates[0]).toBe(order.picture(position));
        expect(candidates.sort((a, b) => a - b)).toEqual(range(pictures));
      }),
    );
  });

  it('depends on the position alone, not on what was asked before', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 20 }), fc.array(fc.nat({ max: 200 })), (seed, n, asked) => {
        const order = new PictureOrder(seed, n);
        for (const position of asked) {
          const fresh = new PictureOrder(seed, n);
          expect(order.picture(position)).toBe(fresh.picture(position));
          expect(order.crop(position)).toEqual(fresh.crop(position));
        }
      }),
    );
  });

  it('differs from epoch to epoch and from seed to seed', () => {
    const epoch = (seed: number, number: number): string => {
      const order = new PictureOrder(seed, 50);
      return range(50)
        .map((place) => order.picture(number * 50 + place))
        .join();
    };
    expect(new Set([epoch(1, 0), epoch(1, 1), epoch(1, 2), epoch(2, 0), epoch(3, 0)]).size).toBe(5);
  });

  it('draws evenly, and each number apart from the others and from those of its neighbours', () => {
    const order = new PictureOrder(3, 100);
    const draws = range(4000).map((position) => order.crop(position));
    const columns = [
      ...(['scale', 'left', 'top'] as const).map((name) => draws.map((crop) => crop[name] - 0.5)),
      draws.map(({ flipped }) => (flipped ? 0.5 : -0.5)),
    ];
    const mean = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    const variances = [1 / 12, 1 / 12, 1 / 12, 1 / 4];
    // Five standard deviations of the mean of 4000 values.
    const bound = 5 / Math.sqrt(4000);
    columns.forEach((a, i) => {
      expect(Math.abs(mean(a)) / Math.sqrt(variances[i]!)).toBeLessThan(bound);
      expect(mean(a.map((value) => value * value)) / variances[i]!).toBeCloseTo(1, 1);
      columns.forEach((b, j) => {
        const scale = Math.sqrt(variances[i]! * variances[j]!);
        const later = mean(a.slice(1).map((value, k) => value * b[k]!)) / scale;
        expect(Math.abs(later)).toBeLessThan(bound);
        if (i < j) expect(Math.abs(mean(a.map((value, k) => value * b[k]!)) / scale)).toBeLessThan(bound);
      });
    });
  });
});

describe('the square that a crop shows', () => {
  it('lies inside the picture and has a share within the scales', () => {
    fc.assert(
      fc.property(
        draw,
        side,
        side,
        fc.integer({ min: 1, max: 600 }),
        scales,
        (draw, width, height, size, scales) => {
          const square = cropSquare(draw, { width, height }, size, scales);
          expect(square.side).toBeGreaterThanOrEqual(1);
          expect(Math.min(square.left, square.top)).toBeGreaterThanOrEqual(0);
          expect(square.left + square.side).toBeLessThanOrEqual(width);
          expect(square.top + square.side).toBeLessThanOrEqual(height);
          const shorter = Math.min(width, height);
          expect(square.side).toBeGreaterThanOrEqual(Math.floor(scales[0] * shorter));
          expect(square.side).toBeLessThanOrEqual(Math.max(1, Math.ceil(scales[1] * shorter)));
        },
      ),
    );
  });

  it('has no fewer pixels than the crop where the largest share has as many, and else is that share', () => {
    fc.assert(
      fc.property(
        draw,
        side,
        side,
        fc.integer({ min: 1, max: 600 }),
        scales,
        (draw, width, height, size, scales) => {
          const largest = Math.max(1, Math.round(scales[1] * Math.min(width, height)));
          const { side } = cropSquare(draw, { width, height }, size, scales);
          if (largest >= size) expect(side).toBeGreaterThanOrEqual(size);
          else expect(side).toBe(largest);
        },
      ),
    );
  });

  it('reaches both ends of the scales and every edge', () => {
    const at = (scale: number, place: number) =>
      cropSquare(
        { scale, left: place, top: place, flipped: false },
        { width: 800, height: 400 },
        100,
        [0.25, 1],
      );
    expect(at(0, 0)).toEqual({ left: 0, top: 0, side: 100 });
    expect(at(0, 0.9999)).toEqual({ left: 700, top: 300, side: 100 });
    // Log-uniform: half way between a quarter and the whole is the half.
    expect(at(0.5, 0.9999)).toEqual({ left: 600, top: 200, side: 200 });
    expect(at(0.9999, 0.9999)).toEqual({ left: 400, top: 0, side: 400 });
  });
});

/** Red counts the columns, green the rows, in steps that float32 holds exactly; blue says how large the picture is. */
function coordinates(width: number, height: number): Image {
  const pixels = width * height;
  const rgb = new Float32Array(3 * pixels);
  for (let i = 0; i < pixels; i += 1) {
    rgb[i] = (i % width) / 256;
    rgb[pixels + i] = Math.floor(i / width) / 256;
    rgb[2 * pixels + i] = 0.5;
  }
  return createImage(width, height, rgb);
}

describe('a crop', () => {
  it('is that part of the picture, pixel for pixel, where its size is that of the square', () => {
    const crop = cutCrop(coordinates(60, 40), { left: 13, top: 7, side: 16 }, 16, false);
    const mirrored = cutCrop(coordinates(60, 40), { left: 13, top: 7, side: 16 }, 16, true);
    for (const row of range(16)) {
      for (const column of range(16)) {
        const at = row * 16 + column;
        expect(crop[at]).toBe((13 + column) / 256);
        expect(mirrored[at]).toBe((13 + 15 - column) / 256);
        expect([crop[256 + at], mirrored[256 + at]]).toEqual([(7 + row) / 256, (7 + row) / 256]);
        expect([crop[512 + at], mirrored[512 + at]]).toEqual([0.5, 0.5]);
      }
    }
  });

  it('is a smaller or larger picture of its square otherwise', () => {
    for (const [side, size] of [
      [32, 8],
      [8, 32],
    ] as const) {
      const crop = cutCrop(coordinates(60, 40), { left: 20, top: 4, side }, size, false);
      const mirrored = cutCrop(coordinates(60, 40), { left: 20, top: 4, side }, size, true);
      // A ramp stays a ramp, away from the edges, where Lanczos has only one side to go by.
      for (const i of range(size).slice(size / 4, -size / 4)) {
        const offset = ((i + 0.5) * side) / size - 0.5;
        const row = size * (size / 2);
        expect(crop[row + i]! * 256).toBeCloseTo(20 + offset, 0);
        expect(mirrored[row + size - 1 - i]).toBe(crop[row + i]);
        expect(crop[size * size + i * size + size / 2]! * 256).toBeCloseTo(4 + offset, 0);
      }
    }
  });

  it('can be cut from a single pixel', () => {
    const crop = cutCrop(
      createImage(1, 1, Float32Array.of(0.25, 0.5, 0.75)),
      { left: 0, top: 0, side: 1 },
      2,
      true,
    );
    expect([...crop]).toEqual([0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 0.5, 0.5, 0.75, 0.75, 0.75, 0.75]);
  });

  it('does not let colours under transparent pixels bleed', () => {
    const rgb = Float32Array.from({ length: 3 * 16 }, (_, i) => (i % 4 < 2 ? 0 : 1));
    const alpha = Float32Array.from({ length: 16 }, (_, i) => (i % 4 < 2 ? 0 : 1));
    const crop = cutCrop(createImage(4, 4, rgb, alpha), { left: 1, top: 0, side: 3 }, 1, false);
    expect([...crop].map((value) => value.toFixed(4))).toEqual(['1.0000', '1.0000', '1.0000']);
  });
});
