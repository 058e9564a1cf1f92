import { StyleError } from '../../errors.js';
import { createImage, type Image } from '../../images/image.js';
import { resizeImage } from '../../images/resize.js';
import { noisePicture } from '../noise-picture.js';
import type { StylizeSettings } from './options.js';

/** Grey of medium lightness: half of the range. */
const middle = 0.5;

/**
 * What the optimisation starts from, at the size of its first scale.
 * @param picture the picture to start from, for `init: 'picture'`
 * @throws StyleError `E_ARGUMENT` when that picture is missing
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
      if (pictures.picture === undefined) {
        throw new StyleError(
          'E_ARGUMENT',
          'The start is to be a picture, and none was given.',
          'Give the picture to start from.',
        );
      }
      return opaque(resizeImage(pictures.picture, width, height));
    case 'grey':
      return createImage(width, height, new Float32Array(3 * width * height).fill(middle));
    case 'noise':
      return noisePicture(width, height, settings.noise, settings.seed);
  }
}

const opaque = ({ width, height, rgb }: Image): Image => createImage(width, height, rgb);
