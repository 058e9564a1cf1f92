import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../src/images/codec.node.js';
import {
  curveTag,
  displayP3,
  displayP3Table,
  expectClose,
  fromLinear,
  iccProfile,
  interleaved,
  lossless,
  p3ToSrgb,
  raw16,
  raw8,
  scatter,
  toLinear,
  withPngProfile,
} from './fixtures.js';

const groups = (values: readonly number[], size: number): number[][] =>
  Array.from({ length: values.length / size }, (_, i) => values.slice(size * i, size * (i + 1)));

describe('colour', () => {
  it('is converted from Display P3 in 8 bits', async () => {
    const bytes = scatter(32 * 32 * 3, 256);
    const expected = groups(bytes, 3).flatMap((colour) =>
      p3ToSrgb(colour.map((v) => v / 255)).map((v) => 255 * v),
    );
    // The conversion moves colours visibly, so that the test would notice its absence.
    expect(Math.max(...expected.map((v, i) => Math.abs(v - bytes[i]!)))).toBeGreaterThan(20);
    const file = withPngProfile(await raw8(bytes, 32, 32).png().toBuffer(), displayP3);
    expectClose(interleaved(await decodeImage(file, 'p3.png'), 255), expected, 2);
  });

  it('is converted from Display P3 in 16 bits, with alpha and without, to a part of 16 bits', async () => {
    for (const channels of [3, 4]) {
      const words = scatter(40 * 25 * channels, 65_536);
      const file = withPngProfile(
        await raw16(words, 40, 25).toColourspace('rgb16').png().toBuffer(),
        displayP3,
      );
      const expected = groups(words, channels).flatMap((pixel) => [
        ...p3ToSrgb(pixel.slice(0, 3).map((v) => v / 65_535)).map((v) => 65_535 * v),
        ...pixel.slice(3),
      ]);
      expectClose(interleaved(await decodeImage(file, 'p3.png'), 65_535), expected, 40);
    }
  });

  it("is converted by libvips' own Display P3 in a 16-bit TIFF", async () => {
    const words = scatter(30 * 20 * 3, 65_536);
    // sharp takes 16-bit samples for Display P3, so these go into the file as they are.
    const file = await raw16(words, 30, 20)
      .toColourspace('rgb16')
      .withIccProfile('p3')
      .tiff({ compression: 'lzw' })
      .toBuffer();
    const actual = interleaved(await decodeImage(file, 'p3.tif'), 1);
    const expected = groups(words, 3).flatMap((colour) => p3ToSrgb(colour.map((v) => v / 65_535)));
    // This profile rounds its primaries to three digits, hence linear light and this tolerance.
    expectClose(actual.map(toLinear), expected.map(toLinear), 2e-3);
  });

  it('is converted by a 16-bit profile of tables about as well', async () => {
    const words = scatter(30 * 20 * 3, 65_536);
    const file = withPngProfile(
      await raw16(words, 30, 20).toColourspace('rgb16').png().toBuffer(),
      displayP3Table(),
    );
    expect((await sharp(file).metadata()).hasProfile).toBe(true);
    const expected = groups(words, 3).flatMap((colour) => p3ToSrgb(colour.map((v) => v / 65_535)));
    const actual = interleaved(await decodeImage(file, 'p3.png'), 1);
    expectClose(actual, expected, 0.06);
    const mean = (values: readonly number[]): number =>
      values.reduce((sum, v) => sum + Math.abs(v), 0) / values.length;
    expect(mean(actual.map((v, i) => v - expected[i]!))).toBeLessThan(0.005);
    expect(mean(words.map((v, i) => v / 65_535 - expected[i]!))).toBeGreaterThan(0.05);
  });

  it('is converted by the curve of a 16-bit grey profile', async () => {
    const words = scatter(20 * 20, 65_536);
    const linearGrey = iccProfile('GRAY', { kTRC: curveTag([]) });
    const file = withPngProfile(
      await raw16(words, 20, 20).toColourspace('grey16').png().toBuffer(),
      linearGrey,
    );
    const expected = words.flatMap((word) => Array<number>(3).fill(65_535 * fromLinear(word / 65_535)));
    expectClose(interleaved(await decodeImage(file, 'linear.png'), 65_535), expected, 2);
  });

  it('is left alone where the profile says sRGB, and where the profile is broken', async () => {
    const bytes = scatter(16 * 16 * 3, 256);
    const tagged = await raw8(bytes, 16, 16).withIccProfile('srgb').png().toBuffer();
    expect((await sharp(tagged).metadata()).hasProfile).toBe(true);
    expectClose(interleaved(await decodeImage(tagged, 'srgb.png'), 255), bytes, 1e-4);
    const words = scatter(16 * 16 * 3, 65_536);
    const plain = await raw16(words, 16, 16).toColourspace('rgb16').png().toBuffer();
    for (const profile of [
      (await sharp(tagged).metadata()).icc!,
      displayP3.subarray(0, 200),
      Buffer.alloc(300, 1),
    ]) {
      expectClose(
        interleaved(await decodeImage(withPngProfile(plain, profile), 'srgb.png'), 65_535),
        words,
        0.01,
      );
    }
  });

  it('is converted from CMYK, with a profile and without', async () => {
    const colours = [
      [255, 255, 255],
      [0, 0, 0],
      [200, 30, 30],
      [60, 120, 60],
      [128, 128, 128],
    ];
    const stripes = () =>
      raw8(colours.flat(), 1, 5).resize(16, 40, { fit: 'fill', kernel: 'nearest' }).toColourspace('cmyk');
    for (const file of [
      await stripes().jpeg({ quality: 100 }).toBuffer(),
      await lossless.tiff(stripes()).toBuffer(),
      await lossless.tiff(stripes().withIccProfile('cmyk')).toBuffer(),
    ]) {
      expect((await sharp(file).metadata()).space).toBe('cmyk');
      const samples = interleaved(await decodeImage(file, 'cmyk'), 255);
      const [white, black, ...others] = [0, 1, 2, 3, 4].map(
        (stripe) => groups(samples, 3)[(8 * stripe + 4) * 16 + 8]!,
      );
      expectClose(white!, [255, 255, 255], 1);
      // Print can't hold every colour of a screen, nor its black.
      expect(Math.max(...black!)).toBeLessThan(60);
      expectClose(others.flat(), colours.slice(2).flat(), 32);
    }
  });
});
