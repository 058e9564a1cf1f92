import type { Tensor } from '../graph/index.js';
import type { PictureNetwork } from './picture-network.js';
import type { VggWeights } from './vgg-weights.js';

/**
 * A network that repaints a picture after any painting, in one pass: a code of the painting, and what paints with it. Codes may be
 * blended: sums of codes with weights that add up to 1 are codes again. The weights are constants of the expressions.
 */
export interface AnyStyleModel {
  /** Its name, or the path of its file. */
  readonly name: string;
  /** Tells networks of one name, and versions of a network, from each other. It reads all weights. */
  readonly fingerprint: () => string;
  /** How many numbers a style's code has. */
  readonly codeLength: number;
  /**
   * What a painting is brought to before it is read: with `square` exactly `side` x `side` pixels, stretched where it is not square;
   * otherwise `side` pixels at its longer side.
   */
  readonly styleSize: { readonly side: number; readonly square: boolean };
  /** The code of a painting: RGB in [0, 1], `[1, 3, H, W]` to `[1, codeLength]`. */
  readonly code: (painting: Tensor) => Tensor;
  /**
   * RGB in [0, 1], `[1, 3, H, W]`, and a code `[1, codeLength]` to RGB around [0, 1] of the picture's shape. May be encoded with free
   * sizes.
   * @throws StyleError `E_IMAGE_SIZE` for a picture that is too small for the network
   */
  readonly paint: (picture: Tensor, code: Tensor) => Tensor;
  /** What losses are measured with where a result is refined by optimisation; a session adds it where it is needed. */
  readonly perceptual?: VggWeights;
  /** What `paint` is, where it can be applied part by part; the code is its input `code`. */
  readonly network?: PictureNetwork;
}
