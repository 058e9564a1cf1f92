import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { expect } from 'vitest';
import type { Image } from '../../src/images/image.js';

/** Deterministic bytes or 16-bit values that cover the whole range. */
export const scatter = (length: number, range: number): number[] =>
  Array.from({ length }, (_, i) => Math.floor(((Math.imul(i + 1, 2654435761) >>> 0) / 2 ** 32) * range));

export const raw8 = (samples: number[], width: number, height: number): Sharp =>
  sharp(Uint8Array.from(samples), {
    raw: { width, height, channels: (samples.length / (width * height)) as 1 | 2 | 3 | 4 },
  });

export const raw16 = (samples: number[], width: number, height: number): Sharp =>
  sharp(Uint16Array.from(samples), {
    raw: { width, height, channels: (samples.length / (width * height)) as 1 | 2 | 3 | 4 },
  });

/** The picture as interleaved samples 0 .. largest. */
export function interleaved({ width, height, rgb, alpha }: Image, largest: number): number[] {
  const planes = alpha === undefined ? [...rgb] : [...rgb, ...alpha];
  const pixels = width * height;
  const channels = planes.length / pixels;
  return planes.map((_, i) => planes[(i % channels) * pixels + Math.floor(i / channels)]! * largest);
}

export function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  expect(
    actual.reduce((worst, value, i) => Math.max(worst, Math.abs(value - expected[i]!)), 0),
  ).toBeLessThanOrEqual(tolerance);
}

/** Encoders that keep every value, those under transparent pixels included. */
export const lossless = {
  png: (picture: Sharp) => picture.png(),
  tiff: (picture: Sharp) => picture.tiff({ compression: 'deflate' }),
  webp: (picture: Sharp) => picture.webp({ lossless: true, exact: true }),
};

/** One chunk of a PNG file. */
export function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** Puts an ICC profile into a PNG file that has none, without touching its pixels. */
export function withPngProfile(png: Buffer, profile: Uint8Array): Buffer {
  const afterHeader = 8 + 25;
  const chunk = pngChunk('iCCP', Buffer.concat([Buffer.from('test\0\0', 'latin1'), deflateSync(profile)]));
  return Buffer.concat([png.subarray(0, afterHeader), chunk, png.subarray(afterHeader)]);
}

/** An ICC profile of these tags' bytes and the white point. */
export function iccProfile(space: 'RGB ' | 'GRAY', ownTags: Readonly<Record<string, Buffer>>): Buffer {
  const tags = { wtpt: fixedTag('XYZ ', [0.9642, 1, 0.8249]), ...ownTags };
  const entries = Object.entries(tags);
  const table = Buffer.alloc(4 + 12 * entries.length);
  table.writeUInt32BE(entries.length, 0);
  let offset = 128 + table.length;
  entries.forEach(([name, data], i) => {
    table.write(name, 4 + 12 * i, 'latin1');
    table.writeUInt32BE(offset, 8 + 12 * i);
    table.writeUInt32BE(data.length, 12 + 12 * i);
    offset += data.length;
  });
  const header = Buffer.alloc(128);
  header.writeUInt32BE(offset, 0);
  header.writeUInt32BE(0x0440_0000, 8);
  header.write(`mntr${space}XYZ `, 12, 'latin1');
  header.write('acsp', 36, 'latin1');
  [0xf6d6, 0x10000, 0xd32d].forEach((d50, i) => header.writeUInt32BE(d50, 68 + 4 * i));
  return Buffer.concat([header, table, ...Object.values(tags)]);
}

/** A tag of type `XYZ `, or of type `para` with the function's number. */
export function fixedTag(type: 'XYZ ' | 'para', values: readonly number[], parametric?: number): Buffer {
  const head = Buffer.alloc(parametric === undefined ? 8 : 12);
  head.write(type, 0, 'latin1');
  if (parametric !== undefined) head.writeUInt16BE(parametric, 8);
  const body = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => body.writeInt32BE(Math.round(value * 65_536), 4 * i));
  return Buffer.concat([head, body]);
}

const words = (values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, i) => bytes.writeUInt16BE(Math.min(65_535, Math.max(0, Math.round(value))), 2 * i));
  return bytes;
};

/** A tag of type `curv`: nothing, one gamma times 256, or a table of 16-bit values; padded to four bytes. */
export function curveTag(entries: readonly number[]): Buffer {
  const head = Buffer.from('curv\0\0\0\0\0\0\0\0', 'latin1');
  head.writeUInt32BE(entries.length, 8);
  return Buffer.concat([head, words(entries), Buffer.alloc(2 * (entries.length % 2))]);
}

/** sRGB's and Display P3's transfer function, both ways, on [0, 1] (IEC 61966-2-1). */
export const toLinear = (v: number): number => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
export const fromLinear = (v: number): number =>
  v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055;
/** The same function as a parametric curve of ICC. */
export const srgbCurve = fixedTag('para', [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045], 3);

const p3Primaries = [
  [0.5151187, 0.2411892, -0.0010505],
  [0.2919778, 0.6922441, 0.0418791],
  [0.1571035, 0.0665668, 0.7840713],
] as const;

/** Display P3 with its primaries as published, adapted to D50. */
export const displayP3 = iccProfile('RGB ', {
  rXYZ: fixedTag('XYZ ', p3Primaries[0]),
  gXYZ: fixedTag('XYZ ', p3Primaries[1]),
  bXYZ: fixedTag('XYZ ', p3Primaries[2]),
  rTRC: srgbCurve,
  gTRC: srgbCurve,
  bTRC: srgbCurve,
});

/** Display P3 as a table (type `mft2`): curves to linear light, then the corners of the cube in XYZ. */
export function displayP3Table(): Buffer {
  const head = Buffer.alloc(52);
  head.write('mft2', 0, 'latin1');
  head.set([3, 3, 2], 8);
  for (const i of [0, 4, 8]) head.writeInt32BE(65_536, 12 + 4 * i);
  head.writeUInt16BE(1024, 48);
  head.writeUInt16BE(2, 50);
  const curve = Array.from({ length: 1024 }, (_, i) => 65_535 * toLinear(i / 1023));
  const corners = Array.from({ length: 8 }, (_, corner) =>
    [0, 1, 2].map(
      (i) =>
        p3Primaries.reduce((sum, xyz, channel) => sum + ((corner >> (2 - channel)) & 1) * xyz[i]!, 0) *
        32_768,
    ),
  );
  const tables = words([...curve, ...curve, ...curve, ...corners.flat(), 0, 65_535, 0, 65_535, 0, 65_535]);
  return iccProfile('RGB ', { A2B0: Buffer.concat([head, tables]) });
}

/** Linear Display P3 to linear sRGB, as in the CSS Color 4 specification. */
const p3ToSrgbMatrix: readonly (readonly number[])[] = [
  [1.22494017628056, -0.22494017628056, 0],
  [-0.04205695470969, 1.04205695470969, 0],
  [-0.01963755459033, -0.07863604555063, 1.09827360014097],
];

/** A colour in Display P3 to sRGB, in [0, 1], clipped. */
export const p3ToSrgb = (colour: readonly number[]): number[] =>
  p3ToSrgbMatrix.map((row) => {
    const linear = row.reduce((sum, weight, i) => sum + weight * toLinear(colour[i]!), 0);
    return fromLinear(Math.min(1, Math.max(0, linear)));
  });
