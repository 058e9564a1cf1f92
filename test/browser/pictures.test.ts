import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type * as Pastiche from '../../src/browser.js';
import type * as Engine from '../../src/engine.browser.js';
import { largestDifference } from '../largest-difference.js';
import { withoutChromium } from './chromium.js';
import { isolatedPage } from './isolated-page.js';

declare const pastiche: typeof Pastiche;
declare const engine: typeof Engine;

const patience = 120_000;

/** Colours of the quarters of a stored picture of 32x16: upper left, upper right, lower left, lower right. */
const quarters = { a: [230, 30, 30], b: [30, 200, 40], c: [40, 50, 220], d: [240, 240, 60] } as const;
type Quarter = keyof typeof quarters;

/** Where EXIF's orientations have the stored quarters in the picture as it is seen, in the same order. */
const seen: Readonly<Record<number, string>> = {
  ...{ 1: 'abcd', 2: 'badc', 3: 'dcba', 4: 'cdab' },
  ...{ 5: 'acbd', 6: 'cadb', 7: 'dbca', 8: 'bdac' },
};

const photograph = async (orientation: number): Promise<string> => {
  const data = Uint8Array.from({ length: 3 * 32 * 16 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % 32, Math.floor(i / 96)];
    return quarters[(y < 8 ? (x < 16 ? 'a' : 'b') : x < 16 ? 'c' : 'd') as Quarter][i % 3]!;
  });
  const file = sharp(data, { raw: { width: 32, height: 16, channels: 3 } });
  return (await file.jpeg({ quality: 100 }).withMetadata({ orientation }).toBuffer()).toString('base64');
};

/** A picture as read from a file, and from the bitmap that a page makes of it: sides, and the colours amid its quarters. */
const read = async (file: string): Promise<{ sides: number[]; colours: number[] }[]> => {
  const blob = await (await fetch(`data:image/jpeg;base64,${file}`)).blob();
  const images: Pastiche.RawImage[] = [];
  for (const source of [blob, await createImageBitmap(blob)])
    images.push(await engine.browserPlatform.readPicture(source, 'picture', {}));
  return images.map(({ width, height, rgb }) => ({
    sides: [width, height],
    colours: [1, 3].flatMap((row) =>
      [1, 3].flatMap((column) => {
        const at = Math.floor((row * height) / 4) * width + Math.floor((column * width) / 4);
        return [0, 1, 2].map((plane) => 255 * rgb[plane * width * height + at]!);
      }),
    ),
  }));
};

describe.skipIf(withoutChromium)('pictures in Chromium', () => {
  const opened = isolatedPage(patience);

  it.each(Object.entries(seen))('are upright from EXIF orientation %s', async (orientation, order) => {
    const found = await opened().page.evaluate(read, await photograph(Number(orientation)));
    for (const { sides, colours } of found) {
      expect(sides).toEqual(Number(orientation) < 5 ? [32, 16] : [16, 32]);
      const expected = [...order].flatMap((quarter) => quarters[quarter as Quarter]);
      expect(largestDifference(colours, expected)).toBeLessThan(6);
    }
    expect(found).toHaveLength(2);
  });

  it('come from a bitmap with their transparency, and leave it to the page', async () => {
    const found = await opened().page.evaluate(async () => {
      const data = Uint8ClampedArray.from({ length: 4 * 7 * 5 }, (_, i) =>
        i % 4 === 3 ? 255 - i : (i * 37) % 256,
      );
      const bitmap = await createImageBitmap(new ImageData(data, 7, 5), { premultiplyAlpha: 'none' });
      const { rgb, alpha } = await engine.browserPlatform.readPicture(bitmap, 'picture', {});
      const values = [0, 1, 2].flatMap((plane) => Array.from(rgb.subarray(35 * plane, 35 * plane + 35)));
      const { image } = await pastiche.matchColors({ picture: bitmap, reference: bitmap });
      return {
        given: [0, 1, 2, 3].flatMap((channel) => Array.from(data.filter((_, i) => i % 4 === channel))),
        found: [...values, ...alpha!].map((value) => 255 * value),
        open: [bitmap.width, bitmap.height],
        matched: [image.width, image.height],
      };
    });
    expect(found.open).toEqual([7, 5]);
    expect(found.matched).toEqual([7, 5]);
    // A canvas keeps colours multiplied by alpha, of which the least here is 116: so many steps are lost.
    expect(largestDifference(found.found, found.given)).toBeLessThanOrEqual(2);
  });
});
