import type { PictureObjective } from '../optimization/picture-objective.js';

/** The tolerance with which a sample counts as grey: what JPEG makes of greys. */
export const greyTolerance = 2 / 255;

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
