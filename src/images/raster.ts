import { createImage, type Image, type Part, type Size } from './image.js';
import { cutOut } from './margin.js';
import { resizeImage } from './resize.js';
import {
  hasAlpha,
  partOfSamples,
  resampledImage,
  uprightSize,
  wholeImage,
  type SampledPicture,
} from './sampled-picture.js';

/**
 * A picture that parts are read of. It may be one that is in memory as floats, or as its file's samples, which take a quarter of
 * that (half for 16 bits): then floats are made for the parts alone.
 */
export type Raster = Image | SampledRaster;

/** A picture as its file's samples, seen upright. */
export class SampledRaster implements Size {
  readonly width: number;
  readonly height: number;

  /** @param name what it is called in messages: its file */
  constructor(
    private readonly picture: SampledPicture,
    readonly name?: string,
  ) {
    const { width, height } = uprightSize(picture);
    this.width = width;
    this.height = height;
  }

  /** What it takes in memory. */
  get bytes(): number {
    const { samples, ownAlpha } = this.picture;
    return samples.byteLength + (ownAlpha?.byteLength ?? 0);
  }

  /** Whether some pixels may be transparent. */
  get hasAlpha(): boolean {
    return hasAlpha(this.picture);
  }

  /** The whole picture as floats. */
  whole(): Image {
    return this.named(wholeImage(this.picture));
  }

  /** A part as floats. */
  part(part: Part): Image {
    return partOfSamples(this.picture, part);
  }

  /** What `resizeImage` makes of the whole picture, within rounding. */
  resized(width: number, height: number): Image {
    return this.named(resampledImage(this.picture, { width, height }));
  }

  private named(image: Image): Image {
    return this.name === undefined ? image : { ...image, name: this.name };
  }
}

/** A picture as floats: the same object where it is in memory so. */
export const wholeOf = (raster: Raster): Image => (raster instanceof SampledRaster ? raster.whole() : raster);

/** A part of a picture that lies inside it, with its alpha: the same object where it is the whole of one in memory. */
export function partOf(raster: Raster, part: Part): Image {
  if (raster instanceof SampledRaster) return raster.part(part);
  if (part.width === raster.width && part.height === raster.height) return raster;
  const { rgb } = cutOut(raster, part);
  const alpha = raster.alpha && cutPlane(raster.alpha, raster, part);
  return createImage(part.width, part.height, rgb, alpha);
}

/** A part of one plane of a picture's values. */
export function cutPlane(plane: Float32Array, { width, height }: Size, part: Part): Float32Array {
  if (part.width === width && part.height === height) return plane;
  const out = new Float32Array(part.width * part.height);
  for (let row = 0; row < part.height; row += 1) {
    const from = (part.top + row) * width + part.left;
    out.set(plane.subarray(from, from + part.width), row * part.width);
  }
  return out;
}

/** A picture at another size, see `resizeImage`; the same object where it has that size. */
export function resizeRaster(raster: Raster, width: number, height: number): Raster {
  if (!(raster instanceof SampledRaster)) return resizeImage(raster, width, height);
  return width === raster.width && height === raster.height ? raster : raster.resized(width, height);
}

/** Whether some pixels of a picture may be transparent. */
export const isTransparent = (raster: Raster): boolean =>
  raster instanceof SampledRaster ? raster.hasAlpha : raster.alpha !== undefined;

/** Bytes of memory that a picture takes. */
export const rasterBytes = (raster: Raster): number =>
  raster instanceof SampledRaster ? raster.bytes : 12 * raster.width * raster.height;

/** About so many pixels are in a band. */
const bandPixels = 1 << 20;

/** Bands of whole rows that a picture consists of, from top to bottom. */
export function bandsOf({ width, height }: Size): Part[] {
  const rows = Math.max(1, Math.floor(bandPixels / width));
  return Array.from({ length: Math.ceil(height / rows) }, (_, index) => ({
    left: 0,
    top: index * rows,
    width,
    height: Math.min(rows, height - index * rows),
  }));
}
