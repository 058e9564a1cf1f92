import { decodeBlob } from '../../images/codec.browser.js';
import type { Image } from '../../images/image.js';
import { longestPaintingSide } from '../../methods/fast/painting-code.js';
import type { SentOrder, SentPicture } from './engine-calls.js';

/** Larger ones are read anew each time, by as much as is looked at: floats of many pixels would fill the memory. */
const longSide = 4 * longestPaintingSide;

/** The pictures of an order that are no words. */
export const sentPictures = ({ pictures }: SentOrder): readonly SentPicture[] =>
  Object.values(pictures)
    .flat()
    .filter((picture) => typeof picture !== 'string');

/**
 * Pixels of pictures by their numbers, each decoded once: what a session has computed of them, such as the codes of paintings, is then
 * there at the next run. Those that are asked for no more go.
 */
export class DecodedPictures {
  private readonly images = new Map<number, Promise<Image>>();
  private readonly wanted = new Map<string, readonly number[]>();

  /** Drops what is not wanted any more. @param purpose what these pictures are for; those of another purpose stay */
  want(purpose: 'run' | 'plan', pictures: readonly SentPicture[]): void {
    this.wanted.set(
      purpose,
      pictures.map(({ number }) => number),
    );
    const all = new Set([...this.wanted.values()].flat());
    for (const number of this.images.keys()) if (!all.has(number)) this.images.delete(number);
  }

  /** The pixels of a picture. @throws StyleError `E_IMAGE_DECODE` for what is no picture */
  get({ name, number, blob }: SentPicture): Promise<Image> {
    const image =
      this.images.get(number) ?? decodeBlob(blob, name, { longSide }).then((read) => ({ ...read, name }));
    this.images.set(number, image);
    return image;
  }
}
