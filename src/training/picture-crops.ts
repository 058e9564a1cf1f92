import { createImage, type Image, type Size } from '../images/image.js';
import { resizeImage } from '../images/resize.js';
import { createRandom } from '../random.js';

/** The random numbers of a crop, independent of the picture's size. All in [0, 1). */
export interface CropDraw {
  /** From the smallest share of the picture (0) to the largest (1). */
  readonly scale: number;
  /** From the leftmost place (0) to the rightmost (1). */
  readonly left: number;
  /** From the topmost place (0) to the lowest (1). */
  readonly top: number;
  /** Whether it is mirrored left to right. */
  readonly flipped: boolean;
}

/** A square part of a picture, in whole pixels, that lies inside it. */
export interface CropSquare {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/** The smallest and the largest side of a crop as a share of the picture's shorter side, `0 < smallest <= largest <= 1`. */
export type CropScales = readonly [smallest: number, largest: number];

/** From the whole of the shorter side to a quarter of it. */
export const defaultCropScales: CropScales = [0.25, 1];

/** Uses of random numbers: each has a separate sequence. */
const purposes = { order: 0, crop: 1 };

/**
 * The endless seeded sequence of pictures, and the crop for every position of it. Positions count from 0; an epoch has as
 * many positions as there are pictures, and every picture once, newly shuffled (Fisher and Yates). Everything is a pure function of the seed, the number of pictures and the position.
 */
export class PictureOrder {
  private epoch = -1;
  private readonly shuffled: Uint32Array;

  /**
   * @param seed a whole number; its lowest 32 bits count
   * @param pictures how many there are, at least 1
   */
  constructor(
    private readonly seed: number,
    readonly pictures: number,
  ) {
    this.shuffled = new Uint32Array(pictures);
  }

  /**
   * The index of the picture at a position.
   * @param candidate 0 for the picture itself; 1, 2, ... for those that follow it in its epoch, cyclically, to
   *   replace it where it can't be read. Candidates 0 to `pictures - 1` are all pictures, each once
   */
  picture(position: number, candidate = 0): number {
    const epoch = Math.floor(position / this.pictures);
    if (epoch !== this.epoch) this.shuffle(epoch);
    return this.shuffled[((position % this.pictures) + candidate) % this.pictures]!;
  }

  /** The crop at a position; the same for every candidate. */
  crop(position: number): CropDraw {
    const [epoch, place] = [Math.floor(position / this.pictures), position % this.pictures];
    const random = createRandom(this.seed, purposes.crop, epoch, place);
    return {
      scale: random.uniform(),
      left: random.uniform(),
      top: random.uniform(),
      flipped: random.uniform() < 0.5,
    };
  }

  private shuffle(epoch: number): void {
    const { shuffled } = this;
    const random = createRandom(this.seed, purposes.order, epoch);
    for (let i = 0; i < shuffled.length; i += 1) {
      const other = Math.floor(random.uniform() * (i + 1));
      shuffled[i] = shuffled[other]!;
      shuffled[other] = i;
    }
    this.epoch = epoch;
  }
}

/**
 * The part of a picture that a crop shows. Its side is a share of the picture's shorter side, log-uniform between the two
 * `scales`, but never below `size` pixels where the picture allows that: crops are scaled down, which keeps them sharp,
 * and scaled up only if the largest share itself has fewer than `size` pixels; then that share is taken. Places are
 * uniform.
 * @param size the side that the crop is scaled to, in pixels
 */
export function cropSquare(
  draw: CropDraw,
  { width, height }: Size,
  size: number,
  [smallest, largest]: CropScales,
): CropSquare {
  const shorter = Math.min(width, height);
  const least = Math.min(largest, Math.max(smallest, size / shorter));
  const share = least * (largest / least) ** draw.scale;
  const side = Math.min(shorter, Math.max(1, Math.round(share * shorter)));
  return {
    left: Math.floor(draw.left * (width - side + 1)),
    top: Math.floor(draw.top * (height - side + 1)),
    side,
  };
}

/** A square part of some planes. */
function cutPlanes(planes: Float32Array, width: number, height: number, square: CropSquare): Float32Array {
  const { left, top, side } = square;
  const channels = planes.length / (width * height);
  const cut = new Float32Array(channels * side * side);
  for (let row = 0; row < channels * side; row += 1) {
    const from = (Math.floor(row / side) * height + top + (row % side)) * width + left;
    cut.set(planes.subarray(from, from + side), row * side);
  }
  return cut;
}

/**
 * Cuts a square out of a picture, resamples it (Lanczos) and mirrors it if wanted. Alpha counts in the resampling and is
 * then left out, so that transparent pixels show the colour that the file has under them.
 * @param size the new side in pixels
 * @returns RGB planes `[3, size, size]` in [0, 1]
 */
export function cutCrop(
  { width, height, rgb, alpha }: Image,
  square: CropSquare,
  size: number,
  flipped: boolean,
): Float32Array {
  const planes = cutPlanes(rgb, width, height, square);
  const opacity = alpha === undefined ? undefined : cutPlanes(alpha, width, height, square);
  const crop = resizeImage(createImage(square.side, square.side, planes, opacity), size, size).rgb;
  if (flipped) {
    for (let row = 0; row < crop.length; row += size) crop.subarray(row, row + size).reverse();
  }
  return crop;
}
