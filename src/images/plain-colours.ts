import { StyleError } from '../errors.js';
import {
  convertToSrgb,
  encodeSrgb,
  isSrgbProfile,
  isTableProfile,
  readMatrixProfile,
} from './icc-profile.js';
import type { Size } from './image.js';
import { labToSrgb } from './lab.js';
import { clampUnit } from './resize.js';
import type { SampledPicture, Samples } from './sampled-picture.js';
import type { TiffSamples } from './tiff-samples.js';

/** So far beyond black and white floats may lie, as sharpening and resampling leave them, to be clipped. */
const overshoot = 0.25;

const round = (value: number): string => String(Number(value.toPrecision(4)));

/** The lowest and the highest of the samples that count; NaN when one of them is none. */
function rangeOf(samples: Samples, channels: number, counted: readonly number[]): readonly [number, number] {
  let [lowest, highest] = [Infinity, -Infinity];
  for (const channel of counted) {
    for (let at = channel; at < samples.length; at += channels) {
      const value = samples[at]!;
      if (Number.isNaN(value)) return [NaN, NaN];
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
    }
  }
  return [lowest, highest];
}

const refused = (name: string, what: string, remedy: string): StyleError =>
  new StyleError('E_IMAGE_DECODE', `"${name}" can't be read as a picture: ${what}.`, remedy);

function checkFloats(name: string, lowest: number, highest: number): void {
  if (Number.isNaN(lowest)) {
    throw refused(
      name,
      'its floats include NaN, which is no number',
      'Fill the pixels without a value in the program that made it, and save it as 16-bit TIFF or PNG.',
    );
  }
  if (lowest >= -overshoot && highest <= 1 + overshoot) return;
  throw refused(
    name,
    `its floats go from ${round(lowest)} to ${round(highest)}, and only those from 0 to 1 have a meaning as colours`,
    'Bring them into the range from 0 (black) to 1 (white), or tone-map them, and save it as 16-bit TIFF or PNG.',
  );
}

/**
 * The sample that is white, of whole numbers. Numbers of 8 and 16 bits without a sign fill their range. Programs store
 * pictures of 8 and 16 bits in larger types as they are, so there the largest number in the picture decides: up to 255 it
 * is one of 8 bits, up to 65535 one of 16, and otherwise the type's largest number is white. A picture of 16 bits none of
 * which is above 255 would be all but black, and would be taken for one of 8 bits.
 */
function whiteOf(name: string, { bits, format }: TiffSamples, lowest: number, highest: number): number {
  const largest = 2 ** (format === 'int' ? bits - 1 : bits) - 1;
  if (lowest < 0) {
    throw refused(
      name,
      `its whole numbers go from ${lowest} to ${highest}, and those below 0 have no meaning as colours`,
      'Bring them into the range from 0 (black) to 255 or 65535 (white) and save it as TIFF or PNG of 8 or 16 bits.',
    );
  }
  if (format === 'uint' && bits <= 16) return largest;
  return [255, 65_535].find((white) => highest <= white && white <= largest) ?? largest;
}

/** The way from the file's colours to sRGB; nothing where they are sRGB already. */
function conversionOf(name: string, tiff: TiffSamples, profile: Uint8Array | undefined) {
  const { lab, isLinear } = tiff;
  if (lab !== undefined) return (planes: Float32Array): void => labToSrgb(planes, lab);
  const matrix = profile && readMatrixProfile(profile);
  if (matrix !== undefined && !isSrgbProfile(matrix)) {
    return (planes: Float32Array): void => convertToSrgb(clampUnit(planes), matrix);
  }
  if (matrix === undefined && profile !== undefined && isTableProfile(profile)) {
    throw refused(
      name,
      `its colour profile is one of tables, which isn't applied to numbers of this kind`,
      'Convert it to sRGB of 8 or 16 bits and save it as TIFF or PNG.',
    );
  }
  if (isLinear && matrix === undefined) {
    return (planes: Float32Array): void => {
      clampUnit(planes);
      for (let i = 0; i < planes.length; i++) planes[i] = encodeSrgb(planes[i]!);
    };
  }
  return tiff.format === 'float' ? (planes: Float32Array): void => void clampUnit(planes) : undefined;
}

/**
 * Gives the bare samples of a TIFF picture their meaning. Floats are taken for sRGB from 0 to 1, unless the file says
 * otherwise by its profile or its kind of colour.
 * @param name what to call the file in an error
 * @throws StyleError `E_IMAGE_DECODE` for numbers that have no meaning as colours: NaN, negative ones, floats far beyond 1
 */
export function plainPicture(
  name: string,
  tiff: TiffSamples,
  size: Size & { readonly channels: number; readonly orientation: number },
  samples: Samples,
  profile: Uint8Array | undefined,
): SampledPicture {
  const { colours, alpha, format, lab } = tiff;
  const { channels } = size;
  const colourChannels = Array.from({ length: colours }, (_, channel) => channel);
  const counted = alpha === undefined ? colourChannels : [...colourChannels, alpha];
  const convert = conversionOf(name, tiff, profile);
  const [lowest, highest] = rangeOf(samples, channels, lab === undefined ? counted : counted.slice(3));
  let white = 1;
  if (format === 'float') checkFloats(name, lowest, highest);
  else if (lab === undefined) white = whiteOf(name, tiff, lowest, highest);
  const opaque = lab === undefined || format === 'float' ? white : 2 ** tiff.bits - 1;
  return {
    ...size,
    samples,
    colours,
    white,
    isInverted: tiff.isInverted,
    ...(alpha !== undefined && { alpha: { channel: alpha, opaque } }),
    ...(convert && { convert }),
  };
}
