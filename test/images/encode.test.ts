import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage, encodeImage, sharpCodec } from '../../src/images/codec.node.js';
import {
  checkEncoding,
  defaultQuality,
  imageFormatOf,
  imageSuffixes,
  type ImageFormat,
} from '../../src/images/codec.js';
import { createImage, type Image } from '../../src/images/image.js';
import { expectClose, interleaved, scatter } from './fixtures.js';

const formats: readonly ImageFormat[] = ['jpeg', 'png', 'webp', 'tiff', 'avif', 'gif'];
const failure = (code: string) => expect.objectContaining({ name: 'StyleError', code });

/** A picture of random values, whole steps of `largest`; every third pixel transparent and every third half so. */
function random(width: number, height: number, largest: number, alpha: boolean): Image {
  const planes = Float32Array.from(scatter(3 * width * height, largest + 1), (value) => value / largest);
  const opacity = [0, Math.round(largest / 2) / largest, 1];
  return createImage(
    width,
    height,
    planes,
    alpha ? planes.slice(0, width * height).map((_, i) => opacity[i % 3]!) : undefined,
  );
}

/** A smooth picture, which lossy formats keep well. */
const smooth = createImage(
  48,
  40,
  Float32Array.from(
    { length: 3 * 48 * 40 },
    (_, i) =>
      0.5 + 0.4 * Math.sin((i % 48) / 9 + Math.floor(i / 48 / 40)) * Math.cos((Math.floor(i / 48) % 40) / 8),
  ),
);

describe('encodeImage', () => {
  it('keeps every value and every alpha in PNG and TIFF, in 8 and 16 bits', async () => {
    for (const format of ['png', 'tiff'] as const) {
      for (const bitDepth of [8, 16] as const) {
        for (const alpha of [false, true]) {
          const largest = bitDepth === 8 ? 255 : 65_535;
          const image = random(17, 11, largest, alpha);
          const file = await encodeImage(image, format, { bitDepth });
          // What is in the file, without regard to its profile. Alpha takes a way through floating point: one step of 65535.
          const raw = await sharp(file, { ignoreIcc: true })
            .toColourspace(bitDepth === 8 ? 'srgb' : 'rgb16')
            .raw({ depth: bitDepth === 8 ? 'uchar' : 'ushort' })
            .toBuffer();
          const stored = bitDepth === 8 ? raw : new Uint16Array(raw.buffer, raw.byteOffset, raw.length / 2);
          expectClose([...stored], interleaved(image, largest), bitDepth === 8 ? 0.01 : 1.01);
          const again = await decodeImage(file, format);
          expectClose(interleaved(again, largest), interleaved(image, largest), bitDepth === 8 ? 0.01 : 1.01);
        }
      }
    }
  });

  it('keeps all 16 bits of the colours', async () => {
    const image = random(17, 11, 65_535, false);
    const again = await decodeImage(await encodeImage(image, 'png', { bitDepth: 16 }), 'deep.png');
    expectClose(interleaved(again, 65_535), interleaved(image, 65_535), 0.01);
  });

  it('writes JPEG, WebP and AVIF that look the same, better ones at higher quality', async () => {
    for (const format of ['jpeg', 'webp', 'avif'] as const) {
      const difference = async (quality?: number): Promise<number> => {
        const again = await decodeImage(
          await encodeImage(smooth, format, quality === undefined ? {} : { quality }),
          format,
        );
        return (
          smooth.rgb.reduce((sum, value, i) => sum + Math.abs(value - again.rgb[i]!), 0) / smooth.rgb.length
        );
      };
      expect(await difference()).toBeLessThan(0.012);
      expect(await difference(10)).toBeGreaterThan(await difference(95));
      expect(defaultQuality[format]).toBeGreaterThan(70);
    }
  });

  it('keeps alpha in WebP, AVIF and GIF', async () => {
    const alpha = Float32Array.from({ length: 48 * 40 }, (_, i) => (i % 48 < 24 ? 0 : 1));
    const image = createImage(48, 40, smooth.rgb, alpha);
    for (const format of ['webp', 'avif', 'gif'] as const) {
      const again = await decodeImage(await encodeImage(image, format), format);
      expectClose([...again.alpha!], [...alpha], 0.02);
    }
  });

  it('lays transparent pixels over white in JPEG', async () => {
    const alpha = Float32Array.from({ length: 32 * 16 }, (_, i) => [0, 0.5, 1, 1][Math.floor((i % 32) / 8)]!);
    const rgb = Float32Array.from({ length: 3 * 32 * 16 }, (_, i) => (i < 32 * 16 ? 1 : 0));
    const again = await decodeImage(
      await encodeImage(createImage(32, 16, rgb, alpha), 'jpeg', { quality: 100 }),
      'red.jpg',
    );
    expect(again.alpha).toBeUndefined();
    const green = [4, 12, 20].map((x) => again.rgb[32 * 16 + 8 * 32 + x]!);
    expectClose(green, [1, 0.5, 0], 0.02);
  });

  it('clips what lies outside [0, 1] and refuses what is no number', async () => {
    const image = createImage(2, 1, Float32Array.of(-0.5, 1.5, 0, 1, 0.5, 0.5));
    const again = await decodeImage(await encodeImage(image, 'png'), 'clipped.png');
    expectClose(interleaved(again, 255), [0, 0, 128, 255, 255, 128], 0.01);
    for (const bad of [NaN, Infinity]) {
      const broken = createImage(1, 1, Float32Array.of(0, bad, 0));
      await expect(encodeImage(broken, 'png')).rejects.toThrowError(failure('E_NUMERIC'));
    }
  });

  it('tags the file as sRGB, which changes no colour for a reader that heeds it', async () => {
    for (const format of formats.filter((name) => name !== 'gif')) {
      const file = await encodeImage(smooth, format);
      const { icc, hasProfile } = await sharp(file).metadata();
      expect(hasProfile).toBe(true);
      expect(icc!.toString('latin1').replaceAll('\0', '')).toContain('sRGB');
      const heeding = await sharp(file).raw().toBuffer();
      expectClose([...heeding], [...(await sharp(file, { ignoreIcc: true }).raw().toBuffer())], 1);
    }
    for (const format of ['png', 'tiff'] as const) {
      expect((await sharp(await encodeImage(smooth, format, { bitDepth: 16 })).metadata()).hasProfile).toBe(
        true,
      );
    }
  });

  it('says how the picture was made, and reads it back', async () => {
    const metadata = {
      software: 'Pastiche 1.2.3',
      description: 'Größe <512> & "Starry Night" 日本 \u0007\uD800end',
    };
    for (const format of formats) {
      const { exif, xmp } = await sharp(await encodeImage(smooth, format, { metadata })).metadata();
      if (format === 'gif') continue;
      const packet = xmp!.toString('utf8');
      expect(packet).toContain('xmp:CreatorTool="Pastiche 1.2.3"');
      expect(packet).toContain('>Größe &lt;512&gt; &amp; &quot;Starry Night&quot; 日本   end<');
      if (format === 'tiff') continue;
      const fields = exif!.toString('latin1');
      expect(fields).toContain('Pastiche 1.2.3\0');
      expect(fields).toMatch(/Gr.+e <512> & "Starry Night"/);
      expect(await sharp(await encodeImage(smooth, format)).metadata()).not.toHaveProperty('xmp');
    }
  });

  it('is the encoder of the codec', () => {
    expect(sharpCodec).toEqual({ decode: decodeImage, encode: encodeImage });
  });
});

describe('imageFormatOf', () => {
  it('goes by the suffix, in any case', () => {
    for (const [suffix, format] of Object.entries(imageSuffixes)) {
      expect(imageFormatOf(`a.b/out.x${suffix.toUpperCase()}`)).toBe(format);
    }
  });

  it('lists the suffixes when it knows none', () => {
    for (const path of [
      'out',
      'out.bmp',
      'folder.png/out',
      'out.png/',
      'out.',
      'out.__proto__',
      'out.constructor',
      '',
    ]) {
      expect(() => imageFormatOf(path)).toThrowError(failure('E_IMAGE_FORMAT'));
      expect(() => imageFormatOf(path)).toThrowError(
        expect.objectContaining({ remedy: expect.stringContaining('.jpg, .jpeg, .png') as string }),
      );
    }
  });
});

describe('checkEncoding', () => {
  it('accepts what can be written', () => {
    for (const format of formats)
      expect(
        checkEncoding(format, { quality: 1, bitDepth: 8 }, { width: 16_383, height: 1 }),
      ).toBeUndefined();
    expect(checkEncoding('tiff', { bitDepth: 16 }, { width: 100_000, height: 9 })).toBeUndefined();
  });

  it('refuses what can not, as encodeImage does', async () => {
    for (const quality of [0, 101, 50.5, NaN]) {
      expect(() => checkEncoding('jpeg', { quality })).toThrowError(failure('E_ARGUMENT'));
    }
    expect(() => checkEncoding('png', { bitDepth: 12 as 8 })).toThrowError(failure('E_ARGUMENT'));
    expect(() => checkEncoding('jpeg', { bitDepth: 16 })).toThrowError(failure('E_ARGUMENT'));
    const long = createImage(16_384, 1, new Float32Array(3 * 16_384));
    expect(() => checkEncoding('webp', {}, long)).toThrowError(failure('E_IMAGE_SIZE'));
    await expect(encodeImage(long, 'webp')).rejects.toThrowError(failure('E_IMAGE_SIZE'));
    await expect(encodeImage(smooth, 'avif', { bitDepth: 16 })).rejects.toThrowError(failure('E_ARGUMENT'));
  });

  it('knows the longest sides as libvips does', async () => {
    for (const [format, longest] of [
      ['webp', 16_383],
      ['avif', 16_384],
      ['jpeg', 65_535],
    ] as const) {
      const width = longest + 1;
      const raw = { width, height: 1, channels: 3 } as const;
      const picture = sharp(new Uint8Array(3 * width), { limitInputPixels: false, raw });
      await expect(picture.toFormat(format).toBuffer()).rejects.toThrowError(/too large/);
      expect(() => checkEncoding(format, {}, { width, height: 1 })).toThrowError(failure('E_IMAGE_SIZE'));
      expect(checkEncoding(format, {}, { width: longest, height: 1 })).toBeUndefined();
    }
  });
});
