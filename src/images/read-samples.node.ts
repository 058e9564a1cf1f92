import sharp from 'sharp';
import { halfToFloat32 } from '../formats/half-float.js';
import { convertToSrgb, isSrgbProfile } from './icc-profile.js';
import { isDeep, withoutLimits, type PictureHeader } from './picture-header.node.js';
import { plainPicture } from './plain-colours.js';
import type { SampledPicture, Samples } from './sampled-picture.js';
import type { TiffSamples } from './tiff-samples.js';

/** 'error' lets pass what other programs shrug off (a few bytes too many between two markers), not a cut-off file. */
const decoding = { ...withoutLimits, failOn: 'error' } as const;

/** The pixels as sharp gives them, in rows of grey, RGB or RGBA. */
async function readOrdinary(header: PictureHeader): Promise<SampledPicture> {
  const { bytes, metadata, bare, space, profile } = header;
  const keepProfile = profile !== undefined;
  const deep = isDeep(space);
  let pipeline = sharp(bytes, { ...decoding, ignoreIcc: keepProfile }).toColourspace(space);
  if (deep && metadata.icc !== undefined && !keepProfile) {
    // For 16 bits sharp's own working space is Display P3; only an output profile brings the pixels from there to sRGB.
    pipeline = pipeline.withIccProfile('srgb', { attach: false });
  }
  const { data, info } = await pipeline
    .raw({ depth: deep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const white = deep ? 65_535 : 255;
  const converts = profile !== undefined && !isSrgbProfile(profile);
  return {
    width,
    height,
    channels,
    white,
    samples: deep ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : data,
    colours: channels === 1 ? 1 : 3,
    orientation: metadata.orientation ?? 1,
    ...(bare === undefined && channels > 3 && { alpha: { channel: 3, opaque: white } }),
    ...(converts && { convert: (planes: Float32Array) => convertToSrgb(planes, profile) }),
  };
}

/** sharp's names for how it is to give the numbers of a TIFF picture. */
const rawDepths = {
  uint: { 8: 'uchar', 16: 'ushort', 32: 'uint' },
  int: { 8: 'uchar', 16: 'ushort', 32: 'int' },
  float: { 16: 'ushort', 32: 'float' },
} as const;

/** Bytes as the numbers that they are. */
function numbersIn(data: Buffer, { bits, format }: Pick<TiffSamples, 'bits' | 'format'>): Samples {
  const { buffer, byteOffset } = data;
  const length = (8 * data.length) / bits;
  const isSigned = format === 'int';
  if (bits === 8) return isSigned ? new Int8Array(buffer, byteOffset, length) : data;
  if (bits === 16 && isSigned) return new Int16Array(buffer, byteOffset, length);
  if (bits === 16) {
    const words = new Uint16Array(buffer, byteOffset, length);
    return format === 'float' ? halfToFloat32(words) : words;
  }
  if (format === 'float') return new Float32Array(buffer, byteOffset, length);
  return isSigned ? new Int32Array(buffer, byteOffset, length) : new Uint32Array(buffer, byteOffset, length);
}

/** The numbers of a file that says nothing of their meaning, as they are in it. */
async function readBare(bytes: Uint8Array, kind: Pick<TiffSamples, 'bits' | 'format'>) {
  const depths: Readonly<Record<number, 'uchar' | 'ushort' | 'uint' | 'int' | 'float'>> =
    rawDepths[kind.format];
  const { data, info } = await sharp(bytes, { ...decoding, ignoreIcc: true })
    .toColourspace('multiband')
    .raw({ depth: depths[kind.bits]! })
    .toBuffer({ resolveWithObject: true });
  return { ...info, samples: numbersIn(data, kind) };
}

/** The alpha of CMYK in 16 bits: the first channel beyond the inks. */
async function bareAlpha(bytes: Uint8Array): Promise<Float32Array | undefined> {
  const { samples, channels, width, height } = await readBare(bytes, { bits: 16, format: 'uint' });
  const alpha = Float32Array.from({ length: width * height }, (_, i) => samples[i * channels + 4]! / 65_535);
  return alpha.some((value) => value < 1) ? alpha : undefined;
}

/**
 * Decodes a picture as far as sharp does it: to samples, as they are stored in the file.
 * @param name what to call the file in an error
 * @throws StyleError `E_IMAGE_DECODE` for numbers that have no meaning as colours; and sharp's errors as they are
 */
export async function readSamples(header: PictureHeader, name: string): Promise<SampledPicture> {
  const { tiff, bytes, metadata, bare } = header;
  if (tiff === undefined) {
    const picture = await readOrdinary(header);
    const ownAlpha = bare && (await bareAlpha(bare));
    return ownAlpha === undefined ? picture : { ...picture, ownAlpha };
  }
  const { samples, width, height, channels } = await readBare(bytes, tiff);
  const stored = { width, height, channels, orientation: metadata.orientation ?? 1 };
  return plainPicture(name, tiff, stored, samples, metadata.icc);
}
