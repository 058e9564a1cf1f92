import { broadcastShapes, normalizeAxis, sameShape, shapeError, type Shape } from '../shape.js';
import { apply, type Operator, type Tensor } from '../tensor.js';
import { reshape } from './layout.js';

/* Repeating values and adding them up: each is the other's gradient. */

// Not evaluated when its operand is constant: what is repeated needs no memory until it is written.
export const expandOperator: Operator<{ shape: readonly number[] }> = {
  name: 'expand',
  infer: ([x], { shape }) => {
    if (!sameShape(broadcastShapes('expand', x!.shape, shape), shape))
      throw shapeError('expand', [x!.shape, shape], 'the first can not be repeated to the second');
    return { shape, dtype: x!.dtype };
  },
  emit: (_, emitter, { shape }) =>
    void emitter.node('Expand', [emitter.inputs[0]!, emitter.integers(shape)], {}, emitter.output),
  gradient: (tensor, g) => [sumToShape(g, tensor.inputs[0]!.shape)],
  simplify: (tensor, { shape }) =>
    sameShape(tensor.inputs[0]!.shape, shape) ? tensor.inputs[0]! : undefined,
};

/**
 * Repeats a tensor along its axes of length 1 and along new leading axes, to `shape`.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const rows = graph.expand(graph.input('row', [1, 3]), [4, 3]);
 * ```
 */
export const expand = (x: Tensor, shape: Shape): Tensor => apply(expandOperator, [x], { shape });

/**
 * Adds up what broadcasting repeated: the transpose of {@link expand}.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [2, 3]);
 * const ofColumns = graph.sumToShape(x, [1, 3]);
 * ```
 */
export function sumToShape(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const missing = x.shape.length - shape.length;
  const axes = x.shape.flatMap((length, axis) =>
    axis < missing || (shape[axis - missing] === 1 && length !== 1) ? [axis] : [],
  );
  return reshape(sum(x, axes, true), shape);
}

type ReductionAttributes = { axes: readonly number[]; keepAxes: boolean };

function reducedShape(shape: Shape, { axes, keepAxes }: ReductionAttributes): number[] {
  return shape.flatMap((length, axis) => (axes.includes(axis) ? (keepAxes ? [1] : []) : [length]));
}

/** A reduced tensor with its reduced axes back at length 1, so that it broadcasts against what it came from. */
function restoreAxes(reduced: Tensor, from: Tensor, axes: readonly number[]): Tensor {
  return reshape(
    reduced,
    from.shape.map((length, axis) => (axes.includes(axis) ? 1 : length)),
  );
}

/** An operator that reduces axes. Its gradient gets `x`, the result and its gradient with the reduced axes at length 1. */
export function reduction(
  name: string,
  type: string,
  gradient: (x: Tensor, y: Tensor, g: Tensor, axes: readonly number[]) => Tensor,
): Operator<ReductionAttributes> {
  return {
    name,
    infer: ([x], attributes) => ({ shape: reducedShape(x!.shape, attributes), dtype: 'float32' }),
    emit: (_, emitter, { axes, keepAxes }) =>
      void emitter.node(
        type,
        [emitter.inputs[0]!, emitter.integers(axes)],
        { keepdims: keepAxes ? 1 : 0 },
        emitter.output,
      ),
    gradient: (tensor, g, { axes }) => {
      const x = tensor.inputs[0]!;
      return [gradient(x, restoreAxes(tensor, x, axes), restoreAxes(g, x, axes), axes)];
    },
    simplify: (tensor, { axes }) => {
      const x = tensor.inputs[0]!;
      return axes.every((axis) => x.shape[axis] === 1) ? reshape(x, tensor.shape) : undefined;
    },
  };
}

/** Applies an operator of {@link reduction}; `axes` may count from the end, and are all by default. */
export function reduce(
  operator: Operator<ReductionAttributes>,
  x: Tensor,
  axes: readonly number[] | undefined,
  keepAxes: boolean,
): Tensor {
  const all = (axes ?? x.shape.map((_, axis) => axis)).map((axis) =>
    normalizeAxis(operator.name, axis, x.shape),
  );
  if (new Set(all).size < all.length)
    throw shapeError(operator.name, [x.shape, all], 'an axis is named twice');
  // ONNX reads "no axes" as "all axes".
  return all.length === 0 ? x : apply(operator, [x], { axes: all, keepAxes });
}

const sumOperator = reduction('sum', 'ReduceSum', (x, _y, g) => expand(g, x.shape));

/**
 * Sum over the axes (all by default); a reduced axis disappears unless `keepAxes`.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [2, 3]);
 * const [total, ofRows] = [graph.sum(x), graph.sum(x, [1])]; // [] and [2]
 * ```
 */
export const sum = (x: Tensor, axes?: readonly number[], keepAxes = false): Tensor =>
  reduce(sumOperator, x, axes, keepAxes);
