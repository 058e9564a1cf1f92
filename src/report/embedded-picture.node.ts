import { encodeImage } from '../images/codec.node.js';
import { resizeRaster, wholeOf, type Raster } from '../images/raster.js';
import { fitLongSide } from '../images/resize.js';
import type { PagePicture } from './page-parts.js';

/**
 * A picture as a page holds it: brought down to a long side, JPEG, or WebP where it is transparent.
 * @param longSide the most pixels that its long side may have
 */
export async function embedPicture(picture: Raster, caption: string, longSide: number): Promise<PagePicture> {
  const shown =
    Math.max(picture.width, picture.height) <= longSide
      ? { width: picture.width, height: picture.height }
      : fitLongSide(picture.width, picture.height, longSide);
  const image = wholeOf(resizeRaster(picture, shown.width, shown.height));
  const format = image.alpha === undefined ? 'jpeg' : 'webp';
  const bytes = await encodeImage(image, format, { quality: 88 });
  const source = `data:image/${format};base64,${Buffer.from(bytes).toString('base64')}`;
  return { source, caption, ...shown };
}
