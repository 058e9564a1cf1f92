import { encodeSrgb, xyzToSrgb } from './icc-profile.js';

/** How a file stores CIE L*a*b*: from its numbers to L* in 0 .. 100, and a* and b* about 0. */
export interface LabEncoding {
  lightness(stored: number): number;
  chroma(stored: number): number;
}

/**
 * Those of TIFF: `CIELab` with signed a* and b* (TIFF 6.0, section 23), `ICCLab` with all numbers from 0 on, as ICC profiles
 * of version 2 have them, and floats as they are. Whole numbers come without a sign here.
 */
export const labEncodings = {
  cie8: {
    lightness: (stored) => (stored * 100) / 255,
    chroma: (stored) => (stored < 128 ? stored : stored - 256),
  },
  cie16: {
    lightness: (stored) => (stored * 100) / 65_535,
    chroma: (stored) => (stored < 32_768 ? stored : stored - 65_536) / 256,
  },
  icc8: { lightness: (stored) => (stored * 100) / 255, chroma: (stored) => stored - 128 },
  icc16: { lightness: (stored) => (stored * 100) / 65_280, chroma: (stored) => stored / 256 - 128 },
  float: { lightness: (stored) => stored, chroma: (stored) => stored },
} as const satisfies Record<string, LabEncoding>;

/** X, Y and Z of the illuminant D50, to which L*a*b* in files is relative. */
const white = [0.9642, 1, 0.8249] as const;

/** The inverse of CIE 1976's cube root with a straight line near black. */
const uncompress = (t: number): number => (t > 6 / 29 ? t ** 3 : 3 * (6 / 29) ** 2 * (t - 4 / 29));

/**
 * Converts CIE L*a*b* relative to D50 to sRGB in [0, 1]; what lies outside sRGB is clipped.
 * @param planes three planes of stored numbers; converted in place
 */
export function labToSrgb(planes: Float32Array, { lightness, chroma }: LabEncoding): void {
  const pixels = planes.length / 3;
  for (let pixel = 0; pixel < pixels; pixel++) {
    const y = (lightness(planes[pixel]!) + 16) / 116;
    const x = y + chroma(planes[pixels + pixel]!) / 500;
    const z = y - chroma(planes[2 * pixels + pixel]!) / 200;
    const [X, Y, Z] = [white[0] * uncompress(x), white[1] * uncompress(y), white[2] * uncompress(z)];
    for (let channel = 0; channel < 3; channel++) {
      const row = xyzToSrgb[channel]!;
      const linear = row[0] * X + row[1] * Y + row[2] * Z;
      planes[channel * pixels + pixel] = encodeSrgb(Math.min(1, Math.max(0, linear)));
    }
  }
}
