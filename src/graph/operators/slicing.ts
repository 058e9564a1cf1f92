import { normalizeAxis, sameShape, shapeError, stridesOf, type Shape } from '../shape.js';
import { apply, type Operator, type Tensor } from '../tensor.js';
import { pick, reshape } from './layout.js';

/*
 * Parts of a tensor, and the whole around a part: the gradient of a slice is padded with zeros, and that of padding is a slice.
 */

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
  emit: (tensor, emitter, { starts, ends, steps }) => {
    const { shape } = tensor.inputs[0]!;
    // Only the axes that are cut, so that the others may be of any length where the file leaves them free.
    const axes = shape.flatMap((length, axis) =>
      starts[axis] === 0 && ends[axis] === length && steps[axis] === 1 ? [] : [axis],
    );
    const along = (values: readonly number[]): string => emitter.integers(axes.map((axis) => values[axis]!));
    const range = [along(starts), along(ends), emitter.integers(axes), along(steps)];
    emitter.node('Slice', [emitter.inputs[0]!, ...range], {}, emitter.output);
  },
  gradient: (tensor, g, { starts, steps }) => [unslice(g, tensor.inputs[0]!.shape, starts, steps)],
  reach: ({ inputs: [x] }, { starts, ends }) =>
    Math.max(...x!.shape.slice(2).flatMap((length, i) => [starts[i + 2]!, length - ends[i + 2]!])),
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

/**
 * The values from `starts` to before `ends`, every `steps`-th of them; one number an axis, steps 1 by default.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [1, 8, 16, 16]);
 * const right = graph.slice(x, [0, 0, 0, 8], [1, 8, 16, 16]); // [1, 8, 16, 8]
 * ```
 */
export const slice = (
  x: Tensor,
  starts: readonly number[],
  ends: readonly number[],
  steps: readonly number[] = starts.map(() => 1),
): Tensor => apply(sliceOperator, [x], { starts, ends, steps });

/**
 * The transpose of {@link slice}: the values at their places in a tensor of zeros.
 * @param shape of the tensor that the slice was taken from
 * @param starts and `steps`: the slice's
 */
export function unslice(
  values: Tensor,
  shape: Shape,
  starts: readonly number[],
  steps: readonly number[],
): Tensor {
  let spread = values;
  steps.forEach((step, axis) => {
    if (step > 1) spread = interleaveZeros(spread, axis, step);
  });
  const after = shape.map((length, axis) => length - starts[axis]! - spread.shape[axis]!);
  return padWithZeros(spread, starts, after);
}

/** Puts `step - 1` zeros between neighbours along an axis: [a, b] with step 3 becomes [a, 0, 0, b]. */
function interleaveZeros(x: Tensor, axis: number, step: number): Tensor {
  const length = x.shape[axis]!;
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const columns = reshape(x, [...before, length, 1, ...after]);
  const rank = columns.shape.length;
  const wide = padWithZeros(
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

/**
 * One picture of a batch.
 * @param batch `[N, ...]`
 * @returns `[1, ...]`
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const batch = graph.input('batch', [4, 8, 16, 16]);
 * const last = graph.pictureAt(batch, 3); // [1, 8, 16, 16]
 * ```
 */
export const pictureAt = (batch: Tensor, picture: number): Tensor =>
  slice(
    batch,
    batch.shape.map((_, axis) => (axis === 0 ? picture : 0)),
    batch.shape.map((length, axis) => (axis === 0 ? picture + 1 : length)),
  );

const cropOperator: Operator = {
  name: 'crop',
  infer: ([x, reference]) => {
    const [n, channels, height, width] = x!.shape as [number, number, number, number];
    const [rows, columns] = reference!.shape.slice(2) as [number, number];
    if (x!.shape.length !== 4 || reference!.shape.length !== 4 || rows > height || columns > width)
      throw shapeError('crop', [x!.shape, reference!.shape], 'the second must not be larger than the first');
    return { shape: [n, channels, rows, columns], dtype: 'float32' };
  },
  emit: (_, emitter) => {
    const [x, reference] = emitter.inputs as [string, string];
    const sides = emitter.node('Shape', [reference], { start: 2 });
    emitter.node('Slice', [x, emitter.integers([0, 0]), sides, emitter.integers([2, 3])], {}, emitter.output);
  },
  gradient: ({ inputs }, g) => [unslice(g, inputs[0]!.shape, [0, 0, 0, 0], [1, 1, 1, 1]), undefined],
  simplify: (tensor) => (sameShape(tensor.shape, tensor.inputs[0]!.shape) ? tensor.inputs[0]! : undefined),
};

/**
 * The upper left part of `x`, as high and as wide as `reference`, also in a file that leaves these free.
 * @param x `[N, C, H, W]`
 * @param reference `[M, D, rows, columns]`, not larger
 * @throws StyleError `E_SHAPE` for other shapes
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const [map, picture] = [graph.input('map', [1, 3, 36, 40]), graph.input('picture', [1, 3, 35, 37])];
 * const cropped = graph.crop(map, picture); // [1, 3, 35, 37]
 * ```
 */
export const crop = (x: Tensor, reference: Tensor): Tensor => apply(cropOperator, [x, reference], {});

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

/**
 * Joins tensors one after the other along an axis.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [2, 3]);
 * const both = graph.concat([x, graph.square(x)], 0); // [4, 3]
 * ```
 */
export function concat(inputs: readonly Tensor[], axis: number): Tensor {
  if (inputs.length === 0) throw shapeError('concat', [], 'there is nothing to join');
  return apply(concatOperator, inputs, { axis: normalizeAxis('concat', axis, inputs[0]!.shape) });
}

type ZeroPaddingAttributes = { before: readonly number[]; after: readonly number[]; mode: 'zero' };

/** The shape that padding gives, also with the modes of `padding.ts`. */
export function paddedShape(
  { shape }: Tensor,
  { before, after }: { readonly before: readonly number[]; readonly after: readonly number[] },
): number[] {
  const counts = [...before, ...after];
  if (before.length !== shape.length || after.length !== shape.length || counts.some((count) => count < 0)) {
    throw shapeError(
      'pad',
      [shape, before, after],
      'the second and third must give a non-negative count for each axis',
    );
  }
  return shape.map((length, axis) => length + before[axis]! + after[axis]!);
}

const zeroPaddingOperator: Operator<ZeroPaddingAttributes> = {
  name: 'pad',
  infer: ([x], attributes) => ({ shape: paddedShape(x!, attributes), dtype: x!.dtype }),
  emit: (_, emitter, { before, after }) =>
    void emitter.node(
      'Pad',
      [emitter.inputs[0]!, emitter.integers([...before, ...after])],
      { mode: 'constant' },
      emitter.output,
    ),
  gradient: (tensor, g, { before }) => [
    slice(
      g,
      before,
      tensor.inputs[0]!.shape.map((length, axis) => before[axis]! + length),
    ),
  ],
  border: () => 'zero',
  simplify: (tensor) => (sameShape(tensor.shape, tensor.inputs[0]!.shape) ? tensor.inputs[0]! : undefined),
};

/** Adds `before[i]` zeros in front of and `after[i]` behind axis `i`. */
export const padWithZeros = (x: Tensor, before: readonly number[], after: readonly number[]): Tensor =>
  apply(zeroPaddingOperator, [x], { before, after, mode: 'zero' });
