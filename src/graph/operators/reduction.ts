import { normalizeAxis, shapeError, sizeOf, type Shape } from '../shape.js';
import { apply, type Operator, type Tensor } from '../tensor.js';
import { divide, multiply } from './arithmetic.js';
import { expand, sumToShape } from './broadcasting.js';
import { reshape } from './layout.js';
import { castToFloat, equal } from './selection.js';

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

function reduction(
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

const countOver = (shape: Shape, axes: readonly number[]): number => sizeOf(axes.map((axis) => shape[axis]!));

const sumOperator = reduction('sum', 'ReduceSum', (x, _y, g) => expand(g, x.shape));
const meanOperator = reduction('mean', 'ReduceMean', (x, _y, g, axes) =>
  expand(multiply(g, 1 / countOver(x.shape, axes)), x.shape),
);
// Values that are the largest together share the gradient equally.
const maxOperator = reduction('max', 'ReduceMax', (x, y, g) => {
  const winners = castToFloat(equal(x, y));
  return multiply(winners, divide(g, sumToShape(winners, y.shape)));
});

function reduce(
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

/** Sum over the axes (all by default); a reduced axis disappears unless `keepAxes`. */
export const sum = (x: Tensor, axes?: readonly number[], keepAxes = false): Tensor =>
  reduce(sumOperator, x, axes, keepAxes);
/** Mean over the axes (all by default). */
export const mean = (x: Tensor, axes?: readonly number[], keepAxes = false): Tensor =>
  reduce(meanOperator, x, axes, keepAxes);
/** Largest value over the axes (all by default). */
export const max = (x: Tensor, axes?: readonly number[], keepAxes = false): Tensor =>
  reduce(maxOperator, x, axes, keepAxes);
