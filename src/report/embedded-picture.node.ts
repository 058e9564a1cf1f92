import { encodeImage } from '../images/codec.node.js';
import type { Image } from '../images/image.js';
import { fitLongSide, resizeImage } from '../images/resize.js';
import type { PagePicture } from './page-parts.js';

/**
 * A picture as a page holds it: brought down to a long side, JPEG, or WebP where it is transparent.
 * @param longSide the most pixels that its long side may have
 */
export async function embedPicture(image: Image, caption: string, longSide: number): Promise<PagePicture> {
  const shown =
    Math.max(image.width, image.height) <= longSide
      ? { width: image.width, height: image.height }
      : fitLongSide(image.width, image.height, longSide);
  const format = image.alpha === undefined ? 'jpeg' : 'webp';
  const bytes = await encodeImage(resizeImage(image, shown.width, shown.height), format, { quality: 88 });
  const source = `data:image/${format};base64,${Buffer.from(bytes).toString('base64')}`;
  return { source, caption, ...shown };
}
