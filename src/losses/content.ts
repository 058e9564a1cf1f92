import { mean, multiply, square, subtract, sum, type Tensor } from '../graph/index.js';
import { relativeTo } from './relative.js';

/**
 * How the difference of features from the photograph's becomes a number:
 * - `mean`: the mean of the squared differences;
 * - `half-sum`: half their sum (Gatys et al. 2016, equation 1);
 * - `relative`: their sum divided by the sum of squares of the photograph's features, our own: it means the same for every
 *   picture, size and network.
 */
export type ContentReduction = 'mean' | 'half-sum' | 'relative';

/**
 * A layer's content loss.
 * @param features `[N, C, H, W]`
 * @param target the photograph's features, of the same shape
 */
export function contentLoss(features: Tensor, target: Tensor, reduction: ContentReduction): Tensor {
  const squares = square(subtract(features, target));
  if (reduction === 'relative') return relativeTo(sum(squares), sum(square(target)));
  return reduction === 'mean' ? mean(squares) : multiply(sum(squares), 0.5);
}
