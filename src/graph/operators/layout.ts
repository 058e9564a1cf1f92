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
import { pad } from './padding.js';

/** Copies values picked by strides: the common part of evaluating transposes, slices and reversals. */
function pick(data: TensorData, shape: Shape, strides: readonly number[], offset: number): TensorData {
  const make = data.constructor as new (length: number) => TensorData;
  const out = new make(sizeOf(shape));
  forEachIndex(shape, strides, offset, (o, i) => (out[o] = data[i]!));
  return out;
}

const reshapeOperator: Operator<{ shape: readonly number[] }> = {
  name: 'reshape',
  infer: ([x], { shape }) => {
    if (sizeOf(shape) !== sizeOf(x!.shape) || !shape.every(Number.isInteger))
      throw shapeError('reshape', [x!.shape, shape], 'the number of values differs');
    return { shape, dtype: x!.dtype };
  },
  emit: (_, emitter, { shape }) =>
    void emitter.node('Reshape', [emitter.inputs[0]!, emitter.integers(shape)], {}, emitter.output),
  gradient: (tensor, g) => [reshape(g, tensor.inputs[0]!.shape)],
  evaluate: (_, [x]) => x!,
  simplify: (tensor, { shape }) => {
    const x = tensor.inputs[0]!;
    if (sameShape(x.shape, shape)) return x;
    return x.operator === (reshapeOperator as Operator) ? reshape(x.inputs[0]!, shape) : undefined;
  },
};

/** The same values in the same order under another shape. One length may be -1 and is worked out. */
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
      throw shapeError('transpose', [x!.shape, permutation], 'the second is not an order of the axes');
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

/** Axis `i` of the result is axis `permutation[i]` of the input. */
export const transpose = (x: Tensor, permutation: readonly number[]): Tensor =>
  apply(transposeOperator, [x], { permutation });

type SliceAttributes = { starts: readonly number[]; ends: readonly number[]; steps: readonly number[] };

const sliceOperator: Operator<SliceAttributes> = {
  name: 'slice',
  infer: ([x], { starts, ends, steps }) => {
    const rank = x!.shape.length;
    const inside = x!.shape.every(
      (length, axis) =>
        starts[axis]! >= 0 && starts[axis]! <= ends[axis]! && ends[axis]! <= length && steps[axis]! >= 1,
    );
    if (starts.length !== rank || ends.length !== rank || steps.length !== rank || !inside) {
      throw shapeError(
        'slice',
        [x!.shape, starts, ends],
        'the range from the second to the third is not inside the first',
      );
    }
    return {
      shape: starts.map((start, axis) => Math.ceil((ends[axis]! - start) / steps[axis]!)),
      dtype: x!.dtype,
    };
  },
  emit: (_, emitter, { starts, ends, steps }) => {
    const axes = emitter.integers(starts.map((__, axis) => axis));
    emitter.node(
      'Slice',
      [emitter.inputs[0]!, emitter.integers(starts), emitter.integers(ends), axes, emitter.integers(steps)],
      {},
      emitter.output,
    );
  },
  gradient: (tensor, g, { starts, steps }) => {
    const whole = tensor.inputs[0]!.shape;
    let spread = g;
    steps.forEach((step, axis) => {
      if (step > 1) spread = interleaveZeros(spread, axis, step);
    });
    const after = whole.map((length, axis) => length - starts[axis]! - spread.shape[axis]!);
    return [pad(spread, starts, after)];
  },
  evaluate: (tensor, [x], { starts, steps }) => {
    const strides = stridesOf(tensor.inputs[0]!.shape);
    const offset = starts.reduce((total, start, axis) => total + start * strides[axis]!, 0);
    return pick(
      x!,
      tensor.shape,
      strides.map((stride, axis) => stride * steps[axis]!),
      offset,
    );
  },
  simplify: (tensor) => (sameShape(tensor.shape, tensor.inputs[0]!.shape) ? tensor.inputs[0]! : undefined),
};

/** The values from `starts` to before `ends`, every `steps`-th of them; one number an axis, steps 1 by default. */
export const slice = (
  x: Tensor,
  starts: readonly number[],
  ends: readonly number[],
  steps: readonly number[] = starts.map(() => 1),
): Tensor => apply(sliceOperator, [x], { starts, ends, steps });

/** Puts `step - 1` zeros between neighbours along an axis: [a, b] with step 3 becomes [a, 0, 0, b]. */
function interleaveZeros(x: Tensor, axis: number, step: number): Tensor {
  const length = x.shape[axis]!;
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const columns = reshape(x, [...before, length, 1, ...after]);
  const rank = columns.shape.length;
  const wide = pad(
    columns,
    new Array<number>(rank).fill(0),
    columns.shape.map((_, i) => (i === axis + 1 ? step - 1 : 0)),
  );
  const flat = reshape(wide, [...before, length * step, ...after]);
  return slice(
    flat,
    flat.shape.map(() => 0),
    flat.shape.map((full, i) => (i === axis ? full - step + 1 : full)),
  );
}

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

/** Turns the order of the values along these axes around. */
export const reverse = (x: Tensor, axes: readonly number[]): Tensor => apply(reverseOperator, [x], { axes });

const concatOperator: Operator<{ axis: number }> = {
  name: 'concat',
  infer: (inputs, { axis }) => {
    const first = inputs[0]!.shape;
    for (const { shape } of inputs) {
      if (shape.length !== first.length || shape.some((length, i) => i !== axis && length !== first[i])) {
        throw shapeError(
          'concat',
          inputs.map((x) => x.shape),
          `the shapes differ outside axis ${axis}`,
        );
      }
    }
    const total = inputs.reduce((length, x) => length + x.shape[axis]!, 0);
    return { shape: first.map((length, i) => (i === axis ? total : length)), dtype: inputs[0]!.dtype };
  },
  emit: (_, emitter, { axis }) => void emitter.node('Concat', emitter.inputs, { axis }, emitter.output),
  gradient: (tensor, g, { axis }) => {
    let from = 0;
    return tensor.inputs.map((x) => {
      const start = from;
      from += x.shape[axis]!;
      return slice(
        g,
        g.shape.map((_, i) => (i === axis ? start : 0)),
        x.shape.map((length, i) => (i === axis ? start + length : length)),
      );
    });
  },
  simplify: (tensor) => (tensor.inputs.length === 1 ? tensor.inputs[0]! : undefined),
};

/** Joins tensors one after the other along an axis. */
export function concat(inputs: readonly Tensor[], axis: number): Tensor {
  if (inputs.length === 0) throw shapeError('concat', [], 'there is nothing to join');
  return apply(concatOperator, inputs, { axis: normalizeAxis('concat', axis, inputs[0]!.shape) });
}
