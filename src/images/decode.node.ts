import sharp, { type Metadata } from 'sharp';
import { StyleError } from '../errors.js';
import { defaultMaxPixels, type DecodeOptions } from './codec.js';
import { convertToSrgb, isSrgbProfile, readMatrixProfile } from './icc-profile.js';
import { createImage, type Image } from './image.js';

/** sharp's names of the formats that are read (it says `heif` for AVIF); it knows more, such as SVG, which we don't take. */
const readable = new Set<string>(['jpeg', 'png', 'webp', 'tiff', 'heif', 'gif']);

function decodeError(name: string, reason: string, cause?: unknown): StyleError {
  return new StyleError(
    'E_IMAGE_DECODE',
    `"${name}" can't be read as a picture: ${reason}.`,
    'Check that it opens in a picture viewer, get it again if it is cut off, or save it anew as PNG or JPEG.',
    { cause },
  );
}

/** The first line of what libvips says, as the end of a sentence. */
const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!.trim().replace(/\.$/, '');

async function readHeader(bytes: Uint8Array, name: string, maxPixels: number): Promise<Metadata> {
  if (bytes.length === 0) throw decodeError(name, 'it is empty');
  const header = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((error: unknown) => {
      throw decodeError(name, reasonOf(error), error);
    });
  if (!readable.has(header.format)) {
    throw decodeError(name, `${header.format} is not one of JPEG, PNG, WebP, TIFF, AVIF and GIF`);
  }
  const { width, height } = header;
  if (width * height > maxPixels) {
    throw new StyleError(
      'E_IMAGE_SIZE',
      `"${name}" has ${width}x${height} pixels (${Math.round((width * height) / 1e6)} megapixels), more than the limit of ${maxPixels / 1e6} megapixels.`,
      'Make it smaller first, or raise the limit (maxPixels).',
    );
  }
  return header;
}

/**
 * The pixels as sharp gives them, in rows of RGB or RGBA. 8 bits for what has 8 bits, CMYK included, and 16 for all else,
 * so that nothing is lost that the file holds.
 */
async function readPixels(bytes: Uint8Array, header: Metadata, keepProfile: boolean) {
  const deep = header.depth !== 'uchar' && header.space !== 'cmyk';
  // 'error' lets pass what other programs shrug off (a few bytes too many between two markers), not a cut-off file.
  let pipeline = sharp(bytes, {
    failOn: 'error',
    limitInputPixels: false,
    autoOrient: true,
    ignoreIcc: keepProfile,
  });
  pipeline = pipeline.toColourspace(deep ? 'rgb16' : 'srgb');
  if (deep && header.icc !== undefined && !keepProfile) {
    // For 16 bits sharp's own working space is Display P3; only an output profile brings the pixels from there to sRGB.
    pipeline = pipeline.withIccProfile('srgb', { attach: false });
  }
  const { data, info } = await pipeline
    .raw({ depth: deep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const samples = deep ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : data;
  return { samples, largest: deep ? 65_535 : 255, info };
}

/** The profile of a 16-bit picture, when its colours can be converted without sharp; see icc-profile.ts. */
function matrixProfileOf(header: Metadata) {
  const sixteenBits = header.space === 'rgb16' || header.space === 'grey16';
  return sixteenBits && header.icc !== undefined ? readMatrixProfile(header.icc) : undefined;
}

/**
 * Decodes a JPEG, PNG, WebP, TIFF, AVIF or GIF file, of several frames or pages the first. The EXIF orientation is applied.
 * Grey, palette and CMYK become RGB, and an embedded ICC profile is converted to sRGB; 16 bits per channel stay
 * 16 bits. A file without a profile is taken to be sRGB, or for CMYK to be in libvips' general-purpose profile. Colours
 * under transparent pixels are kept as they are in the file. An alpha channel that is opaque everywhere is dropped.
 * @param name what to call the bytes in an error
 * @throws StyleError `E_IMAGE_DECODE` when the bytes are empty, no picture of these formats, broken or cut off;
 *   `E_IMAGE_SIZE` when the header announces more than `maxPixels`; `E_ARGUMENT` when `maxPixels` is not positive
 */
export async function decodeImage(
  bytes: Uint8Array,
  name: string,
  options: DecodeOptions = {},
): Promise<Image> {
  const { maxPixels = defaultMaxPixels } = options;
  if (!(maxPixels > 0)) {
    throw new StyleError(
      'E_ARGUMENT',
      `The pixel limit ${maxPixels} is not positive.`,
      'Give a number of pixels above 0.',
    );
  }
  const header = await readHeader(bytes, name, maxPixels);
  const profile = matrixProfileOf(header);
  const { samples, largest, info } = await readPixels(bytes, header, profile !== undefined).catch(
    (error: unknown) => {
      throw decodeError(name, reasonOf(error), error);
    },
  );
  const { width, height, channels } = info;
  const pixels = width * height;
  const planes = new Float32Array(channels * pixels);
  for (let channel = 0; channel < channels; channel++) {
    const start = channel * pixels;
    for (let i = 0, from = channel; i < pixels; i++, from += channels)
      planes[start + i] = samples[from]! / largest;
  }
  const rgb = planes.subarray(0, 3 * pixels);
  if (profile !== undefined && !isSrgbProfile(profile)) convertToSrgb(rgb, profile);
  const alpha = planes.subarray(3 * pixels);
  return createImage(width, height, rgb, alpha.some((value) => value < 1) ? alpha : undefined);
}
