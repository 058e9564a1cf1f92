import type { Image, Size } from './image.js';
import { resizeImage } from './resize.js';

/** A picture at the sizes that it is wanted at: the last ones are kept, so that what is wanted again is not computed again. */
export class ResizedPicture {
  private sizes: readonly Image[] = [];

  /** @param kept how many sizes are kept */
  constructor(
    readonly picture: Image,
    private readonly kept: number,
  ) {}

  /** The picture at a size, as `resizeImage` makes it. */
  at({ width, height }: Size): Image {
    const found =
      this.sizes.find((one) => one.width === width && one.height === height) ??
      resizeImage(this.picture, width, height);
    this.sizes = [found, ...this.sizes.filter((one) => one !== found)].slice(0, this.kept);
    return found;
  }

  /** Gives the memory of the sizes back. */
  forget(): void {
    this.sizes = [];
  }
}
