import { pixelBytesOf } from '../../images/picture-sink.js';
import { isTransparent, type Raster } from '../../images/raster.js';
import type { Size } from '../../images/image.js';
import { encodingMemory } from '../../images/writing-memory.js';
import type { MethodSubject, PictureSet } from '../method.js';
import { graphMemory, pictureBytes, picturesMemory } from '../optimization/memory.js';
import type { ApplySettings } from './options.js';
import type { PaintingCost } from './painter.js';

/** Bytes of a pixel of a part while paint and photograph are mixed: three planes of each, and one of opacity. */
const mixingBytes = 28;
/** Pictures in memory while colours are carried over: photograph, paint, both with other colours, and the smoothing's planes. */
const carriedPictures = 6;
/** Bytes of a pixel of one plane. */
const planeBytes = 4;

/** What is known of a run before it. */
export interface RepaintingSubject extends MethodSubject<
  ApplySettings,
  {
    readonly picture: Raster;
    readonly mask?: Raster | undefined;
    readonly styleMasks?: readonly Raster[] | undefined;
  }
> {
  /** Of the result. */
  readonly size: Size;
}

/**
 * Bytes of memory that repainting takes at its peak, the process included. It grows with the picture by its samples and those of the
 * result; floats are there of a part at a time, unless another size, several styles or a model of somebody else's need the whole.
 */
export function repaintingMemory(subject: RepaintingSubject, cost: PaintingCost): number {
  const { pictures, settings, size, form } = subject;
  const { picture, mask, styleMasks = [] } = pictures;
  const pixels = size.width * size.height;
  const hasAlpha = isTransparent(picture);
  const floats = pictureBytes(size) + (hasAlpha ? planeBytes * pixels : 0);
  const result = form === undefined ? floats : pixels * pixelBytesOf(form, hasAlpha);
  const isResized = size.width !== picture.width || size.height !== picture.height;
  const isMixed = mask !== undefined || settings.strength < 1 || settings.preserveColors !== 'none';
  // Distances to the border are in float64, and the opacity that comes of them is another plane.
  const maskBytes = mask === undefined ? 0 : planeBytes * (settings.feather > 0 ? 4 : 1);
  const regionBytes = styleMasks.length > 0 ? planeBytes * styleMasks.length + 12 : 0;
  const held = picturesMemory({ ...pictures } as PictureSet) + result + (isResized ? floats : 0);
  const painting =
    graphMemory(cost, cost.floatBytes) +
    (isMixed ? mixingBytes * cost.partPixels : 0) +
    (maskBytes + regionBytes) * pixels +
    (settings.preserveColors === 'chroma' ? carriedPictures * pictureBytes(size) : 0);
  const encoding = form === undefined ? 0 : encodingMemory(size, form, hasAlpha);
  return held + Math.max(painting, encoding);
}
