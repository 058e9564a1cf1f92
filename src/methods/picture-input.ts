import { input, type Tensor } from '../graph/index.js';

/** The name of the picture among a graph's inputs. */
export const pictureInput = 'picture';

/** The picture that a graph is about, `[1, 3, H, W]`. */
export const pictureOf = ({ width, height }: { readonly width: number; readonly height: number }): Tensor =>
  input(pictureInput, [1, 3, height, width]);
