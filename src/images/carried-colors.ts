import {
  affineColorMap,
  colorMoments,
  limitedColorMap,
  mapColors,
  type ColorMoments,
} from './affine-colors.js';
import { visiblePixels } from './color-matching.js';
import { createImage, type Image } from './image.js';

/** How far a direction of colours may be stretched. */
const mostGain = 3;

/**
 * A picture with the mean and covariance of other colours, as far as its own colours allow it without making noise of them: related
 * colours stay related.
 */
export function carryColors(picture: Image, colors: ColorMoments): Image {
  const positions = visiblePixels(picture);
  if (positions.length === 0) return picture;
  const rgb = Float32Array.from(picture.rgb);
  const moments = colorMoments(rgb, positions);
  const map = limitedColorMap(affineColorMap(moments, colors, 'monge-kantorovich'), mostGain);
  mapColors(rgb, positions, moments, colors, map);
  return createImage(picture.width, picture.height, rgb, picture.alpha);
}
