import { createImage, type Image, type Part, type Size } from './image.js';
import { placeRow, storedPart, turnedSize, uprightPlaces, type UprightPlaces } from './orientation.js';
import { RowResampler, type RowReceiver } from './resample.js';
import { clampUnit, isInvisible, withoutAlpha } from './resize.js';

/** Samples as decoders give them. */
export type Samples =
  Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array;

/** A picture as a decoder gives it: rows of pixels, their samples side by side, as they are stored in the file. */
export interface SampledPicture extends Size {
  readonly samples: Samples;
  /** Samples of a pixel. The first one or three are its colour. */
  readonly channels: number;
  readonly colours: 1 | 3;
  /** The sample of white; 1 where `convert` takes the samples as they are. */
  readonly white: number;
  /** Whether that is black and 0 is white. */
  readonly isInverted?: boolean;
  /** Which of a pixel's samples is its alpha, and that of an opaque one; absent where all are opaque. */
  readonly alpha?: { readonly channel: number; readonly opaque: number };
  /** Alpha that is not among the samples, one number a pixel from 0 to 1. */
  readonly ownAlpha?: Float32Array;
  /** Colours to sRGB in [0, 1], in place: three planes of samples over `white`. */
  readonly convert?: (planes: Float32Array) => void;
  /** How it is to be turned, by EXIF. */
  readonly orientation: number;
}

/** Whether some pixels may be transparent. */
export const hasAlpha = ({ alpha, ownAlpha }: SampledPicture): boolean =>
  alpha !== undefined || ownAlpha !== undefined;

/** One channel's samples of a part, over that of white. */
function writeChannel(
  { samples, channels, width }: SampledPicture,
  channel: number,
  white: number,
  part: Part,
  plane: Float32Array,
): void {
  for (let row = 0, to = 0; row < part.height; row++) {
    let from = ((part.top + row) * width + part.left) * channels + channel;
    for (const end = to + part.width; to < end; to++, from += channels) plane[to] = samples[from]! / white;
  }
}

/** Writes the planes of a part: three of colours in sRGB, and alpha where the picture has it. */
function writePlanes(picture: SampledPicture, part: Part, planes: Float32Array): void {
  const { samples, colours, white, isInverted, alpha, ownAlpha, convert } = picture;
  const count = part.width * part.height;
  const plane = (index: number): Float32Array => planes.subarray(index * count, (index + 1) * count);
  const rgb = planes.subarray(0, 3 * count);
  for (let channel = 0; channel < colours; channel++)
    writeChannel(picture, channel, white, part, plane(channel));
  if (colours === 1) for (const copy of [1, 2]) plane(copy).set(plane(0));
  if (isInverted === true) for (let i = 0; i < rgb.length; i++) rgb[i] = 1 - rgb[i]!;
  convert?.(rgb);
  if (ownAlpha !== undefined)
    writeChannel({ ...picture, samples: ownAlpha, channels: 1 }, 0, 1, part, plane(3));
  if (alpha !== undefined) {
    writeChannel(picture, alpha.channel, alpha.opaque, part, plane(3));
    if (samples instanceof Float32Array) clampUnit(plane(3));
  }
}

/** The picture without an alpha channel that is opaque everywhere. */
export function withoutOpaqueAlpha(picture: SampledPicture): SampledPicture {
  const { alpha, samples, channels, ...others } = picture;
  if (alpha === undefined) return picture;
  for (let at = alpha.channel; at < samples.length; at += channels)
    if (samples[at]! < alpha.opaque) return picture;
  return { ...others, samples, channels };
}

/** About so many pixels are converted at a time. */
const pixelsAtOnce = 1 << 17;

/** Goes through a part of a picture from top to bottom. The planes given are the same memory again and again. */
function forRows(
  picture: SampledPicture,
  { left, top, width, height }: Part,
  visit: (planes: Float32Array, first: number, rows: number) => void,
): void {
  const planes = hasAlpha(picture) ? 4 : 3;
  // Four rows at least, which are resampled together.
  const most = Math.max(4, Math.ceil(pixelsAtOnce / width));
  const buffer = new Float32Array(planes * width * Math.min(most, height));
  for (let first = 0; first < height; first += most) {
    const rows = Math.min(most, height - first);
    const part = buffer.subarray(0, planes * width * rows);
    writePlanes(picture, { left, top: top + first, width, height: rows }, part);
    visit(part, first, rows);
  }
}

/** Planes of the upright picture, and what puts rows of the stored one into them. */
function uprightPlanes(count: number, places: UprightPlaces) {
  const pixels = places.size.width * places.size.height;
  const values = new Float32Array(count * pixels);
  /** Some neighbouring planes. */
  const range = (from: number, to: number): Float32Array => values.subarray(from * pixels, to * pixels);
  const each = Array.from({ length: count }, (_, i) => range(i, i + 1));
  const place: RowReceiver = (plane, row, samples) => placeRow(samples, row, each[plane]!, places);
  return { place, range };
}

/** The size of the upright picture. */
export const uprightSize = (picture: SampledPicture): Size => turnedSize(picture, picture.orientation);

/** The whole picture, upright. */
export const wholeImage = (picture: SampledPicture): Image =>
  partOfSamples(picture, { left: 0, top: 0, ...uprightSize(picture) });

/**
 * A part of the upright picture, which lies inside it.
 * @returns with alpha where some pixel of the whole may be transparent
 */
export function partOfSamples(picture: SampledPicture, part: Part): Image {
  const stored = storedPart(part, uprightSize(picture), picture.orientation);
  const { width } = stored;
  const places = uprightPlaces(stored, picture.orientation);
  const planes = hasAlpha(picture) ? 4 : 3;
  const { place, range } = uprightPlanes(planes, places);
  forRows(picture, stored, (values, first, rows) => {
    for (let plane = 0; plane < planes; plane++) {
      for (let row = 0; row < rows; row++) {
        const at = (plane * rows + row) * width;
        place(plane, first + row, values.subarray(at, at + width));
      }
    }
  });
  const { size } = places;
  return createImage(size.width, size.height, range(0, 3), planes === 4 ? range(3, 4) : undefined);
}

/** What is resampled of rows with alpha: colours as they are, alpha, colours times alpha. */
function premultipliedRows(rows: Float32Array, into: Float32Array): Float32Array {
  const pixels = rows.length / 4;
  const planes = into.subarray(0, 7 * pixels);
  planes.set(rows);
  for (let channel = 0; channel < 3; channel++) {
    const from = channel * pixels;
    const to = (4 + channel) * pixels;
    for (let i = 0; i < pixels; i++) planes[to + i] = rows[from + i]! * rows[3 * pixels + i]!;
  }
  return planes;
}

/**
 * The picture at another size, upright: what `resizeImage` makes of the whole one within rounding, but its planes of floats
 * are there for a few rows at a time only.
 * @param size of the upright picture
 */
export function resampledImage(picture: SampledPicture, { width, height }: Size): Image {
  const stored = turnedSize({ width, height }, picture.orientation);
  const isTransparent = hasAlpha(picture);
  // The channels of grey are the same, so one is enough.
  const isGrey = picture.colours === 1 && !isTransparent;
  const { place, range } = uprightPlanes(isTransparent ? 7 : 3, uprightPlaces(stored, picture.orientation));
  const resampler = new RowResampler(isTransparent ? 7 : isGrey ? 1 : 3, picture, stored, place);
  let buffer = new Float32Array(0);
  const { width: storedWidth, height: storedHeight } = picture;
  const whole = { left: 0, top: 0, width: storedWidth, height: storedHeight };
  forRows(picture, whole, (values, _, rows) => {
    const length = (values.length / 4) * 7;
    if (isTransparent && buffer.length < length) buffer = new Float32Array(length);
    const grey = values.subarray(0, rows * picture.width);
    resampler.push(isGrey ? grey : isTransparent ? premultipliedRows(values, buffer) : values, rows);
  });
  if (isGrey) for (const copy of [1, 2]) range(copy, copy + 1).set(range(0, 1));
  const colours = range(0, 3);
  if (!isTransparent) return createImage(width, height, clampUnit(colours));
  // In memory of their own, so that the rest can go.
  const alpha = clampUnit(range(3, 4).slice());
  const under = alpha.some(isInvisible) ? colours : undefined;
  return createImage(width, height, withoutAlpha(range(4, 7).slice(), alpha, under), alpha);
}
