import { mean, square, subtract, sum, type Tensor } from '../graph/index.js';
import { relativeTo } from './relative.js';

/*
 * How a method uses it. At every evaluation of the loss:
 *
 *   1. run the network up to the histogram layers: their activations O;
 *   2. R(O) = RankTarget.match(O), on the host (rank-matching.ts), with a RankTarget of the style's activations;
 *   3. run loss and gradient with R(O) as an input.
 *
 * Although the loss holds R(O) constant, its gradient is that of the whole: of all ways to hand the target's values to the
 * activations, rank matching is the nearest (in one dimension optimal transport is sorting), so that R(O) minimises the
 * distance, and at a minimum the change of R(O) counts for nothing. With R computed anew at each evaluation the loss is one
 * continuous function, the squared Wasserstein distance of the histograms, and line searches and quasi-Newton methods
 * may be used on it.
 */

/**
 * How the difference of the activations from their remapped version becomes a number:
 * - `sum`: the sum of the squared differences (Risser, Wilmot and Barnes 2017, L_histogram);
 * - `mean`: their mean;
 * - `relative`: their sum divided by the sum of squares of the remapped activations, our own. Those have the style's
 *   histogram whatever the picture, so this is the style's energy at the picture's size: 0 is the style's own histogram, and
 *   1 as far from it as a map of zeros, for every picture, size and network, like the `relative` Gram and content losses.
 */
export type HistogramReduction = 'sum' | 'mean' | 'relative';

/** Where the paper puts the loss: the finest layer, and one that sees larger forms. */
export const histogramLayers: readonly string[] = ['relu1_1', 'relu4_1'];

/**
 * A layer's histogram loss, `|| O - R(O) ||^2` (Risser, Wilmot and Barnes 2017).
 * @param activations O, `[N, C, H, W]`
 * @param matched R(O), of the same shape: an input that the host computes from O with `RankTarget`
 */
export function histogramLoss(activations: Tensor, matched: Tensor, reduction: HistogramReduction): Tensor {
  const squares = square(subtract(activations, matched));
  if (reduction === 'relative') return relativeTo(sum(squares), sum(square(matched)));
  return reduction === 'mean' ? mean(squares) : sum(squares);
}
