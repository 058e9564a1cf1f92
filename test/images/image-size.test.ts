import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage, decodeImageSize, readImage, readImageSize } from '../../src/images/codec.node.js';
import { withoutPipes } from '../platform.js';
import { casePath, readCase } from './case-files.js';
import { lossless, raw16, raw8, scatter } from './fixtures.js';
import { tiff } from './tiff-fixture.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pastiche-sizes-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the size in a header', () => {
  const picture = (channels: number) => raw8(scatter(20 * 12 * channels, 256), 20, 12);
  const cases: Record<string, readonly [make: () => Sharp, bitDepth: number, alpha: boolean]> = {
    jpeg: [() => picture(3).jpeg(), 8, false],
    'png with alpha': [() => picture(4).png(), 8, true],
    webp: [() => picture(3).webp(), 8, false],
    'webp with alpha': [() => picture(4).webp(), 8, true],
    'gif, which always may be transparent': [() => picture(3).gif(), 8, true],
    'avif of 10 bits': [() => picture(3).avif({ bitdepth: 10 }), 10, false],
    'png of 16 bits': [
      () =>
        raw16(scatter(20 * 12 * 4, 65_536), 20, 12)
          .toColourspace('rgb16')
          .png(),
      16,
      true,
    ],
    'grey tiff': [() => lossless.tiff(picture(3).toColourspace('b-w')), 8, false],
    'png of one bit': [
      () => picture(3).toColourspace('b-w').threshold(128).png({ palette: true, colours: 2 }),
      1,
      false,
    ],
  };

  for (const [title, [make, bitDepth, alpha]] of Object.entries(cases)) {
    it(`is that of the picture, with its bits and alpha: ${title}`, async () => {
      const bytes = await make().toBuffer();
      const size = await decodeImageSize(bytes, title);
      expect(size).toMatchObject({ width: 20, height: 12, bitDepth, alpha });
      expect(size.reading.file).toBe(bytes.length);
    });
  }

  it('is that of the upright picture', async () => {
    for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
      for (const encode of [(p: Sharp) => p.jpeg(), ...Object.values(lossless)]) {
        const bytes = await encode(picture(3).withMetadata({ orientation })).toBuffer();
        const { width, height } = await decodeImage(bytes, 'turned');
        expect(await decodeImageSize(bytes, 'turned')).toMatchObject({ width, height });
        expect(width).toBe(orientation < 5 ? 20 : 12);
      }
    }
  });

  it('is that of TIFF files of other numbers', async () => {
    const file = { width: 5, height: 3, channels: 4, bits: 32, format: 'float', photometric: 2 } as const;
    const bytes = tiff({ ...file, samples: scatter(60, 2), orientation: 6 });
    expect(await decodeImageSize(bytes, 'float.tif')).toMatchObject({
      ...{ width: 3, height: 5, bitDepth: 32, alpha: true },
    });
    expect(await decodeImageSize(await readCase('lab.tif'), 'lab.tif')).toMatchObject({
      ...{ width: 160, height: 120, bitDepth: 8, alpha: false },
    });
  });

  it('is read without the pixels', async () => {
    const jpeg = await sharp(await picture(3).toBuffer(), { raw: { width: 20, height: 12, channels: 3 } })
      .resize(400, 300)
      .jpeg()
      .toBuffer();
    const part = jpeg.subarray(0, 1000);
    await expect(decodeImage(part, 'cut.jpg')).rejects.toThrowError(/cut off/);
    expect(await decodeImageSize(part, 'cut.jpg')).toMatchObject({ width: 400, height: 300 });
  });

  it('has the limit that reading has, with the option and the number that it takes', async () => {
    const expected = expect.objectContaining({
      code: 'E_IMAGE_SIZE',
      option: 'maxPixels',
      message: expect.stringMatching(
        /big1bit\.png" has 12000x9000 pixels \(108 megapixels\), more than the limit of 100 megapixels/,
      ) as string,
      remedy: expect.stringMatching(/raise the option maxPixels to 108000000/) as string,
    });
    const path = casePath('big1bit.png');
    await expect(readImage(path)).rejects.toThrowError(expected);
    await expect(readImageSize(path)).rejects.toThrowError(expected);
    for (const maxPixels of [108e6, Infinity]) {
      expect(await readImageSize(path, { maxPixels })).toMatchObject({
        ...{ width: 12_000, height: 9000, bitDepth: 1, alpha: false },
      });
    }
    for (const maxPixels of [0, -1, NaN]) {
      await expect(readImageSize(path, { maxPixels })).rejects.toThrowError(
        expect.objectContaining({ code: 'E_ARGUMENT', option: 'maxPixels' }),
      );
    }
  });

  it('has the errors of files that reading has', async () => {
    const at = (name: string): string => join(folder, name);
    await writeFile(at('text.jpg'), 'Not found');
    for (const [path, code] of [
      [at('missing.png'), 'E_INPUT_MISSING'],
      [folder, 'E_INPUT_KIND'],
      [at('text.jpg'), 'E_IMAGE_DECODE'],
    ] as const) {
      const reasons = await Promise.all(
        [readImage(path), readImageSize(path)].map((reading) => reading.catch((reason: unknown) => reason)),
      );
      expect(reasons[0]).toMatchObject({ code });
      expect(reasons[1]).toEqual(reasons[0]);
    }
  });

  it.skipIf(withoutPipes)('is not read from a pipe, whose picture could not be read after it', async () => {
    const pipe = join(folder, 'pipe.png');
    execFileSync('mkfifo', [pipe]);
    expect(await readImageSize(pipe)).toBeUndefined();
  });
});
