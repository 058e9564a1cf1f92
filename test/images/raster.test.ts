import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeImage, encodeImage } from '../../src/images/codec.node.js';
import { decodeRaster } from '../../src/images/decode.node.js';
import type { Image, Part } from '../../src/images/image.js';
import {
  bandsOf,
  isTransparent,
  partOf,
  rasterBytes,
  resizeRaster,
  wholeOf,
  type Raster,
} from '../../src/images/raster.js';
import { resizeImage } from '../../src/images/resize.js';
import { displayP3, raw16, raw8, scatter, withPngProfile } from './fixtures.js';
import { tiff } from './tiff-fixture.js';

/** Sixteen bits or eight, grey or colours, with alpha or without, turned in any way. */
async function pictureFile(
  width: number,
  height: number,
  channels: number,
  orientation: number,
  isDeep: boolean,
): Promise<Buffer> {
  const samples = scatter(width * height * channels, isDeep ? 65_536 : 256);
  const picture = isDeep ? raw16(samples, width, height) : raw8(samples, width, height);
  const space = `${channels < 3 ? (isDeep ? 'grey' : 'b-w') : isDeep ? 'rgb' : 'srgb'}${isDeep ? '16' : ''}`;
  return picture.toColourspace(space).withMetadata({ orientation }).tiff({ compression: 'none' }).toBuffer();
}

/** A part of a picture, value by value. */
function cutByHand({ width, height, rgb, alpha }: Image, part: Part): { rgb: number[]; alpha: number[] } {
  const plane = (values: Float32Array): number[] =>
    Array.from(
      { length: part.width * part.height },
      (_, i) => values[(part.top + Math.floor(i / part.width)) * width + part.left + (i % part.width)]!,
    );
  const size = width * height;
  const colours = [0, 1, 2].flatMap((channel) => plane(rgb.subarray(channel * size, (channel + 1) * size)));
  return { rgb: colours, alpha: alpha === undefined ? [] : plane(alpha) };
}

function expectPart(raster: Raster, whole: Image, part: Part): void {
  const { width, height, rgb, alpha } = partOf(raster, part);
  expect([width, height]).toEqual([part.width, part.height]);
  expect({ rgb: [...rgb], alpha: [...(alpha ?? [])] }).toEqual(cutByHand(whole, part));
}

describe('a raster', () => {
  it('gives any part of the picture that the file is, from samples as from floats', async () => {
    const side = fc.integer({ min: 1, max: 30 });
    const place = fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat());
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(side, side),
        fc.constantFrom(1, 2, 3, 4),
        fc.integer({ min: 1, max: 8 }),
        fc.boolean(),
        place,
        async ([stored, rows], channels, orientation, isDeep, [x, y, w, h]) => {
          const file = await pictureFile(stored, rows, channels, orientation, isDeep);
          const [whole, sampled] = [await decodeImage(file, 'file'), await decodeRaster(file, 'file')];
          const { width, height } = whole;
          expect([sampled.width, sampled.height, isTransparent(sampled)]).toEqual([
            ...[width, height, whole.alpha !== undefined],
          ]);
          const [left, top] = [x % width, y % height];
          const part = { left, top, width: 1 + (w % (width - left)), height: 1 + (h % (height - top)) };
          expectPart(sampled, whole, part);
          expectPart(whole, whole, part);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('converts a part as the whole: profiles, and floats with their alpha', async () => {
    const samples = scatter(20 * 12 * 3, 65_536);
    const png = await raw16(samples, 20, 12).toColourspace('rgb16').png().toBuffer();
    const floats = tiff({
      ...{ width: 20, height: 12, channels: 4, bits: 32, format: 'float', photometric: 2 },
      samples: scatter(20 * 12 * 4, 1001).map((value) => value / 1000),
      extraSamples: [2],
    });
    for (const file of [withPngProfile(png, displayP3), floats]) {
      const part = { left: 3, top: 5, width: 11, height: 4 };
      expectPart(await decodeRaster(file, 'file'), await decodeImage(file, 'file'), part);
    }
  });

  it('takes the memory of its samples, and is resized as floats are', async () => {
    const file = await pictureFile(40, 30, 4, 6, false);
    const [whole, sampled] = [await decodeImage(file, 'file'), await decodeRaster(file, 'file')];
    expect(rasterBytes(sampled)).toBe(4 * 40 * 30);
    expect(rasterBytes(whole)).toBe(12 * 40 * 30);
    expect({ ...wholeOf(sampled), name: undefined }).toEqual({ ...whole, name: undefined });
    expect(resizeRaster(sampled, 30, 40)).toBe(sampled);
    for (const [width, height] of [
      [15, 20],
      [75, 100],
    ] as const) {
      const [actual, expected] = [resizeRaster(sampled, width, height), resizeImage(whole, width, height)];
      const { rgb, alpha } = wholeOf(actual);
      expected.rgb.forEach((value, i) => expect(rgb[i]).toBeCloseTo(value, 5));
      expected.alpha!.forEach((value, i) => expect(alpha![i]).toBeCloseTo(value, 5));
    }
  });

  it('consists of its bands', () => {
    const size = fc.record({
      width: fc.integer({ min: 1, max: 3e6 }),
      height: fc.integer({ min: 1, max: 300 }),
    });
    fc.assert(
      fc.property(size, (whole) => {
        let rows = 0;
        for (const { left, top, width, height } of bandsOf(whole)) {
          expect([left, top, width]).toEqual([0, rows, whole.width]);
          rows += height;
        }
        expect(rows).toBe(whole.height);
      }),
    );
  });
});

it('is written as it was read', async () => {
  const file = await pictureFile(31, 17, 4, 1, false);
  const whole = wholeOf(await decodeRaster(file, 'file'));
  expect((await decodeImage(await encodeImage(whole, 'png'), 'again')).rgb).toEqual(whole.rgb);
});
