import { createImage, type Image, type Size } from './image.js';
import { isSideways, placeRows, turnedSize, uprightPlaces } from './orientation.js';
import { RowResampler } from './resample.js';
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

const hasAlpha = ({ alpha, ownAlpha }: SampledPicture): boolean =>
  alpha !== undefined || ownAlpha !== undefined;

/** One channel's samples over that of white. */
function writeChannel(
  { samples, channels }: SampledPicture,
  channel: number,
  white: number,
  first: number,
  plane: Float32Array,
): void {
  for (let i = 0, from = first * channels + channel; i < plane.length; i++, from += channels)
    plane[i] = samples[from]! / white;
}

/** Writes the planes of `count` pixels from `first` on: three of colours in sRGB, and alpha where the picture has it. */
function writePlanes(picture: SampledPicture, first: number, count: number, planes: Float32Array): void {
  const { samples, colours, white, isInverted, alpha, ownAlpha, convert } = picture;
  const plane = (index: number): Float32Array => planes.subarray(index * count, (index + 1) * count);
  const rgb = planes.subarray(0, 3 * count);
  for (let channel = 0; channel < colours; channel++)
    writeChannel(picture, channel, white, first, plane(channel));
  if (colours === 1) for (const copy of [1, 2]) plane(copy).set(plane(0));
  if (isInverted === true) for (let i = 0; i < rgb.length; i++) rgb[i] = 1 - rgb[i]!;
  convert?.(rgb);
  if (ownAlpha !== undefined) plane(3).set(ownAlpha.subarray(first, first + count));
  if (alpha !== undefined) {
    writeChannel(picture, alpha.channel, alpha.opaque, first, plane(3));
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

/** Goes through a picture from top to bottom. The planes given are the same memory again and again. */
function forRows(
  picture: SampledPicture,
  visit: (planes: Float32Array, first: number, rows: number) => void,
): void {
  const { width, height } = picture;
  const planes = hasAlpha(picture) ? 4 : 3;
  // Four rows at least, which are resampled together.
  const most = Math.max(4, Math.ceil(pixelsAtOnce / width));
  const buffer = new Float32Array(planes * width * Math.min(most, height));
  for (let first = 0; first < height; first += most) {
    const rows = Math.min(most, height - first);
    const part = buffer.subarray(0, planes * width * rows);
    writePlanes(picture, first * width, rows * width, part);
    visit(part, first, rows);
  }
}

/** The whole picture, upright. */
export function wholeImage(picture: SampledPicture): Image {
  const places = uprightPlaces(picture, picture.orientation);
  const { width, height } = places.size;
  const pixels = width * height;
  const planes = new Float32Array((hasAlpha(picture) ? 4 : 3) * pixels);
  forRows(picture, (rows, first, count) => placeRows(rows, picture.width, first, count, planes, places));
  const alpha = hasAlpha(picture) ? planes.subarray(3 * pixels) : undefined;
  return createImage(width, height, planes.subarray(0, 3 * pixels), alpha);
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
export function resampledImage(picture: SampledPicture, size: Size): Image {
  const stored = turnedSize(size, picture.orientation);
  const withAlpha = hasAlpha(picture);
  const resampler = new RowResampler(withAlpha ? 7 : 3, picture, stored);
  let buffer = new Float32Array(0);
  forRows(picture, (rows, _, count) => {
    const values = (rows.length / 4) * 7;
    if (withAlpha && buffer.length < values) buffer = new Float32Array(values);
    resampler.push(withAlpha ? premultipliedRows(rows, buffer) : rows, count);
  });
  const planes = resampler.result();
  const pixels = stored.width * stored.height;
  const colours = planes.subarray(0, 3 * pixels);
  const places = uprightPlaces(stored, picture.orientation);
  const turned = (values: Float32Array): Float32Array => {
    if (!isSideways(picture.orientation) && places.origin === 0) return values;
    const upright = new Float32Array(values.length);
    placeRows(values, stored.width, 0, stored.height, upright, places);
    return upright;
  };
  if (!withAlpha) return createImage(size.width, size.height, turned(clampUnit(colours)));
  const alpha = clampUnit(planes.subarray(3 * pixels, 4 * pixels));
  const under = alpha.some(isInvisible) ? colours : undefined;
  const visible = withoutAlpha(planes.subarray(4 * pixels), alpha, under);
  return createImage(size.width, size.height, turned(visible), turned(alpha));
}
