import { deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../src/images/codec.node.js';
import { expectClose, interleaved, lossless, pngChunk, raw16, raw8, scatter } from './fixtures.js';

describe('formats and channels', () => {
  const rgb = scatter(11 * 7 * 3, 256);
  const rgba = scatter(11 * 7 * 4, 256);

  for (const [format, encode] of Object.entries(lossless)) {
    it(`reads every value of RGB and RGBA in ${format}, colours under transparent pixels included`, async () => {
      const opaque = await decodeImage(await encode(raw8(rgb, 11, 7)).toBuffer(), format);
      expect([opaque.width, opaque.height, opaque.alpha]).toEqual([11, 7, undefined]);
      expectClose(interleaved(opaque, 255), rgb, 1e-4);
      const transparent = rgba.map((value, i) => (i % 4 === 3 && i % 8 === 3 ? 0 : value));
      const image = await decodeImage(await encode(raw8(transparent, 11, 7)).toBuffer(), format);
      expectClose(interleaved(image, 255), transparent, 1e-4);
    });
  }

  for (const [format, picture] of Object.entries({
    jpeg: (p: Sharp) => p.jpeg({ quality: 100, chromaSubsampling: '4:4:4' }),
    avif: (p: Sharp) => p.avif({ quality: 95 }),
  })) {
    it(`reads ${format} about as it was`, async () => {
      const smooth = Array.from(
        { length: 24 * 20 * 3 },
        (_, i) => 4 * Math.floor((i % 72) / 3) + 3 * Math.floor(i / 72) + 30 * (i % 3),
      );
      const image = await decodeImage(await picture(raw8(smooth, 24, 20)).toBuffer(), format);
      expect([image.width, image.height, image.alpha]).toEqual([24, 20, undefined]);
      expectClose(interleaved(image, 255), smooth, 6);
    });
  }

  it('drops an alpha channel that is opaque everywhere', async () => {
    const opaque = rgba.map((value, i) => (i % 4 === 3 ? 255 : value));
    const image = await decodeImage(await raw8(opaque, 11, 7).png().toBuffer(), 'opaque.png');
    expect(image.alpha).toBeUndefined();
  });

  it('reads a wholly transparent picture', async () => {
    const clear = rgba.map((value, i) => (i % 4 === 3 ? 0 : value));
    const image = await decodeImage(await raw8(clear, 11, 7).png().toBuffer(), 'clear.png');
    expectClose(interleaved(image, 255), clear, 1e-4);
  });

  it('spreads grey over three channels, with and without alpha, in 8 and 16 bits', async () => {
    const triple = (grey: number[], channels: 1 | 2): number[] =>
      grey.flatMap((v, i) => (channels === 1 ? [v, v, v] : i % 2 === 0 ? [v, v, v] : [v]));
    for (const channels of [1, 2] as const) {
      const bytes = scatter(9 * 5 * channels, 256);
      const grey8 = await decodeImage(await raw8(bytes, 9, 5).toColourspace('b-w').png().toBuffer(), 'grey8');
      expectClose(interleaved(grey8, 255), triple(bytes, channels), 1e-4);
      const words = scatter(9 * 5 * channels, 65_536);
      for (const encode of [lossless.png, lossless.tiff]) {
        const grey16 = await decodeImage(
          await encode(raw16(words, 9, 5).toColourspace('grey16')).toBuffer(),
          'grey16',
        );
        expectClose(interleaved(grey16, 65_535), triple(words, channels), 0.01);
      }
    }
  });

  it('loses nothing of 16 bits, with and without alpha', async () => {
    for (const channels of [3, 4]) {
      const words = scatter(13 * 6 * channels, 65_536);
      for (const encode of [lossless.png, lossless.tiff]) {
        const file = await encode(raw16(words, 13, 6).toColourspace('rgb16')).toBuffer();
        expectClose(interleaved(await decodeImage(file, 'deep'), 65_535), words, 0.01);
      }
    }
  });

  it('reads a palette', async () => {
    const colours = [
      [255, 0, 0],
      [0, 128, 0],
      [10, 20, 250],
      [255, 255, 255],
    ] as const;
    const pixels = scatter(16 * 16, 4).flatMap((index) => colours[index]!);
    const file = await raw8(pixels, 16, 16).png({ palette: true, colours: 4, dither: 0 }).toBuffer();
    expect((await sharp(file).metadata()).isPalette).toBe(true);
    expectClose(interleaved(await decodeImage(file, 'palette.png'), 255), pixels, 1e-4);
  });

  it('takes the first frame of an animation', async () => {
    const frames = Array.from(
      { length: 2 * 8 * 6 * 3 },
      (_, i) => (i < 8 * 6 * 3 ? [200, 40, 0] : [0, 40, 200])[i % 3]!,
    );
    const animation = () =>
      sharp(Uint8Array.from(frames), { raw: { width: 8, height: 12, channels: 3, pageHeight: 6 } });
    for (const file of [
      await animation()
        .gif({ delay: [100, 100] })
        .toBuffer(),
      await animation()
        .webp({ lossless: true, delay: [100, 100] })
        .toBuffer(),
    ]) {
      expect((await sharp(file).metadata()).pages).toBe(2);
      const image = await decodeImage(file, 'animation');
      expect([image.width, image.height, image.alpha]).toEqual([8, 6, undefined]);
      expectClose(interleaved(image, 255), frames.slice(0, 8 * 6 * 3), 1e-4);
    }
  });

  it('reads pictures of one pixel and of one column', async () => {
    const dot = await decodeImage(await raw8([12, 34, 56], 1, 1).png().toBuffer(), 'dot.png');
    expectClose(interleaved(dot, 255), [12, 34, 56], 1e-4);
    const column = scatter(4000 * 3, 256);
    const image = await decodeImage(await raw8(column, 1, 4000).png().toBuffer(), 'column.png');
    expect([image.width, image.height]).toEqual([1, 4000]);
    expectClose(interleaved(image, 255), column, 1e-4);
  });
});

describe('EXIF orientation', () => {
  // Where row 0 and column 0 of the stored picture are on the upright one (EXIF 2.3, tag 274).
  const [width, height] = [6, 4];
  const stored: Record<number, (x: number, y: number) => [x: number, y: number]> = {
    1: (x, y) => [x, y],
    2: (x, y) => [width - 1 - x, y],
    3: (x, y) => [width - 1 - x, height - 1 - y],
    4: (x, y) => [x, height - 1 - y],
    5: (x, y) => [y, x],
    6: (x, y) => [y, width - 1 - x],
    7: (x, y) => [height - 1 - y, width - 1 - x],
    8: (x, y) => [height - 1 - y, x],
  };
  const upright = scatter(width * height * 3, 256);

  for (const [orientation, place] of Object.entries(stored)) {
    it(`${orientation} is applied`, async () => {
      const turned = Number(orientation) >= 5;
      const [w, h] = turned ? [height, width] : [width, height];
      const samples = new Array<number>(upright.length);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const [u, v] = place(x, y);
          for (let c = 0; c < 3; c++) samples[3 * (v * w + u) + c] = upright[3 * (y * width + x) + c]!;
        }
      }
      for (const encode of Object.values(lossless)) {
        const file = await encode(
          raw8(samples, w, h).withMetadata({ orientation: Number(orientation) }),
        ).toBuffer();
        expect((await sharp(file).metadata()).orientation).toBe(Number(orientation));
        const image = await decodeImage(file, 'turned');
        expect([image.width, image.height]).toEqual([width, height]);
        expectClose(interleaved(image, 255), upright, 1e-4);
      }
      // JPEG, as cameras write it: a block of 8x8 pixels per sample.
      const large = await raw8(samples, w, h)
        .resize(8 * w, 8 * h, { kernel: 'nearest' })
        .toBuffer();
      const jpeg = await sharp(large, { raw: { width: 8 * w, height: 8 * h, channels: 3 } })
        .withMetadata({ orientation: Number(orientation) })
        .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
        .toBuffer();
      const photo = await decodeImage(jpeg, 'turned.jpg');
      const centres = interleaved(photo, 255).filter((_, i) => {
        const [x, y] = [Math.floor(i / 3) % (8 * width), Math.floor(i / 3 / (8 * width))];
        return x % 8 === 4 && y % 8 === 4;
      });
      expectClose(centres, upright, 4);
    });
  }
});

describe('what is no picture', () => {
  const decoded = (bytes: Uint8Array, options?: { maxPixels?: number }) =>
    decodeImage(bytes, 'bad.file', options);
  const failure = (code: string) =>
    expect.objectContaining({
      name: 'StyleError',
      code,
      message: expect.stringContaining('"bad.file"') as string,
    });
  const samples = scatter(200 * 150 * 3, 256);
  const encoders: Record<string, (p: Sharp) => Sharp> = {
    ...lossless,
    jpeg: (p) => p.jpeg(),
    progressive: (p) => p.jpeg({ progressive: true }),
    gif: (p) => p.gif(),
    avif: (p) => p.avif(),
  };

  for (const [format, encode] of Object.entries(encoders)) {
    it(`is an error: ${format}, cut off anywhere`, async () => {
      const file = await encode(raw8(samples, 200, 150)).toBuffer();
      for (const part of [0.01, 0.2, 0.5, 0.9, 0.99]) {
        await expect(decoded(file.subarray(0, Math.floor(part * file.length)))).rejects.toThrowError(
          failure('E_IMAGE_DECODE'),
        );
      }
    });
  }

  it('is an error: nothing, text, noise, a format we do not take', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>';
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from('a text named .png'),
      Buffer.from(scatter(5000, 256)),
      Buffer.from(svg),
    ]) {
      await expect(decoded(bytes)).rejects.toThrowError(failure('E_IMAGE_DECODE'));
    }
  });

  /** A PNG of some hundred bytes that says it is huge. */
  function bomb(width: number, height: number): Buffer {
    const header = Buffer.alloc(13);
    header.writeUInt32BE(width, 0);
    header.writeUInt32BE(height, 4);
    header.set([8, 2], 8);
    const chunks = [
      pngChunk('IHDR', header),
      pngChunk('IDAT', deflateSync(Buffer.alloc(1000))),
      pngChunk('IEND', Buffer.alloc(0)),
    ];
    return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), ...chunks]);
  }

  it('refuses by its header what is too large, naming size and limit', async () => {
    await expect(decoded(bomb(20_000, 20_000))).rejects.toThrowError(failure('E_IMAGE_SIZE'));
    await expect(decoded(bomb(20_000, 20_000))).rejects.toThrowError(
      /20000x20000.*400 megapixels.*100 megapixels/,
    );
    await expect(decoded(bomb(2_000_000, 100_000))).rejects.toThrowError(/E_IMAGE|200000 megapixels|limit/);
    // Within the limit it is just a broken file.
    await expect(decoded(bomb(9_000, 9_000))).rejects.toThrowError(failure('E_IMAGE_DECODE'));
  });

  it('has a limit that can be moved', async () => {
    const file = await raw8(samples, 200, 150).png().toBuffer();
    expect((await decoded(file, { maxPixels: 30_000 })).width).toBe(200);
    await expect(decoded(file, { maxPixels: 29_999 })).rejects.toThrowError(failure('E_IMAGE_SIZE'));
    await expect(decoded(file, { maxPixels: 0 })).rejects.toThrowError(
      expect.objectContaining({ code: 'E_ARGUMENT' }),
    );
  });
});
