import sharp, { type Metadata } from 'sharp';
import { argumentError, StyleError } from '../errors.js';
import { defaultMaxPixels, type ImageFormat, type ImageSize, type ReadingBytes } from './codec.js';
import { fileKindOf } from './file-kind.js';
import { readMatrixProfile, type MatrixProfile } from './icc-profile.js';
import { decoderBytes } from './reading-memory.js';
import { photometric, readTiff, tiffTag, withTiffFields } from './tiff-directory.js';
import { tiffSamplesOf, type TiffSamples } from './tiff-samples.js';
import { checkPixelCount } from './pixel-limit.js';

/** What a file's header says, and what is to be handed to sharp for its pixels. */
export interface PictureHeader {
  readonly format: ImageFormat;
  readonly size: ImageSize;
  /** The file, or where `tiff` says how its samples are stored a copy that says nothing of their meaning. */
  readonly bytes: Uint8Array;
  readonly metadata: Metadata;
  readonly tiff: TiffSamples | undefined;
  /** A copy of a file of CMYK with alpha in 16 bits, as above: libvips gives the colours as 8 bits and the alpha as it is. */
  readonly bare: Uint8Array | undefined;
  /** In which colours sharp is to give the picture, unless `tiff` says how its samples are stored. */
  readonly space: OutputSpace;
  /** The profile of a 16-bit picture, when its colours can be converted without sharp; see icc-profile.ts. */
  readonly profile: MatrixProfile | undefined;
}

/** Grey as one channel where that is all there is to it, else RGB; with 8 bits or 16. */
export type OutputSpace = 'b-w' | 'srgb' | 'grey16' | 'rgb16';

export const isDeep = (space: OutputSpace): boolean => space === 'grey16' || space === 'rgb16';

/** sharp opens files of any size and number of channels; limits are ours, since they have to name an option. */
export const withoutLimits = { limitInputPixels: false, limitInputChannels: false } as const;

const formatNames: Readonly<Record<ImageFormat, string>> = {
  jpeg: 'a JPEG file',
  png: 'a PNG file',
  webp: 'a WebP file',
  tiff: 'a TIFF file',
  avif: 'an AVIF file',
  gif: 'a GIF file',
};

const readFormats = 'JPEG, PNG, WebP, TIFF, AVIF and GIF';

/** What is wrong with a file of a format that is read: libvips' own words go into brackets, and into the cause. */
export function brokenPicture(name: string, format: ImageFormat, cause: unknown): StyleError {
  const [line = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n', 1);
  const reason = line
    .replace(/^Input buffer (has corrupt header: )?/, '')
    .trim()
    .replace(/\.$/, '');
  return new StyleError(
    'E_IMAGE_DECODE',
    `"${name}" can't be read as a picture: it is ${formatNames[format]} that is cut off, damaged or of an unusual kind (${reason}).`,
    'Check that it opens in a picture viewer, get it again if it is cut off, or save it anew as PNG or JPEG.',
    { cause },
  );
}

function formatOf(bytes: Uint8Array, name: string): ImageFormat {
  const kind = fileKindOf(bytes);
  if (kind === undefined) {
    throw new StyleError(
      'E_IMAGE_DECODE',
      `"${name}" can't be read as a picture: its contents are of no known format.`,
      `Check that it opens in a picture viewer, and save it from there as PNG or JPEG; ${readFormats} are read.`,
    );
  }
  if ('format' in kind) return kind.format;
  const reason = kind.isPicture ? `; ${readFormats} are read` : '';
  throw new StyleError(
    'E_IMAGE_DECODE',
    `"${name}" can't be read as a picture: it is ${kind.what}${reason}.`,
    kind.remedy,
  );
}

/** @throws StyleError `E_ARGUMENT` when the limit is not positive */
export function checkLimit(maxPixels: number): void {
  if (maxPixels > 0) return;
  throw argumentError(
    'maxPixels',
    `The pixel limit ${maxPixels} is not positive.`,
    'Give maxPixels a number of pixels above 0.',
  );
}

/** Bits of a number by libvips' names of how it is stored. */
const bitsByDepth: Readonly<Record<string, number>> = {
  uchar: 8,
  char: 8,
  ushort: 16,
  short: 16,
  uint: 32,
  int: 32,
  float: 32,
};

/**
 * What a TIFF file has instead of the meaning of its samples: a kind of colour that libvips has no name for, so that it
 * gives them as they are, and whole numbers for floats of 16 bits and small signed numbers, which it takes for others.
 */
function bareTiff(bytes: Uint8Array, { bits, format }: Pick<TiffSamples, 'bits' | 'format'>): Uint8Array {
  const file = readTiff(bytes)!;
  return withTiffFields(bytes, file, {
    [tiffTag.photometric]: photometric.iccLab,
    ...(bits <= 16 && format !== 'uint' && { [tiffTag.sampleFormat]: 1 }),
  });
}

/** What a file of any format says of its samples that sharp doesn't see. */
function samplesOf(bytes: Uint8Array, name: string, format: ImageFormat) {
  const directory = format === 'tiff' ? readTiff(bytes)?.directories[0] : undefined;
  const tiff = directory && tiffSamplesOf(directory, name);
  const first = (tag: number): number | undefined => directory?.numbers(tag)[0];
  const isDeepInk = first(tiffTag.photometric) === photometric.inks && first(tiffTag.bitsPerSample) === 16;
  const hasMore = (first(tiffTag.samplesPerPixel) ?? 0) > 4;
  const bare = isDeepInk && hasMore ? bareTiff(bytes, { bits: 16, format: 'uint' }) : undefined;
  return { tiff, bare };
}

function matrixProfileOf({ space, icc }: Metadata): MatrixProfile | undefined {
  return (space === 'rgb16' || space === 'grey16') && icc !== undefined ? readMatrixProfile(icc) : undefined;
}

/** 8 bits for what has 8 bits, CMYK included, and 16 for all else, so that nothing is lost that the file holds. */
function outputSpace({ depth, space, channels, icc }: Metadata, keepsProfile: boolean): OutputSpace {
  const isBareGrey = channels === 1 && (icc === undefined || keepsProfile);
  if (depth === 'uchar' || space === 'cmyk') return isBareGrey && space === 'b-w' ? 'b-w' : 'srgb';
  return isBareGrey && space === 'grey16' ? 'grey16' : 'rgb16';
}

/** What sharp gives of a picture: how many channels of a pixel, and how many bytes of each. */
function decodedPixel(metadata: Metadata, space: OutputSpace, tiff: TiffSamples | undefined) {
  if (tiff !== undefined) return { channels: metadata.channels, bytes: tiff.bits / 8 };
  const isGrey = space === 'b-w' || space === 'grey16';
  return { channels: isGrey ? 1 : metadata.hasAlpha ? 4 : 3, bytes: isDeep(space) ? 2 : 1 };
}

/** The bytes of the samples, and those that the decoder needs to make them. */
function decodingBytes(
  format: ImageFormat,
  metadata: Metadata,
  space: OutputSpace,
  tiff: TiffSamples | undefined,
): Omit<ReadingBytes, 'file'> {
  const { width, height } = metadata;
  const pixel = decodedPixel(metadata, space, tiff);
  const pixelBytes = pixel.channels * pixel.bytes;
  // Floats of 16 bits become ones of 32 beside them.
  const isHalf = tiff?.format === 'float' && tiff.bits === 16;
  return {
    samples: width * height * pixelBytes * (isHalf ? 3 : 1),
    decoder: decoderBytes({ ...metadata, format, pixelBytes }),
  };
}

/**
 * Reads a file's header, and decodes nothing.
 * @param name what to call the bytes in an error
 * @throws StyleError as `decodeImage`, as far as the header shows it
 */
export async function readHeader(
  bytes: Uint8Array,
  name: string,
  maxPixels: number = defaultMaxPixels,
): Promise<PictureHeader> {
  checkLimit(maxPixels);
  const format = formatOf(bytes, name);
  const { tiff, bare } = samplesOf(bytes, name, format);
  const source = tiff === undefined ? bytes : bareTiff(bytes, tiff);
  const metadata = await sharp(source, withoutLimits)
    .metadata()
    .catch((error: unknown) => {
      throw brokenPicture(name, format, error);
    });
  const { width, height } = metadata.autoOrient;
  checkPixelCount({ width, height }, name, maxPixels);
  const bitDepth = tiff?.bits ?? metadata.bitsPerSample ?? bitsByDepth[metadata.depth] ?? 8;
  const alpha = tiff === undefined ? metadata.hasAlpha : tiff.alpha !== undefined;
  const profile = matrixProfileOf(metadata);
  const space = outputSpace(metadata, profile !== undefined);
  const file = bytes.length * (source === bytes ? 1 : 2) + (bare?.length ?? 0);
  const reading = { file, ...decodingBytes(format, metadata, space, tiff) };
  const size = { width, height, bitDepth, alpha, reading };
  return { format, size, bytes: source, metadata, tiff, bare, space, profile };
}
