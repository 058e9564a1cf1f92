import { createImage, type Image, type Size } from '../../images/image.js';
import type { ResizedPicture } from '../../images/resized-picture.js';
import { resizeImage, resizePlanes } from '../../images/resize.js';
import { noisePicture } from '../optimization/noise-picture.js';
import type { StylizeSettings } from './options.js';

/** Grey of medium lightness: half of the range. */
const middle = 0.5;

/**
 * What the optimisation starts from, at the size of its first scale.
 * @param picture the picture to start from, for `init: 'picture'`
 */
export function initialPicture(
  settings: Pick<StylizeSettings, 'init' | 'noise' | 'seed'>,
  width: number,
  height: number,
  pictures: { readonly content: Image; readonly style: Image; readonly picture?: Image | undefined },
): Image {
  switch (settings.init) {
    case 'content':
      return opaque(resizeImage(pictures.content, width, height));
    case 'style':
      return opaque(resizeImage(pictures.style, width, height));
    case 'picture':
      return opaque(resizeImage(pictures.picture!, width, height));
    case 'grey':
      return createImage(width, height, new Float32Array(3 * width * height).fill(middle));
    case 'noise':
      return noisePicture(width, height, settings.noise, settings.seed);
  }
}

const opaque = ({ width, height, rgb }: Image): Image => createImage(width, height, rgb);

/**
 * The start at a finer scale. Where the picture began as the photograph only its change is enlarged and added to the
 * photograph at the finer size: that keeps the photograph's detail, which enlarging the picture itself would blur.
 */
export function refinedPicture(
  coarse: Image,
  content: ResizedPicture,
  { width, height }: Size,
  init: StylizeSettings['init'],
): Image {
  if (init !== 'content') return resizeImage(coarse, width, height);
  const before = content.at(coarse).rgb;
  const change = coarse.rgb.map((value, i) => value - before[i]!);
  const enlarged = resizePlanes(change, 3, coarse, { width, height });
  const rgb = content
    .at({ width, height })
    .rgb.map((value, i) => Math.min(Math.max(value + enlarged[i]!, 0), 1));
  return createImage(width, height, rgb);
}
