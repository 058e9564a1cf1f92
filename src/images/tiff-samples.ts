import { StyleError } from '../errors.js';
import { labEncodings, type LabEncoding } from './lab.js';
import { photometric, tiffTag, type TiffDirectory } from './tiff-directory.js';

/** How the samples of a TIFF picture are stored whose colours libvips would get wrong. */
export interface TiffSamples {
  readonly bits: number;
  readonly format: 'uint' | 'int' | 'float';
  readonly colours: 1 | 3;
  /** Which of a pixel's samples is its alpha. */
  readonly alpha: number | undefined;
  readonly isInverted: boolean;
  /** Whether light is stored without sRGB's curve. */
  readonly isLinear: boolean;
  readonly lab: LabEncoding | undefined;
}

/** How TIFF's field `sampleFormat` says a number is stored. Nothing known about it means a whole number. */
const sampleFormats: Readonly<Record<number, TiffSamples['format']>> = {
  1: 'uint',
  2: 'int',
  3: 'float',
  4: 'uint',
};

/** Kinds of colour by field `photometric` that sharp reads in 1 to 16 bits. */
const ordinary: ReadonlySet<number> = new Set([
  photometric.whiteIsZero,
  photometric.grey,
  photometric.rgb,
  photometric.palette,
  photometric.inks,
  photometric.yCbCr,
]);

const colourNames: Readonly<Record<number, string>> = {
  [photometric.inks]: 'CMYK',
  [photometric.cieLab]: 'Lab',
  [photometric.iccLab]: 'Lab',
};

const rare: Readonly<Record<number, string>> = {
  4: 'a mask of transparency',
  10: 'ITU Lab, as faxes have it',
  32_844: 'logarithmic luminance (LogL)',
  32_845: 'logarithmic colour (LogLuv)',
};

/**
 * Which sample is alpha: the only one beyond the colours whatever is said of it, as libvips has it too, or of several the
 * first that is said to be alpha, premultiplied (1) or not (2).
 */
function alphaOf(directory: TiffDirectory, colours: number, channels: number): number | undefined {
  if (channels === colours + 1) return colours;
  const index = directory.numbers(tiffTag.extraSamples).findIndex((kind) => kind === 1 || kind === 2);
  return index < 0 || colours + index >= channels ? undefined : colours + index;
}

/** @param name what to call the file in the error */
function notRead(name: string, what: string): StyleError {
  return new StyleError(
    'E_IMAGE_DECODE',
    `"${name}" is a TIFF file with ${what}, which isn't read.`,
    'Convert it to RGB of 8 or 16 bits and save it as TIFF or PNG.',
  );
}

/** The encoding of L*a*b*; nothing where the picture has other colours or such numbers as no Lab file has. */
function labOf(colour: number, format: TiffSamples['format'], bits: number): LabEncoding | undefined {
  if (colour !== photometric.cieLab && colour !== photometric.iccLab) return undefined;
  if (format === 'float') return labEncodings.float;
  const kind = colour === photometric.cieLab ? 'cie' : 'icc';
  return bits === 8 ? labEncodings[`${kind}8`] : bits === 16 ? labEncodings[`${kind}16`] : undefined;
}

const numberNames: Readonly<Record<TiffSamples['format'], (bits: number) => string>> = {
  uint: (bits) => `whole numbers of ${bits} bits`,
  int: (bits) => `signed numbers of ${bits} bits`,
  float: (bits) => `floats of ${bits} bits`,
};

const sizesOf: Readonly<Record<TiffSamples['format'], readonly number[]>> = {
  uint: [8, 16, 32],
  int: [8, 16, 32],
  float: [16, 32],
};

/**
 * Says of a TIFF picture how its samples are stored, where they must be read as bare numbers since libvips takes them for
 * something else: floats for linear light or for 0 to 255, integers of 32 bits for 0 to 2^32, Lab of 8 bits for a format
 * of its own, and samples beyond alpha for nothing that can be read.
 * @param name what to call the file in an error
 * @returns nothing for what sharp reads rightly
 * @throws StyleError `E_IMAGE_DECODE` for numbers and colours that nobody here reads, by their name
 */
export function tiffSamplesOf(directory: TiffDirectory, name: string): TiffSamples | undefined {
  const [colour] = directory.numbers(tiffTag.photometric);
  const [channels = 1] = directory.numbers(tiffTag.samplesPerPixel);
  const [bits = 1] = directory.numbers(tiffTag.bitsPerSample);
  const [formatNumber = 1] = directory.numbers(tiffTag.sampleFormat);
  // A file without its colours' kind is broken, which libvips says better.
  if (colour === undefined) return undefined;
  const format = sampleFormats[formatNumber];
  if (format === undefined) throw notRead(name, 'complex numbers');
  const isGrey = colour === photometric.whiteIsZero || colour === photometric.grey;
  const colours = isGrey ? 1 : 3;
  const isPlain = isGrey || colour === photometric.rgb;
  if (format === 'uint' && bits <= 16 && ordinary.has(colour) && !(isPlain && channels > 4)) {
    if (bits === 1 || bits === 2 || bits === 4 || bits === 8 || bits === 16) return undefined;
    throw notRead(name, numberNames.uint(bits));
  }
  const lab = labOf(colour, format, bits);
  const isLinear = colour === photometric.linear;
  if (!isPlain && lab === undefined && !isLinear) {
    throw notRead(
      name,
      rare[colour] ??
        (colour in colourNames || ordinary.has(colour)
          ? `${colourNames[colour] ?? 'colours'} of ${numberNames[format](bits)}`
          : `colours of an unknown kind (${colour})`),
    );
  }
  if (!sizesOf[format].includes(bits)) throw notRead(name, numberNames[format](bits));
  if (channels < colours) throw notRead(name, `${channels} channels for three colours`);
  return {
    bits,
    format,
    colours,
    isLinear,
    lab,
    alpha: alphaOf(directory, colours, channels),
    isInverted: colour === photometric.whiteIsZero,
  };
}
