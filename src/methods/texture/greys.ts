import type { Image } from '../../images/image.js';
import type { PictureObjective } from '../optimization/picture-objective.js';

/** Root mean square differences of R and B from G up to which a picture counts as grey: what JPEG makes of greys. */
const mostColor = 2 / 255;

/** Whether a picture has no colours, but for what rounding adds. */
export function isGrey({ rgb }: Image): boolean {
  const pixels = rgb.length / 3;
  let squares = 0;
  for (let i = 0; i < pixels; i += 1) {
    const green = rgb[pixels + i]!;
    squares += (rgb[i]! - green) ** 2 + (rgb[2 * pixels + i]! - green) ** 2;
  }
  return squares <= 2 * pixels * mostColor ** 2;
}

/**
 * An objective over grey pictures only: the gradient without its part that would colour them. Gram matrices hardly tell a
 * faintly coloured stroke from a grey one, so that textures of engravings would get coloured fringes.
 */
export const inGreys =
  (objective: PictureObjective): PictureObjective =>
  async (rgb) => {
    const { losses, gradient } = await objective(rgb);
    const pixels = gradient.length / 3;
    for (let i = 0; i < pixels; i += 1) {
      const mean = (gradient[i]! + gradient[pixels + i]! + gradient[2 * pixels + i]!) / 3;
      for (let channel = 0; channel < 3; channel += 1) gradient[channel * pixels + i] = mean;
    }
    return { losses, gradient };
  };
