import { add, divide, mean, multiply, sqrt, square, subtract, sum, type Tensor } from '../graph/index.js';
import { sumOfTerms } from './sum-of-terms.js';

/** Keeps the direction of a vector of zeros a number. */
const epsilon = 1e-6;

/** A layer's features beside what they should become. */
export interface NeighborFeatures {
  /** `[1, C, H, W]` */
  readonly features: Tensor;
  /** By channel, `[1, C, 1, 1]`, and for the layer, `[1]`: features are compared as `(features - mean) * scale`. */
  readonly mean: Tensor;
  readonly scale: Tensor;
  /** The neighbours' standardised features, `[1, C, H, W]`. Over all layers together each position has unit length. */
  readonly target: Tensor;
}

/**
 * The cosine distance of each position's features, of all layers as one vector, from its neighbour's: 0 is the same
 * direction, 1 at right angles, 2 the opposite; the mean over positions (Kolkin et al. 2022, "Neural Neighbor Style
 * Transfer", equation 2). Ours: features are standardised first, where the paper compares them as they are. Activations are
 * never negative, so that all of them point the same way roughly; around their mean they tell more from each other.
 * @param layers maps of the same height and width
 */
export function neighborLoss(layers: readonly NeighborFeatures[]): Tensor {
  const parts = layers.map(({ features, mean: centre, scale, target }) => {
    const centred = subtract(features, centre);
    // The scale is applied to sums, which are smaller than maps by the number of channels.
    return {
      product: multiply(sum(multiply(centred, target), [1]), scale),
      square: multiply(sum(square(centred), [1]), square(scale)),
    };
  });
  const products = sumOfTerms(parts.map(({ product }) => product));
  const squares = sumOfTerms(parts.map((part) => part.square));
  return subtract(1, mean(divide(products, sqrt(add(squares, epsilon)))));
}
