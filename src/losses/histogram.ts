import { square, subtract, type Tensor } from '../graph/index.js';
import { reduce, type LossReduction } from './reduction.js';

/*
 * How a method uses it. At every evaluation of the loss:
 *
 *   1. run the network up to the histogram layers: their activations O;
 *   2. R(O) = RankTarget.match(O), on the host (rank-matching.ts), with a RankTarget of the style's activations;
 *   3. run loss and gradient with R(O) as an input.
 *
 * Although the loss holds R(O) constant, its gradient is that of the whole: of all assignments of the target's values to the
 * activations, rank matching is the nearest (in one dimension optimal transport is sorting), so that R(O) minimises the
 * distance, and at a minimum the derivative with respect to R(O) vanishes. With R recomputed at each evaluation the loss is
 * one continuous function, the squared Wasserstein distance of the histograms, and line searches and quasi-Newton methods
 * may be used on it.
 */

/** Where the paper puts the loss: the finest layer, and one that sees larger forms. */
export const histogramLayers: readonly string[] = ['relu1_1', 'relu4_1'];

/**
 * A layer's histogram loss, `|| O - R(O) ||^2` (Risser, Wilmot and Barnes 2017, L_histogram). `relative` is relative to the
 * style's energy at the picture's size, as R(O) has the style's histogram whatever the picture.
 * @param activations O, `[N, C, H, W]`
 * @param matched R(O), of the same shape: an input that the host computes from O with `RankTarget`
 * @example
 * ```ts
 * import { graph, histogramLoss } from 'pastiche/engine';
 *
 * const [activations, matched] = [graph.input('activations', [1, 8, 16, 16]), graph.input('matched', [1, 8, 16, 16])];
 * const loss = histogramLoss(activations, matched, 'relative');
 * ```
 */
export const histogramLoss = (activations: Tensor, matched: Tensor, reduction: LossReduction): Tensor =>
  reduce(square(subtract(activations, matched)), matched, reduction);
