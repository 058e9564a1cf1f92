import { StyleError } from '../../errors.js';
import { paintedParts } from '../../images/output-mask.js';
import { resizePlanes } from '../../images/resize.js';
import type { Image } from '../../images/image.js';

/** A part of a position that is hardly the object's: the mask's edge, brought to a coarse layer. */
const leastCoverage = 1e-3;

/** Where the object is in a picture of one size. */
export class ObjectRegion {
  /** 1 for every pixel that is the object's in part or whole, 0 for the others: `height * width` values. */
  readonly parts: Float32Array;

  /**
   * @param mask white where the object is; see `paintedParts`
   * @throws StyleError `E_IMAGE_SIZE` when the mask has other proportions, `E_ARGUMENT` when it has no white
   */
  constructor(
    mask: Image,
    readonly width: number,
    readonly height: number,
  ) {
    this.parts = paintedParts(mask, width, height, 0).map((part) => (part > 0 ? 1 : 0));
    if (this.parts.some((part) => part > 0)) return;
    throw new StyleError(
      'E_ARGUMENT',
      'The mask is black everywhere, so there is no object to harmonise.',
      'Paint the mask white where the object is.',
    );
  }

  /**
   * The positions of a layer's map that are the object's: at least half of what they stand for is white.
   * @throws StyleError `E_IMAGE_SIZE` when there is none
   */
  positions(layer: string, height: number, width: number): Uint32Array {
    const coverage = this.coverage(height, width);
    const found = Uint32Array.from(coverage.keys()).filter((position) => coverage[position]! >= 0.5);
    if (found.length > 0) return found;
    throw new StyleError(
      'E_IMAGE_SIZE',
      `The object is too small for the layer ${layer} at ${this.width}x${this.height}: it covers no whole position of ${width}x${height}.`,
      'Use a larger size, a larger object, or leave the layer out.',
    );
  }

  /** The positions of a layer's map that the object touches. */
  touched(height: number, width: number): Uint32Array {
    const coverage = this.coverage(height, width);
    return Uint32Array.from(coverage.keys()).filter((position) => coverage[position]! > leastCoverage);
  }

  private coverage(height: number, width: number): Float32Array {
    if (height === this.height && width === this.width) return this.parts;
    return resizePlanes(this.parts, 1, this, { width, height }, 'bilinear');
  }
}
