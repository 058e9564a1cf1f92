import { StyleError } from '../errors.js';
import type { PaddingMode } from './operators/border.js';
import { formatShape, sizeOf, type Shape } from './shape.js';

/** What a tensor's values are. Arithmetic is in float32; int64 holds indices and bool the results of comparisons. */
export type DataType = 'float32' | 'int64' | 'bool';

export type TensorData = Float32Array | BigInt64Array | Uint8Array;

export type AttributeValue = number | string | boolean | readonly number[];
export type Attributes = Readonly<Record<string, AttributeValue>>;

export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DataType;
}

/**
 * One node of an expression: an operator applied to other tensors. Immutable; holds the type of its value and, but for
 * constants, not the value itself. Pictures and feature maps are NCHW.
 */
export interface Tensor extends TensorType {
  readonly operator: Operator;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes;
  /** The name that the ONNX file shows; for an input, the name to feed it by. */
  readonly label?: string;
  /** The values of a constant. */
  readonly data?: TensorData;
}

/** Writes one operator's ONNX nodes. */
export interface Emitter {
  /**
   * Adds a node and returns the name of its output; the last node of an operator takes `output`'s name.
   * @param domain of the operator set, ONNX's by default
   */
  node(
    type: string,
    inputs: readonly string[],
    attributes?: Attributes,
    output?: string,
    domain?: string,
  ): string;
  /** Adds (or finds) a constant of 64-bit integers and returns its name. */
  integers(values: ArrayLike<number>): string;
  /** Adds (or finds) a float constant of the given shape, a scalar by default, and returns its name. */
  floats(values: readonly number[], shape?: Shape): string;
  /** The name of the second output of the node that computes an input, such as the indices of a max pooling. */
  secondOutput(input: number): string;
  /** Names of the tensor's inputs, in order. */
  readonly inputs: readonly string[];
  /** Name that the tensor's value must get. */
  readonly output: string;
  /** Whether the heights and widths of pictures and maps are left open, so that no node may have them as numbers. */
  readonly freeSizes: boolean;
}

/**
 * Everything about one operation, in one place: its shape rule, its ONNX nodes, and its gradient.
 * @typeParam A its attributes
 */
export interface Operator<A extends Attributes = Attributes> {
  readonly name: string;
  /** The type of the result. Throws `E_SHAPE` when the inputs don't fit. */
  infer(inputs: readonly Tensor[], attributes: A): TensorType;
  emit(tensor: Tensor, emitter: Emitter, attributes: A): void;
  /**
   * Vector-Jacobian product: given the gradient of a scalar with respect to this tensor, the gradients with respect to
   * its inputs, as expressions of other operators (so that they can be differentiated again). `undefined` stands for
   * zero. An input that `needed` leaves out may be skipped. Without this method the operator has zero gradient everywhere.
   */
  gradient?(
    tensor: Tensor,
    outputGradient: Tensor,
    attributes: A,
    needed: readonly boolean[],
  ): readonly (Tensor | undefined)[];
  /** The value when all inputs are constants; present where constants such as weights pass through the operator. */
  evaluate?(tensor: Tensor, inputs: readonly TensorData[], attributes: A): TensorData;
  /** A cheaper expression of the same value, or `undefined`. */
  simplify?(tensor: Tensor, attributes: A): Tensor | undefined;
  /** The same value in other operators, where the target lacks this one or has quicker ones; else `undefined`. */
  lower?(tensor: Tensor, attributes: A, target: Target): Tensor | undefined;
  /**
   * How many positions of its first operand, a map, a position of the result sees beyond its own to either side, where the operator
   * is not one of single positions. `undefined` where it is not the same for all positions.
   */
  reach?(tensor: Tensor, attributes: A): number | undefined;
  /** What positions at the sides of the map see beyond them, where they see anything. */
  border?(tensor: Tensor, attributes: A): PaddingMode | undefined;
  /** Floating-point operations of one evaluation, where they matter (2 per multiplication and addition). */
  operations?(tensor: Tensor, attributes: A): number;
  /**
   * Where its result is stored, if not in new memory: `view`, in the first operand's; `inPlace`, in that of an operand of
   * the same size that nothing needs afterwards.
   */
  readonly memory?: 'view' | 'inPlace';
}

/**
 * What a graph is written for: the CPU's operators, or only those that ONNX Runtime has on GPUs; or the CPU's as is quickest in
 * WebAssembly; or with blocked convolutions written out, with the channels per block of this processor's kernels. Such a graph runs
 * only on processors with that block size.
 */
export type Target = 'cpu' | 'gpu' | 'wasm' | { readonly channelBlock: number };

/** Applies an operator. Shapes are checked here, so that the stack trace shows the line that wrote the expression. */
export function apply<A extends Attributes>(
  operator: Operator<A>,
  inputs: readonly Tensor[],
  attributes: A,
  label?: string,
): Tensor {
  const type = operator.infer(inputs, attributes);
  const tensor = { operator: operator as Operator, inputs, attributes, shape: type.shape, dtype: type.dtype };
  return label === undefined ? tensor : { ...tensor, label };
}

/**
 * The same tensor under a name that the ONNX file keeps.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [4]);
 * const loss = graph.named(graph.sum(graph.square(x)), 'loss');
 * ```
 */
export function named(tensor: Tensor, label: string): Tensor {
  return { ...tensor, label };
}

export const inputOperator: Operator = {
  name: 'input',
  infer: () => {
    throw new Error('input() creates inputs');
  },
  emit: () => undefined,
};

export const constantOperator: Operator = {
  name: 'constant',
  infer: () => {
    throw new Error('constant() creates constants');
  },
  emit: () => undefined,
};

/**
 * A value that is fed at every run, under this name.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const picture = graph.input('picture', [1, 3, 256, 256]);
 * ```
 */
export function input(label: string, shape: Shape, dtype: DataType = 'float32'): Tensor {
  checkShape(shape);
  return { operator: inputOperator, inputs: [], attributes: {}, shape: [...shape], dtype, label };
}

/**
 * A value fixed in the graph. The array is kept, not copied: don't change it afterwards.
 * @throws StyleError `E_SHAPE` when the number of values isn't that of the shape
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const kernel = graph.constant([0, -1, 0, -1, 4, -1, 0, -1, 0], [1, 1, 3, 3]);
 * ```
 */
export function constant(data: TensorData | readonly number[], shape: Shape, label?: string): Tensor {
  checkShape(shape);
  const values = Array.isArray(data) ? Float32Array.from(data) : (data as TensorData);
  if (values.length !== sizeOf(shape)) {
    throw new StyleError(
      'E_SHAPE',
      `A constant of shape ${formatShape(shape)} needs ${sizeOf(shape)} values and has ${values.length}.`,
      'Give as many values as the shape says.',
    );
  }
  const dtype: DataType =
    values instanceof Float32Array ? 'float32' : values instanceof BigInt64Array ? 'int64' : 'bool';
  const tensor = {
    operator: constantOperator,
    inputs: [],
    attributes: {},
    shape: [...shape],
    dtype,
    data: values,
  };
  return label === undefined ? tensor : { ...tensor, label };
}

/**
 * One number as a constant of shape [].
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const half = graph.multiply(graph.input('x', [4]), graph.scalar(0.5));
 * ```
 */
export function scalar(value: number): Tensor {
  return constant(Float32Array.of(value), []);
}

/** A number in place of a tensor becomes a scalar constant. */
export function toTensor(value: Tensor | number): Tensor {
  return typeof value === 'number' ? scalar(value) : value;
}

/** The value of a constant whose numbers are all equal, else `undefined`. */
export function uniformValue(tensor: Tensor): number | undefined {
  if (!(tensor.data instanceof Float32Array) || tensor.data.length === 0) return undefined;
  const first = tensor.data[0]!;
  return tensor.data.every((value) => value === first) ? first : undefined;
}

function checkShape(shape: Shape): void {
  if (shape.some((length) => !Number.isInteger(length) || length < 0)) {
    throw new StyleError(
      'E_SHAPE',
      `${formatShape(shape)} is not a shape.`,
      'Axes have whole, non-negative lengths.',
    );
  }
}
