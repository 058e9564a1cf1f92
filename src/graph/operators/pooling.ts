import { shapeError } from '../shape.js';
import { apply, scalar, type Operator, type Tensor } from '../tensor.js';
import { add, multiply, subtract } from './arithmetic.js';
import { expand } from './broadcasting.js';
import { castToFloat, equal } from './selection.js';
import { padWithZeros, slice, unslice } from './slicing.js';

type PoolingAttributes = { kernel: number; stride: number };

function pooling(
  name: string,
  type: string,
  gradient: (x: Tensor, y: Tensor, g: Tensor, attributes: PoolingAttributes) => Tensor,
): Operator<PoolingAttributes> {
  return {
    name,
    infer: ([x], { kernel, stride }) => {
      const [n, c, height, width] = x!.shape;
      if (x!.shape.length !== 4 || height! < kernel || width! < kernel) {
        throw shapeError(name, [x!.shape], `a window of ${kernel}x${kernel} does not fit`);
      }
      const steps = (length: number): number => Math.floor((length - kernel) / stride) + 1;
      return { shape: [n!, c!, steps(height!), steps(width!)], dtype: 'float32' };
    },
    emit: (_, emitter, { kernel, stride }) =>
      void emitter.node(
        type,
        emitter.inputs,
        { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [0, 0, 0, 0] },
        emitter.output,
      ),
    gradient: (tensor, g, attributes) => [gradient(tensor.inputs[0]!, tensor, g, attributes)],
    reach: (_, { kernel }) => kernel - 1,
  };
}

/** Windows that don't overlap or leave gaps: each value belongs to one at most, and the gradient is an upsampling. */
const isTiling = ({ kernel, stride }: PoolingAttributes): boolean => kernel === stride;

/** The part of `x` that whole windows cover; a remainder at the right and bottom belongs to no window. */
function covered(x: Tensor, y: Tensor, kernel: number): Tensor {
  return slice(x, [0, 0, 0, 0], [x.shape[0]!, x.shape[1]!, y.shape[2]! * kernel, y.shape[3]! * kernel]);
}

function uncover(part: Tensor, x: Tensor): Tensor {
  return padWithZeros(
    part,
    [0, 0, 0, 0],
    x.shape.map((length, axis) => length - part.shape[axis]!),
  );
}

/** For overlapping windows: where each of their values stands in its window. */
function offsets({ kernel }: PoolingAttributes): [dy: number, dx: number][] {
  return Array.from({ length: kernel * kernel }, (_, tap) => [Math.floor(tap / kernel), tap % kernel]);
}

/** The values that the windows of `y` see in `x` at each of their offsets. */
function taps(x: Tensor, y: Tensor, attributes: PoolingAttributes): Tensor[] {
  const [n, c, rows, columns] = y.shape as [number, number, number, number];
  const { stride } = attributes;
  return offsets(attributes).map(([dy, dx]) =>
    slice(
      x,
      [0, 0, dy, dx],
      [n, c, dy + (rows - 1) * stride + 1, dx + (columns - 1) * stride + 1],
      [1, 1, stride, stride],
    ),
  );
}

/** The transpose of {@link taps}: adds the values for each offset up in a tensor like `x`. */
function scatter(x: Tensor, values: readonly Tensor[], attributes: PoolingAttributes): Tensor {
  const { stride } = attributes;
  return offsets(attributes)
    .map(([dy, dx], tap) => unslice(values[tap]!, x.shape, [0, 0, dy, dx], [1, 1, stride, stride]))
    .reduce((total, part) => add(total, part));
}

/** Passes each window's gradient to the first of its largest values, in row-major order. */
function routeByTaps(x: Tensor, y: Tensor, g: Tensor, attributes: PoolingAttributes): Tensor {
  const views = taps(x, y, attributes);
  let free: Tensor | undefined;
  const shares = views.map((view) => {
    const largest = castToFloat(equal(view, y));
    const winner = free === undefined ? largest : multiply(largest, free);
    free = free === undefined ? subtract(1, winner) : subtract(free, winner);
    return multiply(winner, g);
  });
  return scatter(x, shares, attributes);
}

/**
 * Scatters `g` to where maximum pooling found its values: inputs `x`, its pooled `y`, and `g` of the shape of `y`.
 * On the CPU it uses the indices that the pooling itself returns.
 */
const maxUnpoolOperator: Operator<PoolingAttributes> = {
  name: 'maxUnpool',
  infer: ([x]) => ({ shape: x!.shape, dtype: 'float32' }),
  emit: (tensor, emitter, { kernel, stride }) => {
    const window = { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [0, 0, 0, 0] };
    const positions = emitter.secondOutput(1);
    const size = emitter.integers(tensor.shape);
    emitter.node('MaxUnpool', [emitter.inputs[2]!, positions, size], window, emitter.output);
  },
  // No GPU backend of ONNX Runtime has MaxUnpool.
  lower: (tensor, attributes, target) =>
    target === 'gpu' ? routeByTaps(...(tensor.inputs as [Tensor, Tensor, Tensor]), attributes) : undefined,
  gradient: (tensor, h, attributes) => {
    const [x, y, g] = tensor.inputs as [Tensor, Tensor, Tensor];
    const ones = expand(scalar(1), g.shape);
    const chosen = multiply(h, apply(maxUnpoolOperator, [x, y, ones], attributes));
    const { kernel } = attributes;
    return [undefined, undefined, multiply(averagePool(covered(chosen, y, kernel), kernel), kernel * kernel)];
  },
};

// As in PyTorch, the first of several largest values gets the whole gradient (flat skies and white borders have many).
const maxPoolOperator = pooling('maxPool', 'MaxPool', (x, y, g, attributes) =>
  isTiling(attributes) ? apply(maxUnpoolOperator, [x, y, g], attributes) : routeByTaps(x, y, g, attributes),
);

const averagePoolOperator = pooling('averagePool', 'AveragePool', (x, _y, g, attributes) => {
  const { kernel } = attributes;
  const share = multiply(g, 1 / (kernel * kernel));
  if (isTiling(attributes)) return uncover(upsampleNearest(share, kernel), x);
  return scatter(
    x,
    offsets(attributes).map(() => share),
    attributes,
  );
});

/** How ONNX's Resize repeats pixels: each takes the one above and to the left of its place. */
export const nearestConvention = {
  mode: 'nearest',
  coordinate_transformation_mode: 'asymmetric',
  nearest_mode: 'floor',
} as const;

// Here and not beside the other kinds of resizing: it and average pooling are each other's gradients, but for a factor.
const upsampleOperator: Operator<{ factor: number }> = {
  name: 'resize',
  infer: ([x], { factor }) => {
    const [n, c, height, width] = x!.shape;
    if (x!.shape.length !== 4 || factor < 1)
      throw shapeError('upsampling', [x!.shape], 'a picture NCHW and a factor of 1 or more are needed');
    return { shape: [n!, c!, height! * factor, width! * factor], dtype: 'float32' };
  },
  // Given as scales, which ONNX Runtime's blocked kernels understand.
  emit: (_, emitter, { factor }) =>
    void emitter.node(
      'Resize',
      [emitter.inputs[0]!, '', emitter.floats([1, 1, factor, factor], [4])],
      nearestConvention,
      emitter.output,
    ),
  gradient: (_, g, { factor }) => [multiply(averagePool(g, factor), factor * factor)],
};

/**
 * Repeats every pixel of `[N, C, H, W]` `factor` times in both directions.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [1, 8, 16, 16]);
 * const double = graph.upsampleNearest(x, 2); // [1, 8, 32, 32]
 * ```
 */
export const upsampleNearest = (x: Tensor, factor: number): Tensor =>
  apply(upsampleOperator, [x], { factor });

/**
 * Largest value of each `kernel` x `kernel` window; a remainder at the right and bottom is dropped.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [1, 8, 16, 16]);
 * const half = graph.maxPool(x, 2); // [1, 8, 8, 8]
 * ```
 */
export const maxPool = (x: Tensor, kernel: number, stride = kernel): Tensor =>
  apply(maxPoolOperator, [x], { kernel, stride });
/**
 * Mean of each `kernel` x `kernel` window; a remainder at the right and bottom is dropped.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [1, 8, 16, 16]);
 * const half = graph.averagePool(x, 2); // [1, 8, 8, 8]
 * ```
 */
export const averagePool = (x: Tensor, kernel: number, stride = kernel): Tensor =>
  apply(averagePoolOperator, [x], { kernel, stride });
