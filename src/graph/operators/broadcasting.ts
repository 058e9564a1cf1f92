import { broadcastShapes, sameShape, shapeError, type Shape } from '../shape.js';
import { apply, type Operator, type Tensor } from '../tensor.js';
import { reshape } from './layout.js';
import { sum } from './reduction.js';

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

/** Repeats a tensor along its axes of length 1 and along new leading axes, to `shape`. */
export const expand = (x: Tensor, shape: Shape): Tensor => apply(expandOperator, [x], { shape });

/** Adds up what broadcasting repeated: the transpose of {@link expand}. */
export function sumToShape(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const missing = x.shape.length - shape.length;
  const axes = x.shape.flatMap((length, axis) =>
    axis < missing || (shape[axis - missing] === 1 && length !== 1) ? [axis] : [],
  );
  return reshape(sum(x, axes, true), shape);
}
