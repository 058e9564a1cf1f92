import { normalizeAxis, sizeOf } from '../shape.js';
import { apply, constant, type Operator, type Tensor } from '../tensor.js';
import { reshape, transpose } from './layout.js';
import { matmul } from './matrix.js';
import { castToFloat, equal } from './selection.js';

const gatherOperator: Operator<{ axis: number }> = {
  name: 'gather',
  infer: ([x, indices], { axis }) => ({
    shape: [...x!.shape.slice(0, axis), ...indices!.shape, ...x!.shape.slice(axis + 1)],
    dtype: x!.dtype,
  }),
  emit: (_, emitter, { axis }) => void emitter.node('Gather', emitter.inputs, { axis }, emitter.output),
  gradient: (tensor, g, { axis }) => {
    const [x, indices] = tensor.inputs as [Tensor, Tensor];
    const [length, count] = [x.shape[axis]!, sizeOf(indices.shape)];
    // Indices may repeat, so their gradients add up: a product with a matrix that has a 1 in the column of each index.
    const range = constant(
      Float32Array.from({ length }, (_, i) => i),
      [1, length],
    );
    const points = castToFloat(equal(reshape(castToFloat(indices), [count, 1]), range));
    const flat = reshape(g, [...x.shape.slice(0, axis), count, ...x.shape.slice(axis + 1)]);
    const others = flat.shape.map((_, i) => i).filter((i) => i !== axis);
    const last = reshape(transpose(flat, [...others, axis]), [-1, count]);
    const spread = reshape(matmul(last, points), [...others.map((i) => x.shape[i]!), length]);
    const back = x.shape.map((_, i) => (i === axis ? others.length : others.indexOf(i)));
    return [transpose(spread, back), undefined];
  },
};

/**
 * Picks slices of `x` along an axis: the result has the shape of `indices` in place of that axis.
 * @param indices int64, from 0 to the axis' length minus 1; not checked when the graph is built
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [2, 3]);
 * const chosen = graph.gather(x, graph.integers([2, 0]), 1); // [2, 2]
 * ```
 */
export const gather = (x: Tensor, indices: Tensor, axis: number): Tensor =>
  apply(gatherOperator, [x, indices], { axis: normalizeAxis('gather', axis, x.shape) });

/**
 * A constant of int64, for {@link gather}.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [2, 3]);
 * const last = graph.gather(x, graph.integers([2]), 1);
 * ```
 */
export const integers = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor =>
  constant(
    BigInt64Array.from(values, (value) => BigInt(value)),
    shape,
  );
