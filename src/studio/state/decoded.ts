import { browserPlatform } from '../../api/platform.browser.js';
import { longestPaintingSide } from '../../methods/fast/painting-code.js';
import type { Image } from '../../images/image.js';
import type { Order } from './order.js';
import type { StudioPicture } from './pictures.js';

/** Larger ones are read anew each time, by as much as is looked at: floats of many pixels would fill the memory. */
const longSide = 4 * longestPaintingSide;

const known = new WeakMap<Blob, Promise<Image>>();

/** The pixels of a picture, read once. @throws StyleError `E_IMAGE_DECODE` for what is no picture */
export function decoded({ blob, name }: StudioPicture): Promise<Image> {
  const image =
    known.get(blob) ??
    browserPlatform
      .readPicture(new File([blob], name), name, { longSide })
      .then((read) => ({ ...read, name }));
  known.set(blob, image);
  return image;
}

/**
 * The pictures of an order that a role has several of, in memory: what a session has computed of them, such as the codes of
 * paintings, is then there at the next run.
 */
export async function decodedSeveral({
  method,
  pictures,
}: Order): Promise<ReadonlyMap<StudioPicture, Image>> {
  const roles = method.roles.filter(({ several, drawnOver }) => several === true && drawnOver === undefined);
  const found = roles.flatMap(({ name }) => pictures[name] ?? []).filter(({ isWord }) => isWord !== true);
  return new Map(await Promise.all(found.map(async (picture) => [picture, await decoded(picture)] as const)));
}
