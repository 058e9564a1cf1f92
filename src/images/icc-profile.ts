/**
 * Tone curves and primaries of an RGB or grey ICC profile (ICC.1:2010, annex F), from which colours convert in floating
 * point. sharp converts by itself too, but takes 16-bit colours by way of Display P3 and an interpolated table that is off
 * by up to two percent, which is less than eight bits hold.
 */
export interface MatrixProfile {
  /** For red, green and blue: 65536 linear values, for the file's samples 0 .. 65535. */
  readonly curves: readonly [Float32Array, Float32Array, Float32Array];
  /** Rows of the matrix from the profile's linear RGB to linear sRGB. */
  readonly matrix: readonly number[];
}

const samples = 65_536;

/** XYZ relative to D50, which profiles are in, to linear sRGB: inverse of the sRGB primaries adapted by Bradford's method. */
export const xyzToSrgb = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
] as const;

const signature = (view: DataView, at: number): string =>
  String.fromCharCode(...[0, 1, 2, 3].map((byte) => view.getUint8(at + byte)));

const fixed = (view: DataView, at: number): number => view.getInt32(at) / 65_536;

/** A `para` curve: (aX + b)^g + e from X = d on, and cX + f below. */
function parametricCurve(view: DataView, at: number): ((x: number) => number) | undefined {
  const type = view.getUint16(at + 8);
  const count = [1, 3, 4, 5, 7][type];
  if (count === undefined) return undefined;
  const [g = 1, a = 1, b = 0, third = 0, fourth = 0, fifth = 0, sixth = 0] = Array.from(
    { length: count },
    (_, i) => fixed(view, at + 12 + 4 * i),
  );
  const power = (x: number): number => Math.max(0, a * x + b) ** g;
  // Types 1 and 2 have no linear part: below -b/a they hold a constant, 0 or their third number, which is also added above.
  if (type <= 2) return (x) => power(x) + third;
  return (x) => (x >= fourth ? power(x) + fifth : third * x + sixth);
}

/** A `curv` curve: nothing (the identity), one gamma, or a table. */
function sampledCurve(view: DataView, at: number): (x: number) => number {
  const count = view.getUint32(at + 8);
  if (count === 0) return (x) => x;
  if (count === 1) return (x) => x ** (view.getUint16(at + 12) / 256);
  const entry = (i: number): number => view.getUint16(at + 12 + 2 * i) / 65_535;
  return (x) => {
    const position = x * (count - 1);
    const low = Math.min(count - 2, Math.floor(position));
    return entry(low) + (position - low) * (entry(low + 1) - entry(low));
  };
}

function tabulate(view: DataView, at: number): Float32Array | undefined {
  const type = signature(view, at);
  const curve =
    type === 'para' ? parametricCurve(view, at) : type === 'curv' ? sampledCurve(view, at) : undefined;
  return curve && Float32Array.from({ length: samples }, (_, i) => curve(i / (samples - 1)));
}

/** Where the tags of a profile stand, by their names. */
function tagsOf(view: DataView): ReadonlyMap<string, number> {
  const tags = new Map<string, number>();
  for (let i = 0; i < view.getUint32(128); i++)
    tags.set(signature(view, 132 + 12 * i), view.getUint32(136 + 12 * i));
  return tags;
}

function parse(view: DataView): MatrixProfile | undefined {
  const space = signature(view, 16);
  if (signature(view, 36) !== 'acsp' || signature(view, 20) !== 'XYZ ') return undefined;
  const tags = tagsOf(view);
  const curve = (tag: string): Float32Array | undefined => {
    const at = tags.get(tag);
    return at === undefined ? undefined : tabulate(view, at);
  };
  if (space === 'GRAY') {
    const grey = curve('kTRC');
    return grey && { curves: [grey, grey, grey], matrix: [1, 0, 0, 0, 1, 0, 0, 0, 1] };
  }
  const columns = ['rXYZ', 'gXYZ', 'bXYZ'].map((tag) => tags.get(tag));
  // A profile with a table for the perceptual intent means that table to be used.
  if (space !== 'RGB ' || tags.has('A2B0') || columns.includes(undefined)) return undefined;
  const [red, green, blue] = [curve('rTRC'), curve('gTRC'), curve('bTRC')];
  const matrix = xyzToSrgb.flatMap((xyz) => {
    const row = columns.map((at) =>
      xyz.reduce((sum, value, i) => sum + value * fixed(view, at! + 8 + 4 * i), 0),
    );
    // White stays white, which the different roundings of D50 in use would miss by some ten-thousandths.
    const white = row.reduce((sum, value) => sum + value, 0);
    return row.map((value) => value / white);
  });
  return red && green && blue && { curves: [red, green, blue], matrix };
}

/** What a reader finds in a profile, or nothing when an offset is beyond the end: a broken profile, which every program passes over. */
function read<T>(profile: Uint8Array, reader: (view: DataView) => T): T | undefined {
  try {
    return reader(new DataView(profile.buffer, profile.byteOffset, profile.byteLength));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * Reads the curves and primaries of an ICC profile.
 * @returns nothing when the profile is broken, or of another kind (tables, CMYK)
 */
export const readMatrixProfile = (profile: Uint8Array): MatrixProfile | undefined => read(profile, parse);

/** Whether an ICC profile is a sound one that describes colours by tables. */
export const isTableProfile = (profile: Uint8Array): boolean =>
  read(profile, (view) => signature(view, 36) === 'acsp' && tagsOf(view).has('A2B0')) ?? false;

/** sRGB's transfer function (IEC 61966-2-1): linear light in [0, 1] to what is stored. */
export const encodeSrgb = (linear: number): number =>
  linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;

/** sRGB encoding at this many steps; between them a straight line is right to 1e-6. */
const steps = 16_384;
let encodedSteps: Float32Array | undefined;

/**
 * Converts samples 0 .. 65535 of a profile to sRGB in [0, 1] (IEC 61966-2-1); what lies outside sRGB is clipped.
 * @param planes three planes of samples over 65535, that is in [0, 1]; converted in place
 */
export function convertToSrgb(planes: Float32Array, profile: MatrixProfile): void {
  encodedSteps ??= Float32Array.from({ length: steps + 2 }, (_, i) => encodeSrgb(Math.min(1, i / steps)));
  const encoded = encodedSteps;
  const pixels = planes.length / 3;
  const [red, green, blue] = profile.curves;
  for (let pixel = 0; pixel < pixels; pixel++) {
    const r = red[Math.round(planes[pixel]! * (samples - 1))]!;
    const g = green[Math.round(planes[pixel + pixels]! * (samples - 1))]!;
    const b = blue[Math.round(planes[pixel + 2 * pixels]! * (samples - 1))]!;
    for (let channel = 0; channel < 3; channel++) {
      const row = 3 * channel;
      const linear = profile.matrix[row]! * r + profile.matrix[row + 1]! * g + profile.matrix[row + 2]! * b;
      const position = Math.min(1, Math.max(0, linear)) * steps;
      const low = Math.floor(position);
      planes[channel * pixels + pixel] =
        encoded[low]! + (position - low) * (encoded[low + 1]! - encoded[low]!);
    }
  }
}

/**
 * Whether a profile is sRGB under some name: no colour of a grid moves by more than half an 8-bit step, so that
 * leaving the samples alone is more exact than converting them.
 */
export function isSrgbProfile(profile: MatrixProfile): boolean {
  const levels = 9;
  const grid = new Float32Array(3 * levels ** 3);
  for (let i = 0; i < levels ** 3; i++) {
    for (let channel = 0; channel < 3; channel++) {
      grid[channel * levels ** 3 + i] = (Math.floor(i / levels ** channel) % levels) / (levels - 1);
    }
  }
  const converted = grid.slice();
  convertToSrgb(converted, profile);
  return converted.every((value, i) => Math.abs(value - grid[i]!) < 0.5 / 255);
}
