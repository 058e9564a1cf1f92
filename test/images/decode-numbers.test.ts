import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { float32ToHalf } from '../../src/formats/half-float.js';
import { decodeImage, decodeImageSize } from '../../src/images/codec.node.js';
import { readCase } from './case-files.js';
import {
  curveTag,
  displayP3,
  displayP3Table,
  expectClose,
  fixedTag,
  fromLinear,
  iccProfile,
  interleaved,
  p3ToSrgb,
  raw8,
  scatter,
  toLinear,
} from './fixtures.js';
import { tiff, type TiffOptions } from './tiff-fixture.js';

const [width, height] = [9, 7];
const pixels = width * height;
const [grey, rgb, inks, cieLab, iccLab] = [1, 2, 5, 8, 9];

const decoded = async (options: Omit<TiffOptions, 'width' | 'height'>, largest = 1): Promise<number[]> =>
  interleaved(await decodeImage(tiff({ width, height, ...options }), 'numbers.tif'), largest);

const failure = (message: RegExp) =>
  expect.objectContaining({
    name: 'StyleError',
    code: 'E_IMAGE_DECODE',
    message: expect.stringMatching(message) as string,
    remedy: expect.stringMatching(/save it as (16-bit )?TIFF or PNG/) as string,
  });

/** Grey as RGB. */
const tripled = (values: readonly number[]): number[] => values.flatMap((value) => [value, value, value]);
const fractions = (length: number): number[] =>
  scatter(length, 2 ** 20).map((value) => value / (2 ** 20 - 1));

describe('a photograph in other numbers', () => {
  it.each(['float.tif', 'floatrgb.tif', 'lab.tif'])('is the photograph: %s', async (name) => {
    const photograph = await decodeImage(await readCase('photograph.png'), 'photograph.png');
    const image = await decodeImage(await readCase(name), name);
    expect([image.width, image.height]).toEqual([160, 120]);
    const mean = (values: Float32Array): number => values.reduce((sum, v) => sum + v, 0) / values.length;
    expect(255 * mean(image.rgb)).toBeCloseTo(255 * mean(photograph.rgb), name === 'float.tif' ? -1 : 1);
    if (name === 'float.tif') return;
    const differences = image.rgb.map((value, i) => Math.abs(value - photograph.rgb[i]!));
    // Lab of 8 bits is rounded to about two steps of 8 bits.
    expect(255 * mean(differences)).toBeLessThan(name === 'lab.tif' ? 0.6 : 0.01);
  });
});

describe('floats', () => {
  it('are sRGB from 0 to 1, grey and RGB, with alpha and without, in both orders of bytes', async () => {
    for (const bigEndian of [false, true]) {
      const one = fractions(pixels);
      const options = { bits: 32, format: 'float', bigEndian } as const;
      expectClose(
        await decoded({ ...options, channels: 1, photometric: grey, samples: one }),
        tripled(one),
        1e-7,
      );
      const three = fractions(3 * pixels);
      expectClose(await decoded({ ...options, channels: 3, photometric: rgb, samples: three }), three, 1e-7);
      const four = fractions(4 * pixels);
      expectClose(
        await decoded({ ...options, channels: 4, extraSamples: [2], photometric: rgb, samples: four }),
        four,
        1e-7,
      );
      const two = fractions(2 * pixels);
      expectClose(
        await decoded({ ...options, channels: 2, extraSamples: [2], photometric: grey, samples: two }),
        two.flatMap((value, i) => (i % 2 === 0 ? tripled([value]) : [value])),
        1e-7,
      );
    }
  });

  it('are read in 16 bits', async () => {
    const values = fractions(3 * pixels);
    const samples = [...float32ToHalf(values)];
    const halves = await decoded({
      ...{ bits: 16, format: 'float', channels: 3, photometric: rgb, samples },
    });
    expectClose(halves, values, 1 / 2048);
  });

  it('are read where 0 is white', async () => {
    const samples = fractions(pixels);
    expectClose(
      await decoded({ bits: 32, format: 'float', channels: 1, photometric: 0, samples }),
      tripled(samples.map((value) => 1 - value)),
      1e-7,
    );
  });

  it('are linear light where the profile says so, or of other primaries', async () => {
    const samples = fractions(3 * pixels);
    const file = { bits: 32, format: 'float', channels: 3, photometric: rgb, samples } as const;
    const primaries = {
      rXYZ: fixedTag('XYZ ', [0.4360747, 0.2225045, 0.0139322]),
      gXYZ: fixedTag('XYZ ', [0.3850649, 0.7168786, 0.0971045]),
      bXYZ: fixedTag('XYZ ', [0.1430804, 0.0606169, 0.7141733]),
    };
    const curve = curveTag([]);
    const linear = iccProfile('RGB ', { ...primaries, rTRC: curve, gTRC: curve, bTRC: curve });
    expectClose(await decoded({ ...file, profile: linear }), samples.map(fromLinear), 5e-4);
    const expected = Array.from({ length: pixels }, (_, i) =>
      p3ToSrgb(samples.slice(3 * i, 3 * i + 3)),
    ).flat();
    expectClose(await decoded({ ...file, profile: displayP3 }), expected, 1e-3);
    const greyLinear = iccProfile('GRAY', { kTRC: curve });
    expectClose(
      await decoded({
        ...{ bits: 32, format: 'float', channels: 1, photometric: grey, profile: greyLinear },
        samples: samples.slice(0, pixels),
      }),
      tripled(samples.slice(0, pixels).map(fromLinear)),
      5e-4,
    );
    // A camera's linear colours without a profile.
    expectClose(await decoded({ ...file, photometric: 34_892 }), samples.map(fromLinear), 1e-6);
    await expect(decoded({ ...file, profile: displayP3Table() })).rejects.toThrowError(
      failure(/colour profile is one of tables/),
    );
  });

  it('are clipped a little beyond black and white, and refused far beyond, and where they are no numbers', async () => {
    const file = { bits: 32, format: 'float', channels: 1, photometric: grey } as const;
    const samples = [...fractions(pixels - 2).map((value) => 1.4 * value - 0.2), -0.2, 1.2];
    expectClose(
      await decoded({ ...file, samples }),
      tripled(samples.map((value) => Math.min(1, Math.max(0, value)))),
      1e-7,
    );
    const refused = async (values: readonly number[], message: RegExp): Promise<void> => {
      const bad = { ...file, samples: [...values, ...samples.slice(values.length)] };
      await expect(decoded(bad)).rejects.toThrowError(failure(message));
    };
    await refused([0, 243.24], /floats go from -0\.2 to 243\.2, and only those from 0 to 1/);
    await refused([-3], /floats go from -3 to 1\.2/);
    await refused([0, 0, NaN], /floats include NaN/);
    await refused([Infinity], /floats go from -0\.2 to Infinity/);
  });
});

describe('whole numbers', () => {
  const signed = { format: 'int', channels: 1, photometric: grey } as const;

  it('of 32 bits are of 8, 16 or 32 bits by the largest of them', async () => {
    const cases = [
      [scatter(pixels, 256), 255],
      [scatter(pixels, 65_536), 65_535],
      [scatter(pixels, 2 ** 31), 2 ** 31 - 1],
    ] as const;
    for (const [samples, white] of cases) {
      const expected = tripled(samples.map((value) => value / white));
      expectClose(await decoded({ ...signed, bits: 32, samples }), expected, 1e-6);
      expectClose(
        await decoded({ ...signed, bits: 32, samples, photometric: 0 }),
        expected.map((v) => 1 - v),
        1e-6,
      );
    }
    const unsigned = scatter(3 * pixels, 2 ** 32);
    expectClose(
      await decoded({ bits: 32, channels: 3, photometric: rgb, samples: unsigned }),
      unsigned.map((value) => value / (2 ** 32 - 1)),
      1e-6,
    );
    const small = scatter(4 * pixels, 256);
    expectClose(
      await decoded({ bits: 32, channels: 4, extraSamples: [2], photometric: rgb, samples: small }, 255),
      small,
      1e-4,
    );
  });

  it('with a sign have the range that is left of them', async () => {
    const bytes = scatter(pixels, 128);
    expectClose(await decoded({ ...signed, bits: 8, samples: bytes }, 127), tripled(bytes), 1e-4);
    const words = scatter(pixels, 32_768);
    expectClose(await decoded({ ...signed, bits: 16, samples: words }, 32_767), tripled(words), 1e-2);
    const small = scatter(pixels, 256);
    expectClose(await decoded({ ...signed, bits: 16, samples: small }, 255), tripled(small), 1e-4);
    for (const bits of [8, 16, 32] as const) {
      await expect(decoded({ ...signed, bits, samples: [-5, ...bytes.slice(1)] })).rejects.toThrowError(
        failure(/go from -5 to 12\d, and those below 0/),
      );
    }
  });

  it('beyond colours and alpha are left out', async () => {
    for (const [bits, largest] of [
      [8, 255],
      [16, 65_535],
    ] as const) {
      const samples = scatter(6 * pixels, largest + 1);
      const channel = (index: number) => (_: number, i: number) => i % 6 === index;
      const file = { bits, channels: 6, photometric: rgb, samples } as const;
      // A spot colour, then alpha; and three of which nothing is known.
      const image = await decodeImage(
        tiff({ width, height, ...file, extraSamples: [0, 2, 0] }),
        'channels.tif',
      );
      expectClose(
        [...image.alpha!].map((v) => v * largest),
        samples.filter(channel(4)),
        1e-2,
      );
      expectClose(
        [...image.rgb.subarray(0, pixels)].map((v) => v * largest),
        samples.filter(channel(0)),
        1e-2,
      );
      expect((await decodeImage(tiff({ width, height, ...file }), 'channels.tif')).alpha).toBeUndefined();
    }
  });

  it('in 16 bits of CMYK are those in 8', async () => {
    const samples = scatter(5 * pixels, 256);
    const opaque = samples.filter((_, i) => i % 5 !== 4);
    const deep = (values: readonly number[]) => values.map((value) => 257 * value);
    const reference = await sharp(await raw8(scatter(12, 256), 2, 2).toBuffer(), {
      raw: { width: 2, height: 2, channels: 3 },
    })
      .toColourspace('cmyk')
      .withIccProfile('cmyk')
      .tiff()
      .toBuffer();
    const profile = (await sharp(reference).metadata()).icc!;
    for (const file of [
      { channels: 4, samples: opaque, photometric: inks },
      { channels: 4, samples: opaque, photometric: inks, profile },
      { channels: 5, samples, photometric: inks, extraSamples: [2] },
    ]) {
      const words = await decoded({ ...file, bits: 16, samples: deep(file.samples) }, 255);
      expectClose(words, await decoded({ ...file, bits: 8 }, 255), 1.01);
      expect(new Set(words).size).toBeGreaterThan(50);
    }
  });

  it('of kinds that nobody reads are refused by name', async () => {
    const samples = scatter(4 * pixels, 200);
    const kinds: readonly (readonly [Omit<TiffOptions, 'width' | 'height'>, RegExp])[] = [
      [{ bits: 64, format: 'float', channels: 4, photometric: rgb, samples }, /floats of 64 bits/],
      [{ bits: 64, format: 'complex', channels: 2, photometric: grey, samples }, /complex numbers/],
      [{ bits: 32, format: 'float', channels: 4, photometric: inks, samples }, /CMYK of floats of 32 bits/],
      [{ bits: 32, channels: 4, photometric: cieLab, samples }, /Lab of whole numbers of 32 bits/],
      [{ bits: 8, channels: 4, photometric: 10, samples }, /ITU Lab/],
      [{ bits: 8, channels: 4, photometric: 4711, samples }, /colours of an unknown kind \(4711\)/],
      [
        { bits: 16, channels: 1, photometric: grey, samples, fields: { 258: [3, [12]] } },
        /whole numbers of 12 bits/,
      ],
    ];
    for (const [options, message] of kinds) {
      const bytes = tiff({ width, height, ...options });
      const expected = expect.objectContaining({
        code: 'E_IMAGE_DECODE',
        message: expect.stringMatching(message) as string,
        remedy: expect.stringMatching(/8 or 16 bits/) as string,
      });
      await expect(decodeImage(bytes, 'odd.tif')).rejects.toThrowError(expected);
      await expect(decodeImageSize(bytes, 'odd.tif')).rejects.toThrowError(expected);
    }
  });
});

describe('Lab', () => {
  /** Bruce Lindbloom's values of sRGB's corners and of a grey, relative to D50. */
  const colours = [
    [100, 0, 0, 1, 1, 1],
    [0, 0, 0, 0, 0, 0],
    [54.29, 80.81, 69.89, 1, 0, 0],
    [87.82, -79.29, 80.99, 0, 1, 0],
    [29.57, 68.3, -112.03, 0, 0, 1],
    [53.39, 0, 0, 0.5, 0.5, 0.5],
  ] as const;
  const expected = colours.flatMap((colour) => colour.slice(3));
  const encodings = {
    'CIELab of 8 bits': [8, cieLab, (L: number) => 2.55 * L, (c: number) => c, 0.02],
    'CIELab of 16 bits': [16, cieLab, (L: number) => 655.35 * L, (c: number) => 256 * c, 5e-4],
    'ICCLab of 8 bits': [8, iccLab, (L: number) => 2.55 * L, (c: number) => c + 128, 0.02],
    'ICCLab of 16 bits': [16, iccLab, (L: number) => 652.8 * L, (c: number) => 256 * (c + 128), 5e-4],
    floats: [32, cieLab, (L: number) => L, (c: number) => c, 5e-4],
  } as const;

  for (const [title, [bits, photometric, light, chroma, tolerance]] of Object.entries(encodings)) {
    it(`becomes sRGB, with alpha and without: ${title}`, async () => {
      const format = bits === 32 ? 'float' : 'uint';
      const rounded = (value: number): number => (bits === 32 ? value : Math.round(value));
      const samples = colours.flatMap(([L, a, b]) => [light(L), chroma(a), chroma(b)].map(rounded));
      const file = { width: 3, height: 2, bits, photometric, format } as const;
      const image = await decodeImage(tiff({ ...file, channels: 3, samples }), 'lab.tif');
      // In linear light, where a rounded L, a or b is about the same everywhere.
      expectClose(interleaved(image, 1).map(toLinear), expected.map(toLinear), tolerance);
      const opaque = bits === 32 ? 1 : 2 ** bits - 1;
      const withAlpha = colours.flatMap((_, i) => [...samples.slice(3 * i, 3 * i + 3), i === 2 ? 0 : opaque]);
      const transparent = await decodeImage(
        tiff({ ...file, channels: 4, extraSamples: [2], samples: withAlpha }),
        'lab.tif',
      );
      expect(transparent.rgb).toEqual(image.rgb);
      expect([...transparent.alpha!]).toEqual([1, 1, 0, 1, 1, 1]);
    });
  }
});
