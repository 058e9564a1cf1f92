import { createImage, type Image, type Part, type Size } from '../../images/image.js';
import { cutOutPlanes } from '../../images/margin.js';

/** Pixels around the object that still tell in the features of its positions; beyond, what is there hardly counts. */
const neighbourhood = 64;
/** Pixels for each position of the coarsest layer, along a side: the window's left and top lie between positions of all. */
const coarsest = 16;

/**
 * The part of a picture that the work on an object needs to see: the object and its neighbourhood. Statistics of the
 * painting are still those of the whole.
 */
export class ObjectWindow implements Part {
  private constructor(
    readonly left: number,
    readonly top: number,
    readonly width: number,
    readonly height: number,
  ) {}

  /**
   * @param parts above 0 at the object's pixels, at least one: `height * width` values
   * @param size of the picture
   */
  static around(parts: Float32Array, { width, height }: Size): ObjectWindow {
    let [left, right, top, bottom] = [width, 0, height, 0];
    for (let i = 0; i < parts.length; i += 1) {
      if (parts[i]! <= 0) continue;
      const [x, y] = [i % width, Math.floor(i / width)];
      [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
    }
    const before = (edge: number): number =>
      Math.max(0, Math.floor((edge - neighbourhood) / coarsest) * coarsest);
    const after = (edge: number, length: number): number =>
      Math.min(length, Math.ceil((edge + neighbourhood) / coarsest) * coarsest);
    const [x, y] = [before(left), before(top)];
    return new ObjectWindow(x, y, after(right, width) - x, after(bottom, height) - y);
  }

  /**
   * The window's part of a map.
   * @param values `[channels, height, width]`
   * @param map the whole map's size
   * @param cell pixels for each of its positions, along a side: a power of two up to 16
   */
  cut(values: Float32Array, map: Size, cell: number): Float32Array {
    return cutOutPlanes(values, map, this.cells(map, cell));
  }

  /** Numbers of positions of a map, all in the window, as numbers in the window's part of it. */
  renumber(positions: Uint32Array, map: Size, cell: number): Uint32Array {
    const { left, top, width } = this.cells(map, cell);
    return positions.map(
      (position) => (Math.floor(position / map.width) - top) * width + (position % map.width) - left,
    );
  }

  /** A picture with its part in the window replaced. */
  paste(image: Image, part: Image): Image {
    const rgb = Float32Array.from(image.rgb);
    for (let row = 0; row < 3 * this.height; row += 1) {
      const channel = Math.floor(row / this.height);
      const to = (channel * image.height + this.top + (row % this.height)) * image.width + this.left;
      rgb.set(part.rgb.subarray(row * this.width, (row + 1) * this.width), to);
    }
    return createImage(image.width, image.height, rgb);
  }

  private cells(map: Size, cell: number): Part {
    const [left, top] = [this.left / cell, this.top / cell];
    return {
      left,
      top,
      width: Math.min(map.width, Math.floor((this.left + this.width) / cell)) - left,
      height: Math.min(map.height, Math.floor((this.top + this.height) / cell)) - top,
    };
  }
}
