import { sizeOf, type Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { divide, multiply } from './arithmetic.js';
import { expand, reduce, reduction, sumToShape } from './broadcasting.js';
import { castToFloat, equal } from './selection.js';

const countOver = (shape: Shape, axes: readonly number[]): number => sizeOf(axes.map((axis) => shape[axis]!));

const meanOperator = reduction('mean', 'ReduceMean', (x, _y, g, axes) =>
  expand(multiply(g, 1 / countOver(x.shape, axes)), x.shape),
);
// Several equal largest values share the gradient equally.
const maxOperator = reduction('max', 'ReduceMax', (x, y, g) => {
  const winners = castToFloat(equal(x, y));
  return multiply(winners, divide(g, sumToShape(winners, y.shape)));
});

/**
 * Mean over the axes (all by default).
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [1, 8, 16, 16]);
 * const ofChannels = graph.mean(x, [2, 3]); // [1, 8]
 * ```
 */
export const mean = (x: Tensor, axes?: readonly number[], keepAxes = false): Tensor =>
  reduce(meanOperator, x, axes, keepAxes);
/**
 * Largest value over the axes (all by default).
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [1, 8, 16, 16]);
 * const ofChannels = graph.max(x, [2, 3]); // [1, 8]
 * ```
 */
export const max = (x: Tensor, axes?: readonly number[], keepAxes = false): Tensor =>
  reduce(maxOperator, x, axes, keepAxes);
