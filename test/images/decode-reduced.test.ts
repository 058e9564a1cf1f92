import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../src/images/codec.node.js';
import type { Image } from '../../src/images/image.js';
import { resampleColumns, resampleRows, axisTaps, RowResampler } from '../../src/images/resample.js';
import { fitLongSide, resizeImage, type ResizeKernel } from '../../src/images/resize.js';
import { readCase } from './case-files.js';
import { displayP3, lossless, raw16, raw8, scatter, withPngProfile } from './fixtures.js';
import { tiff } from './tiff-fixture.js';

/** The largest difference of two pictures of the same size. */
function difference(actual: Image, expected: Image): number {
  expect([actual.width, actual.height, actual.alpha?.length, actual.rgb.length]).toEqual([
    expected.width,
    expected.height,
    expected.alpha?.length,
    expected.rgb.length,
  ]);
  const worst = (a: Float32Array, b: Float32Array): number =>
    a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
  return Math.max(
    worst(actual.rgb, expected.rgb),
    actual.alpha === undefined ? 0 : worst(actual.alpha, expected.alpha!),
  );
}

/** What a picture is when it is read whole and then resized. */
async function resized(file: Uint8Array, longSide: number): Promise<Image> {
  const whole = await decodeImage(file, 'whole');
  const { width, height } = fitLongSide(whole.width, whole.height, longSide);
  return resizeImage(whole, width, height);
}

/** Rounding to float32 between the two axes. */
const rounding = 5e-7;

describe('a picture read at a reduced size', () => {
  it('is the whole one resized, at any size, with alpha and without, turned or not', async () => {
    const side = fc.integer({ min: 1, max: 70 });
    await fc.assert(
      fc.asyncProperty(
        side,
        side,
        fc.constantFrom(1, 2, 3, 4),
        fc.integer({ min: 1, max: 8 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(...Object.values(lossless)),
        async (width, height, channels, orientation, share, encode) => {
          const samples = scatter(width * height * channels, 256).map((value, i) =>
            // Large parts of alpha are clear, so that reduced pixels can be, too.
            channels % 2 === 0 && i % channels === channels - 1 ? (i % 300 < 150 ? 0 : value) : value,
          );
          const file = await encode(raw8(samples, width, height).withMetadata({ orientation })).toBuffer();
          const longSide = Math.max(1, Math.round(share * Math.max(width, height)));
          const reduced = await decodeImage(file, 'reduced', { longSide });
          expect(Math.max(reduced.width, reduced.height)).toBe(longSide);
          expect(difference(reduced, await resized(file, longSide))).toBeLessThanOrEqual(rounding);
        },
      ),
      { numRuns: 80 },
    );
  });

  const large = (channels: number): Sharp => raw8(scatter(50 * 40 * channels, 256), 50, 40).resize(250, 200);
  const kinds: Record<string, () => Promise<Buffer>> = {
    jpeg: () => large(3).jpeg().toBuffer(),
    'progressive jpeg': () => large(3).jpeg({ progressive: true }).toBuffer(),
    'grey jpeg': () => large(3).toColourspace('b-w').jpeg().toBuffer(),
    'CMYK jpeg': () => large(3).toColourspace('cmyk').jpeg().toBuffer(),
    webp: () => large(4).webp().toBuffer(),
    avif: () => large(3).avif({ effort: 0 }).toBuffer(),
    'avif of 10 bits': () => large(3).avif({ effort: 0, bitdepth: 10 }).toBuffer(),
    gif: () => large(4).gif().toBuffer(),
    'interlaced png': () => large(4).png({ progressive: true }).toBuffer(),
    palette: () => large(3).png({ palette: true }).toBuffer(),
    'one bit': async () => {
      const bits = await large(3)
        .toColourspace('b-w')
        .threshold(128)
        .png({ palette: true, colours: 2, dither: 0 })
        .toBuffer();
      expect((await sharp(bits).metadata()).bitsPerSample).toBe(1);
      return bits;
    },
    'grey with alpha': () => large(4).toColourspace('b-w').png().toBuffer(),
    'opaque alpha': () => large(3).ensureAlpha(1).png().toBuffer(),
    'clear all over': () => large(3).ensureAlpha(0).png().toBuffer(),
    '16 bits': () => raw16(scatter(120_000, 65_536), 200, 150).toColourspace('rgb16').png().toBuffer(),
    '16 bits of grey': () =>
      raw16(scatter(30_000, 65_536), 200, 150).toColourspace('grey16').png().toBuffer(),
    'Display P3': async () => withPngProfile(await large(4).png().toBuffer(), displayP3),
    'Display P3 of 16 bits': async () =>
      withPngProfile(
        await raw16(scatter(90_000, 65_536), 200, 150).toColourspace('rgb16').png().toBuffer(),
        displayP3,
      ),
    'CMYK of 16 bits with alpha': () =>
      Promise.resolve(
        tiff({
          ...{ width: 60, height: 50, channels: 5, bits: 16, photometric: 5, extraSamples: [2] },
          ...{ samples: scatter(15_000, 65_536), orientation: 6 },
        }),
      ),
    'floats with alpha, on its side': () =>
      Promise.resolve(
        tiff({
          ...{ width: 60, height: 50, channels: 4, bits: 32, format: 'float', photometric: 2 },
          ...{ samples: scatter(12_000, 1000).map((v) => v / 999), extraSamples: [2], orientation: 8 },
        }),
      ),
    Lab: () => readCase('lab.tif'),
  };

  for (const [title, make] of Object.entries(kinds)) {
    it(`is the whole one resized: ${title}`, async () => {
      const file = await make();
      for (const longSide of [45, 17]) {
        const reduced = await decodeImage(file, 'reduced', { longSide });
        expect(Math.max(reduced.width, reduced.height)).toBe(longSide);
        expect(difference(reduced, await resized(file, longSide))).toBeLessThanOrEqual(rounding);
      }
    });
  }

  it('is the whole one where that is no larger, to the bit', async () => {
    const file = await raw8(scatter(40 * 30 * 4, 256), 40, 30)
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    const whole = await decodeImage(file, 'whole');
    for (const longSide of [40, 41, 4000])
      expect(await decodeImage(file, 'whole', { longSide })).toEqual(whole);
  });

  it('can have more pixels than are read by default', async () => {
    const file = await readCase('big1bit.png');
    await expect(decodeImage(file, 'big1bit.png', { longSide: 100 })).rejects.toThrowError(
      expect.objectContaining({ code: 'E_IMAGE_SIZE', option: 'maxPixels' }),
    );
    const image = await decodeImage(file, 'big1bit.png', { longSide: 100, maxPixels: 108e6 });
    expect([image.width, image.height, image.alpha]).toEqual([100, 75, undefined]);
    expect(image.rgb.every((value) => value === 0)).toBe(true);
  });

  it('needs a size that is one', async () => {
    const file = await raw8(scatter(12, 256), 2, 2).png().toBuffer();
    for (const longSide of [0, -5, 1.5, NaN]) {
      await expect(decodeImage(file, 'a.png', { longSide })).rejects.toThrowError(
        expect.objectContaining({ code: 'E_ARGUMENT', option: 'longSide' }),
      );
    }
  });
});

describe('RowResampler', () => {
  it('gives what whole planes give, however many rows come at a time, to the bit', () => {
    const side = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(
        side,
        side,
        side,
        side,
        fc.constantFrom<ResizeKernel>('lanczos3', 'bicubic', 'bilinear', 'nearest'),
        fc.integer({ min: 1, max: 9 }),
        (width, height, newWidth, newHeight, kernel, most) => {
          const planes = Float32Array.from(
            scatter(2 * width * height, 1 << 20),
            (value) => value / (1 << 20),
          );
          const narrow =
            width === newWidth
              ? planes
              : resampleRows(planes, 2 * height, width, newWidth, axisTaps(width, newWidth, kernel));
          const expected =
            height === newHeight
              ? narrow
              : resampleColumns(narrow, 2, height, newWidth, newHeight, axisTaps(height, newHeight, kernel));
          const actual = new Float32Array(expected.length).fill(NaN);
          const receive = (plane: number, y: number, values: Float32Array | Float64Array): void =>
            actual.set(values, (plane * newHeight + y) * newWidth);
          const resampler = new RowResampler(
            2,
            { width, height },
            { width: newWidth, height: newHeight },
            receive,
            kernel,
          );
          for (let row = 0; row < height; row += most) {
            const rows = Math.min(most, height - row);
            const part = new Float32Array(2 * rows * width);
            for (const plane of [0, 1]) {
              const from = (plane * height + row) * width;
              part.set(planes.subarray(from, from + rows * width), plane * rows * width);
            }
            resampler.push(part, rows);
          }
          expect(actual).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });
});
