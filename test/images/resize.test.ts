import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createImage } from '../../src/images/image.js';
import { fitLongSide, resizeImage, resizePlanes, type ResizeKernel } from '../../src/images/resize.js';

const kernels: readonly ResizeKernel[] = ['lanczos3', 'bicubic', 'bilinear', 'nearest'];

/** The kernels' textbook formulas, written apart from the code under test. */
const formulas: Record<Exclude<ResizeKernel, 'nearest'>, (x: number) => number> = {
  lanczos3: (x) =>
    x === 0
      ? 1
      : Math.abs(x) >= 3
        ? 0
        : (3 * Math.sin(Math.PI * x) * Math.sin((Math.PI * x) / 3)) / (Math.PI * x) ** 2,
  bicubic: (x) => {
    const [a, t] = [-0.5, Math.abs(x)];
    if (t <= 1) return (a + 2) * t ** 3 - (a + 3) * t ** 2 + 1;
    return t < 2 ? a * t ** 3 - 5 * a * t ** 2 + 8 * a * t - 4 * a : 0;
  },
  bilinear: (x) => (Math.abs(x) < 1 ? 1 - Math.abs(x) : 0),
};

/** One output value as a sum over every input value of its plane. */
function direct(
  plane: Float32Array,
  [h, w]: number[],
  [newH, newW]: number[],
  y: number,
  x: number,
  kernel: ResizeKernel,
): number {
  const weigh = (from: number, size: number, to: number, newSize: number): number => {
    const scale = size / newSize;
    if (kernel === 'nearest') return from === Math.floor((to + 0.5) * scale) ? 1 : 0;
    return formulas[kernel]((from + 0.5 - (to + 0.5) * scale) / Math.max(1, scale));
  };
  let [sum, total] = [0, 0];
  for (let v = 0; v < h!; v++) {
    for (let u = 0; u < w!; u++) {
      const weight = weigh(v, h!, y, newH!) * weigh(u, w!, x, newW!);
      sum += weight * plane[v * w! + u]!;
      total += weight;
    }
  }
  return sum / total;
}

const noise = (length: number, seed: number): Float32Array =>
  Float32Array.from(
    { length },
    (_, i) => ((Math.imul(i + 1, 2654435761) ^ Math.imul(seed + 1, 40503)) >>> 8) / 2 ** 24,
  );

const side = fc.integer({ min: 1, max: 13 });
const kernel = fc.constantFrom(...kernels);
const close = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void => {
  expect(actual.length).toBe(expected.length);
  const worst = Array.from(actual).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - expected[i]!)),
    0,
  );
  expect(worst).toBeLessThanOrEqual(tolerance);
};

describe('resizePlanes', () => {
  it('equals the direct sum over all samples', () => {
    fc.assert(
      fc.property(side, side, side, side, kernel, fc.nat(), (h, w, newH, newW, kernel, seed) => {
        const planes = noise(2 * h * w, seed);
        const actual = resizePlanes(
          planes,
          2,
          { width: w, height: h },
          { width: newW, height: newH },
          kernel,
        );
        const expected: number[] = [];
        for (let c = 0; c < 2; c++) {
          const plane = planes.subarray(c * h * w, (c + 1) * h * w);
          for (let y = 0; y < newH; y++)
            for (let x = 0; x < newW; x++) expected.push(direct(plane, [h, w], [newH, newW], y, x, kernel));
        }
        close(actual, expected, 2e-6);
      }),
      { numRuns: 150 },
    );
  });

  it('leaves the values alone at the same size, in a copy', () => {
    const planes = noise(2 * 5 * 7, 1);
    for (const kernel of kernels) {
      const same = resizePlanes(planes, 2, { width: 7, height: 5 }, { width: 7, height: 5 }, kernel);
      expect(same).toEqual(planes);
      expect(same).not.toBe(planes);
    }
  });

  it('keeps a constant constant', () => {
    fc.assert(
      fc.property(
        side,
        side,
        side,
        side,
        kernel,
        fc.double({ min: -2, max: 2, noNaN: true }),
        (h, w, newH, newW, kernel, value) => {
          const planes = new Float32Array(3 * h * w).fill(value);
          close(
            resizePlanes(planes, 3, { width: w, height: h }, { width: newW, height: newH }, kernel),
            new Float32Array(3 * newH * newW).fill(value),
            1e-6,
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('turns a flipped picture into the flipped result', () => {
    const flip = (planes: Float32Array, width: number): Float32Array =>
      planes.map((_, i) => planes[i - (i % width) + (width - 1 - (i % width))]!);
    fc.assert(
      fc.property(
        side,
        side,
        side,
        side,
        fc.constantFrom<ResizeKernel>('lanczos3', 'bicubic', 'bilinear'),
        (h, w, newH, newW, kernel) => {
          const planes = noise(h * w, h * w);
          const flipped = resizePlanes(
            flip(planes, w),
            1,
            { width: w, height: h },
            { width: newW, height: newH },
            kernel,
          );
          close(
            flipped,
            flip(
              resizePlanes(planes, 1, { width: w, height: h }, { width: newW, height: newH }, kernel),
              newW,
            ),
            1e-6,
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keeps the mean brightness, making smaller or larger', () => {
    const mean = (values: Float32Array): number => values.reduce((sum, v) => sum + v, 0) / values.length;
    const planes = noise(96 * 128, 3);
    for (const kernel of ['lanczos3', 'bicubic', 'bilinear'] as const) {
      for (const [h, w] of [
        [24, 32],
        [37, 50],
        [150, 200],
      ] as const) {
        expect(
          Math.abs(
            mean(resizePlanes(planes, 1, { width: 128, height: 96 }, { width: w, height: h }, kernel)) -
              mean(planes),
          ),
        ).toBeLessThan(0.01);
      }
    }
  });

  it('does not alias: a checkerboard of single pixels becomes grey', () => {
    const checkerboard = Float32Array.from(
      { length: 64 * 64 },
      (_, i) => ((i % 64) + Math.floor(i / 64)) % 2,
    );
    for (const kernel of ['lanczos3', 'bicubic', 'bilinear'] as const) {
      const small = resizePlanes(
        checkerboard,
        1,
        { width: 64, height: 64 },
        { width: 16, height: 16 },
        kernel,
      );
      for (let y = 3; y < 13; y++)
        for (let x = 3; x < 13; x++) expect(Math.abs(small[y * 16 + x]! - 0.5)).toBeLessThan(0.02);
    }
  });

  it('agrees with libvips on a smooth picture, away from the edges', async () => {
    const [w, h, newW, newH] = [120, 90, 40, 30];
    const value = (x: number, y: number): number =>
      Math.round(127 + 60 * Math.sin(x / 9) + 60 * Math.cos(y / 7));
    const bytes = Uint8Array.from({ length: w * h }, (_, i) => value(i % w, Math.floor(i / w)));
    const theirs = await sharp(bytes, { raw: { width: w, height: h, channels: 1 } })
      .resize(newW, newH, { kernel: 'lanczos3', fit: 'fill' })
      .extractChannel(0)
      .raw()
      .toBuffer();
    const ours = resizePlanes(
      Float32Array.from(bytes),
      1,
      { width: w, height: h },
      { width: newW, height: newH },
      'lanczos3',
    );
    for (let y = 3; y < newH - 3; y++) {
      for (let x = 3; x < newW - 3; x++)
        expect(Math.abs(ours[y * newW + x]! - theirs[y * newW + x]!)).toBeLessThan(1.5);
    }
  });

  it('refuses sizes that are none and planes of another length', () => {
    const planes = new Float32Array(12);
    for (const [h, w] of [
      [0, 3],
      [-1, 3],
      [2.5, 3],
      [NaN, 3],
    ] as const) {
      expect(() => resizePlanes(planes, 3, { width: 2, height: 2 }, { width: w, height: h })).toThrowError(
        expect.objectContaining({ code: 'E_ARGUMENT' }),
      );
    }
    expect(() => resizePlanes(planes, 3, { width: 3, height: 2 }, { width: 4, height: 4 })).toThrowError(
      expect.objectContaining({ code: 'E_SHAPE' }),
    );
  });
});

describe('resizeImage', () => {
  it('stays in [0, 1] where Lanczos overshoots', () => {
    const edge = Float32Array.from({ length: 3 * 8 * 8 }, (_, i) => (i % 8 < 4 ? 0 : 1));
    expect(
      Math.max(...resizePlanes(edge, 3, { width: 8, height: 8 }, { width: 20, height: 20 })),
    ).toBeGreaterThan(1.01);
    const large = resizeImage(createImage(8, 8, edge), 20, 20);
    expect([large.width, large.height, large.rgb.length, large.alpha]).toEqual([20, 20, 1200, undefined]);
    expect(Math.max(...large.rgb)).toBe(1);
    expect(Math.min(...large.rgb)).toBe(0);
  });

  it('gives the same picture back at the same size, and averages like resizePlanes without alpha', () => {
    const image = createImage(9, 6, noise(162, 4));
    expect(resizeImage(image, 9, 6)).toBe(image);
    expect(resizeImage(image, 5, 4, 'bilinear').rgb).toEqual(
      resizePlanes(image.rgb, 3, { width: 9, height: 6 }, { width: 5, height: 4 }, 'bilinear'),
    );
  });

  it('lets no colour from under transparent pixels into visible ones', () => {
    const [w, h] = [16, 12];
    const alpha = Float32Array.from({ length: w * h }, (_, i) => (i % w < 7 ? 1 : 0));
    // Red where it shows, green where it does not.
    const rgb = Float32Array.from({ length: 3 * w * h }, (_, i) => {
      const [channel, visible] = [Math.floor(i / (w * h)), alpha[i % (w * h)] === 1];
      return channel === (visible ? 0 : 1) ? 1 : 0;
    });
    for (const kernel of kernels) {
      for (const [newW, newH] of [
        [5, 4],
        [40, 30],
      ] as const) {
        const result = resizeImage(createImage(w, h, rgb, alpha), newW, newH, kernel);
        const pixels = newW * newH;
        expect(result.alpha!.some((a) => a > 0.9)).toBe(true);
        expect(result.alpha!.some((a) => a < 0.1)).toBe(true);
        result.alpha!.forEach((a, i) => {
          const colour = [result.rgb[i]!, result.rgb[pixels + i]!];
          if (a >= 0.002) close(colour, [1, 0], 1e-5);
        });
      }
    }
  });

  it('keeps the colours of a wholly transparent picture', () => {
    const rgb = noise(3 * 10 * 10, 5);
    const result = resizeImage(createImage(10, 10, rgb, new Float32Array(100)), 4, 4, 'bilinear');
    expect(result.alpha).toEqual(new Float32Array(16));
    close(
      result.rgb,
      resizePlanes(rgb, 3, { width: 10, height: 10 }, { width: 4, height: 4 }, 'bilinear'),
      1e-7,
    );
  });

  it('works for pictures of one pixel or one column', () => {
    expect(resizeImage(createImage(1, 1, Float32Array.of(0.1, 0.2, 0.3)), 3, 2).rgb).toEqual(
      Float32Array.from([0.1, 0.2, 0.3].flatMap((v) => Array<number>(6).fill(v))),
    );
    expect(resizeImage(createImage(1, 4000, noise(12000, 6)), 1, 512).rgb).toHaveLength(3 * 512);
  });
});

describe('fitLongSide', () => {
  it('makes the longer side what was asked for and keeps the proportions within half a pixel', () => {
    const size = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(size, size, size, (width, height, longSide) => {
        const fitted = fitLongSide(width, height, longSide);
        expect(Math.max(fitted.width, fitted.height)).toBe(longSide);
        const short = (longSide * Math.min(width, height)) / Math.max(width, height);
        expect(Math.abs(Math.min(fitted.width, fitted.height) - Math.max(1, short))).toBeLessThanOrEqual(0.5);
        expect(Math.sign(width - height) * (fitted.width - fitted.height)).toBeGreaterThanOrEqual(0);
      }),
    );
    expect(fitLongSide(4000, 3000, 512)).toEqual({ width: 512, height: 384 });
    expect(fitLongSide(1, 4000, 512)).toEqual({ width: 1, height: 512 });
  });

  it('refuses what is not a size', () => {
    for (const bad of [0, -512, 1.5, NaN, Infinity]) {
      expect(() => fitLongSide(4, 3, bad)).toThrowError(expect.objectContaining({ code: 'E_ARGUMENT' }));
    }
  });
});
