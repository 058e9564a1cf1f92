import { normalizeAxis } from '../shape.js';
import { apply, type Operator, type Tensor } from '../tensor.js';

const argMaxOperator: Operator<{ axis: number }> = {
  name: 'argMax',
  infer: ([x], { axis }) => ({ shape: x!.shape.filter((_, i) => i !== axis), dtype: 'int64' }),
  emit: (_, emitter, { axis }) =>
    void emitter.node('ArgMax', emitter.inputs, { axis, keepdims: 0, select_last_index: 0 }, emitter.output),
};

/**
 * Where the largest value along an axis is, as int64 counted from 0; of several equal ones the first. The axis disappears.
 * Positions have no gradient.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [2, 3]);
 * const best = graph.argMax(x, 1); // [2], int64
 * ```
 */
export const argMax = (x: Tensor, axis: number): Tensor =>
  apply(argMaxOperator, [x], { axis: normalizeAxis('argMax', axis, x.shape) });
