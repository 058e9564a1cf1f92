import {
  forEachIndex,
  normalizeAxis,
  sameShape,
  shapeError,
  sizeOf,
  stridesOf,
  type Shape,
} from '../shape.js';
import { apply, type Operator, type Tensor, type TensorData } from '../tensor.js';

/** Copies values picked by strides: the common part of evaluating transposes, slices and reversals. */
export function pick(data: TensorData, shape: Shape, strides: readonly number[], offset: number): TensorData {
  const make = data.constructor as new (length: number) => TensorData;
  const out = new make(sizeOf(shape));
  // Kernels have millions of values: the last three axes are walked without a call for each value.
  const whole = Math.max(0, shape.length - 3);
  const [planes, rows, columns] = lastThree(shape, 1);
  const [acrossPlanes, acrossRows, acrossColumns] = lastThree(strides, 0);
  let at = 0;
  forEachIndex(shape.slice(0, whole), strides, offset, (_, first) => {
    for (let plane = 0, from = first; plane < planes; plane += 1, from += acrossPlanes) {
      for (let row = 0, begin = from; row < rows; row += 1, begin += acrossRows) {
        for (let column = 0, i = begin; column < columns; column += 1, i += acrossColumns, at += 1)
          out[at] = data[i]!;
      }
    }
  });
  return out;
}

/** The last three of some numbers, those that are missing filled in before them. */
const lastThree = (numbers: readonly number[], missing: number): [number, number, number] =>
  [missing, missing, missing, ...numbers].slice(-3) as [number, number, number];

const reshapeOperator: Operator<{ shape: readonly number[] }> = {
  name: 'reshape',
  infer: ([x], { shape }) => {
    if (sizeOf(shape) !== sizeOf(x!.shape) || !shape.every(Number.isInteger))
      throw shapeError('reshape', [x!.shape, shape], 'the number of values differs');
    return { shape, dtype: x!.dtype };
  },
  emit: (tensor, emitter, { shape }) => {
    // A map's positions in one row, as many as there are where the file leaves its sides free.
    const before = tensor.inputs[0]!.shape;
    const isRow =
      before.length === 4 && shape.length === 3 && sameShape(before.slice(0, 2), shape.slice(0, 2));
    const sides = emitter.freeSizes && isRow ? [...shape.slice(0, 2), -1] : shape;
    emitter.node('Reshape', [emitter.inputs[0]!, emitter.integers(sides)], {}, emitter.output);
  },
  gradient: (tensor, g) => [reshape(g, tensor.inputs[0]!.shape)],
  evaluate: (_, [x]) => x!,
  memory: 'view',
  simplify: (tensor, { shape }) => {
    const x = tensor.inputs[0]!;
    if (sameShape(x.shape, shape)) return x;
    return x.operator === (reshapeOperator as Operator) ? reshape(x.inputs[0]!, shape) : undefined;
  },
};

/**
 * The same values in the same order with another shape. One length may be -1 and follows from the others.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [2, 3]);
 * const column = graph.reshape(x, [6, 1]);
 * ```
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = shape.reduce((product, length) => (length === -1 ? product : product * length), 1);
  return apply(reshapeOperator, [x], {
    shape: shape.map((length) => (length === -1 ? sizeOf(x.shape) / known : length)),
  });
}

const transposeOperator: Operator<{ permutation: readonly number[] }> = {
  name: 'transpose',
  infer: ([x], { permutation }) => {
    const sorted = [...permutation].sort((a, b) => a - b);
    if (
      !sameShape(
        sorted,
        x!.shape.map((_, axis) => axis),
      )
    )
      throw shapeError('transpose', [x!.shape, permutation], 'the second is not a permutation of the axes');
    return { shape: permutation.map((axis) => x!.shape[axis]!), dtype: x!.dtype };
  },
  emit: (_, emitter, { permutation }) =>
    void emitter.node('Transpose', emitter.inputs, { perm: permutation }, emitter.output),
  gradient: (_, g, { permutation }) => [
    transpose(
      g,
      permutation.map((_axis, to) => permutation.indexOf(to)),
    ),
  ],
  evaluate: (tensor, [x], { permutation }) => {
    const strides = stridesOf(tensor.inputs[0]!.shape);
    return pick(
      x!,
      tensor.shape,
      permutation.map((axis) => strides[axis]!),
      0,
    );
  },
  simplify: (tensor, { permutation }) => {
    const x = tensor.inputs[0]!;
    if (permutation.every((from, to) => from === to)) return x;
    // Moving only axes of length 1 leaves the order of the values as it is.
    const moved = permutation.filter((axis) => x.shape[axis] !== 1);
    if (moved.every((axis, index) => index === 0 || axis > moved[index - 1]!))
      return reshape(x, tensor.shape);
    if (x.operator !== (transposeOperator as Operator)) return undefined;
    const inner = (x.attributes as { permutation: readonly number[] }).permutation;
    return transpose(
      x.inputs[0]!,
      permutation.map((axis) => inner[axis]!),
    );
  },
};

/**
 * Axis `i` of the result is axis `permutation[i]` of the input.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [1, 8, 16, 16]);
 * const channelsLast = graph.transpose(x, [0, 2, 3, 1]);
 * ```
 */
export const transpose = (x: Tensor, permutation: readonly number[]): Tensor =>
  apply(transposeOperator, [x], { permutation });

const reverseOperator: Operator<{ axes: readonly number[] }> = {
  name: 'reverse',
  infer: ([x], { axes }) => {
    axes.forEach((axis) => normalizeAxis('reverse', axis, x!.shape));
    return { shape: x!.shape, dtype: x!.dtype };
  },
  emit: (_, emitter, { axes }) => {
    const each = (value: number): string => emitter.integers(axes.map(() => value));
    emitter.node(
      'Slice',
      [emitter.inputs[0]!, each(-1), each(-(2 ** 31)), emitter.integers(axes), each(-1)],
      {},
      emitter.output,
    );
  },
  gradient: (_, g, { axes }) => [reverse(g, axes)],
  evaluate: (tensor, [x], { axes }) => {
    const strides = stridesOf(tensor.shape);
    const offset = axes.reduce((total, axis) => total + (tensor.shape[axis]! - 1) * strides[axis]!, 0);
    return pick(
      x!,
      tensor.shape,
      strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride)),
      offset,
    );
  },
};

/**
 * Reverses the order of the values along these axes.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [1, 8, 16, 16]);
 * const mirrored = graph.reverse(x, [3]);
 * ```
 */
export const reverse = (x: Tensor, axes: readonly number[]): Tensor => apply(reverseOperator, [x], { axes });
