import { square, subtract, type Tensor } from '../graph/index.js';
import { reduce, type LossReduction } from './reduction.js';

/**
 * A layer's content loss.
 * @param features `[N, C, H, W]`
 * @param target the photograph's features, of the same shape
 * @example
 * ```ts
 * import { contentLoss, graph } from 'pastiche/engine';
 *
 * const [features, target] = [graph.input('features', [1, 8, 16, 16]), graph.input('target', [1, 8, 16, 16])];
 * const loss = contentLoss(features, target, 'relative');
 * ```
 */
export const contentLoss = (features: Tensor, target: Tensor, reduction: LossReduction): Tensor =>
  reduce(square(subtract(features, target)), target, reduction, { 'half-sum': 2 });
