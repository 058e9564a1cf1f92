import { broadcastShapes, forEachIndex, sameShape, sizeOf, stridesOf, type Shape } from '../shape.js';
import {
  apply,
  constant,
  toTensor,
  uniformValue,
  type Operator,
  type Tensor,
  type TensorData,
} from '../tensor.js';
import { expandOperator, sumToShape } from './broadcasting.js';
import { castToFloat, greater, less, where } from './selection.js';

type Scalar = (a: number, b: number) => number;

/** An elementwise operation of two operands that broadcast against each other. */
function binary(
  name: string,
  type: string,
  compute: Scalar,
  gradient: (a: Tensor, b: Tensor, y: Tensor, g: Tensor) => readonly [Tensor, Tensor],
  simplify: (a: Tensor, b: Tensor) => Tensor | undefined,
): Operator {
  const operator: Operator = {
    name,
    infer: ([a, b]) => ({ shape: broadcastShapes(name, a!.shape, b!.shape), dtype: 'float32' }),
    emit: (_, emitter) => void emitter.node(type, emitter.inputs, {}, emitter.output),
    gradient: (tensor, g) => {
      const [a, b] = tensor.inputs as [Tensor, Tensor];
      const [ga, gb] = gradient(a, b, tensor, g);
      return [sumToShape(ga, a.shape), sumToShape(gb, b.shape)];
    },
    evaluate: (tensor, [a, b]) => evaluateBinary(tensor, a as Float32Array, b as Float32Array, compute),
    memory: 'inPlace',
    simplify: (tensor) => {
      const [a, b] = tensor.inputs as [Tensor, Tensor];
      // Broadcasting does what an explicit repetition does, without writing it to memory.
      const [left, right] = [unexpanded(a, b, tensor.shape), unexpanded(b, a, tensor.shape)];
      if (left !== a) return apply(operator, [left, b], {});
      if (right !== b) return apply(operator, [a, right], {});
      return simplify(a, b);
    },
  };
  return operator;
}

function unexpanded(operand: Tensor, other: Tensor, result: Shape): Tensor {
  return operand.operator === expandOperator && sameShape(other.shape, result) ? operand.inputs[0]! : operand;
}

function evaluateBinary(tensor: Tensor, a: Float32Array, b: Float32Array, compute: Scalar): TensorData {
  const out = new Float32Array(sizeOf(tensor.shape));
  const strides = (operand: Tensor): number[] => {
    const full = stridesOf(operand.shape);
    const missing = tensor.shape.length - operand.shape.length;
    return tensor.shape.map((_, axis) =>
      axis < missing || operand.shape[axis - missing] === 1 ? 0 : full[axis - missing]!,
    );
  };
  const left = new Uint32Array(out.length);
  forEachIndex(tensor.shape, strides(tensor.inputs[0]!), 0, (o, i) => (left[o] = i));
  forEachIndex(
    tensor.shape,
    strides(tensor.inputs[1]!),
    0,
    (o, i) => (out[o] = compute(a[left[o]!]!, b[i]!)),
  );
  return out;
}

/** The operand itself, where dropping the other one leaves the shape as it is. */
function keep(operand: Tensor, other: Tensor): Tensor | undefined {
  return sameShape(broadcastShapes('simplify', operand.shape, other.shape), operand.shape)
    ? operand
    : undefined;
}

const addOperator = binary(
  'add',
  'Add',
  (a, b) => a + b,
  (_a, _b, _y, g) => [g, g],
  (a, b) => (uniformValue(b) === 0 ? keep(a, b) : uniformValue(a) === 0 ? keep(b, a) : undefined),
);
const subtractOperator = binary(
  'subtract',
  'Sub',
  (a, b) => a - b,
  (_a, _b, _y, g) => [g, negate(g)],
  (a, b) => (uniformValue(b) === 0 ? keep(a, b) : undefined),
);
const multiplyOperator = binary(
  'multiply',
  'Mul',
  (a, b) => a * b,
  (a, b, _y, g) => [multiply(g, b), multiply(g, a)],
  simplifyProduct,
);
const divideOperator = binary(
  'divide',
  'Div',
  (a, b) => a / b,
  (_a, b, y, g) => [divide(g, b), negate(divide(multiply(g, y), b))],
  (a, b) => (uniformValue(b) === 1 ? keep(a, b) : undefined),
);

/** A factor of 1 is dropped, and two numbers that scale the same tensor are multiplied. */
function simplifyProduct(a: Tensor, b: Tensor): Tensor | undefined {
  if (uniformValue(b) === 1) return keep(a, b);
  if (uniformValue(a) === 1) return keep(b, a);
  const [number, rest] = isNumber(a) ? [a, b] : [b, a];
  if (!isNumber(number) || rest.operator !== multiplyOperator) return undefined;
  const [c, d] = rest.inputs as [Tensor, Tensor];
  const [inner, base] = isNumber(c) ? [c, d] : [d, c];
  if (!isNumber(inner) || !sameShape(base.shape, broadcastShapes('multiply', a.shape, b.shape)))
    return undefined;
  return multiply(base, (number.data as Float32Array)[0]! * (inner.data as Float32Array)[0]!);
}

/** A constant of one value, whatever its axes. */
function isNumber(tensor: Tensor): boolean {
  return tensor.data instanceof Float32Array && tensor.data.length === 1;
}

/**
 * `a + b`, broadcasting.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const moved = graph.add(graph.input('x', [2, 3]), 0.5);
 * ```
 */
export const add = (a: Tensor | number, b: Tensor | number): Tensor =>
  apply(addOperator, [toTensor(a), toTensor(b)], {});
/**
 * `a - b`, broadcasting.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const rest = graph.subtract(1, graph.input('x', [2, 3]));
 * ```
 */
export const subtract = (a: Tensor | number, b: Tensor | number): Tensor =>
  apply(subtractOperator, [toTensor(a), toTensor(b)], {});
/**
 * `a * b` element by element, broadcasting.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const weighted = graph.multiply(graph.input('x', [2, 3]), graph.constant([1, 2, 3], [3]));
 * ```
 */
export const multiply = (a: Tensor | number, b: Tensor | number): Tensor =>
  apply(multiplyOperator, [toTensor(a), toTensor(b)], {});
/**
 * `a / b` element by element, broadcasting. Division by a number becomes a multiplication, which is several times faster.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const values = graph.divide(graph.input('bytes', [2, 3]), 255);
 * ```
 */
export const divide = (a: Tensor | number, b: Tensor | number): Tensor =>
  typeof b === 'number' ? multiply(a, 1 / b) : apply(divideOperator, [toTensor(a), toTensor(b)], {});
/**
 * `-a`.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const opposite = graph.negate(graph.input('x', [2, 3]));
 * ```
 */
export const negate = (a: Tensor): Tensor => multiply(a, -1);

/** An elementwise operation of one operand. */
export function unary(
  name: string,
  type: string,
  compute: (x: number) => number,
  gradient: (x: Tensor, y: Tensor, g: Tensor) => Tensor,
): Operator {
  return {
    name,
    infer: ([x]) => ({ shape: x!.shape, dtype: 'float32' }),
    emit: (_, emitter) => void emitter.node(type, emitter.inputs, {}, emitter.output),
    gradient: (tensor, g) => [gradient(tensor.inputs[0]!, tensor, g)],
    evaluate: (_, [x]) => (x as Float32Array).map(compute),
  };
}

const squareOperator: Operator = {
  ...unary(
    'square',
    'Mul',
    (x) => x * x,
    (x, _y, g) => multiply(multiply(x, 2), g),
  ),
  emit: (_, emitter) =>
    void emitter.node('Mul', [emitter.inputs[0]!, emitter.inputs[0]!], {}, emitter.output),
  memory: 'inPlace',
};
const sqrtOperator: Operator = {
  ...unary('sqrt', 'Sqrt', Math.sqrt, (_x, y, g) => multiply(0.5, divide(g, y))),
  memory: 'inPlace',
};
const expOperator = unary('exp', 'Exp', Math.exp, (_x, y, g) => multiply(g, y));
const logOperator = unary('log', 'Log', Math.log, (x, _y, g) => divide(g, x));
const sigmoidOperator = unary(
  'sigmoid',
  'Sigmoid',
  (x) => 1 / (1 + Math.exp(-x)),
  (_x, y, g) => multiply(g, multiply(y, subtract(1, y))),
);
const tanhOperator = unary('tanh', 'Tanh', Math.tanh, (_x, y, g) => multiply(g, subtract(1, square(y))));
// At 0 the gradient is 0, as PyTorch has it: total variation of a flat picture must not pull it anywhere.
const absoluteOperator = unary('absolute', 'Abs', Math.abs, (x, _y, g) =>
  multiply(g, subtract(castToFloat(greater(x, 0)), castToFloat(less(x, 0)))),
);
/**
 * `x * x`.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const energy = graph.sum(graph.square(graph.input('x', [2, 3])));
 * ```
 */
export const square = (x: Tensor): Tensor => apply(squareOperator, [x], {});
/**
 * Square root; the gradient at 0 is infinite, so add a small number before it.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const length = graph.sqrt(graph.add(graph.sum(graph.square(graph.input('x', [2, 3]))), 1e-8));
 * ```
 */
export const sqrt = (x: Tensor): Tensor => apply(sqrtOperator, [x], {});
/**
 * `e^x`.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const powers = graph.exp(graph.input('x', [2, 3]));
 * ```
 */
export const exp = (x: Tensor): Tensor => apply(expOperator, [x], {});
/**
 * Natural logarithm.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [2, 3]);
 * const entropy = graph.negate(graph.sum(graph.multiply(x, graph.log(x))));
 * ```
 */
export const log = (x: Tensor): Tensor => apply(logOperator, [x], {});
/**
 * `1 / (1 + exp(-x))`.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const inRange = graph.sigmoid(graph.input('x', [2, 3]));
 * ```
 */
export const sigmoid = (x: Tensor): Tensor => apply(sigmoidOperator, [x], {});
/**
 * Hyperbolic tangent.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const inRange = graph.tanh(graph.input('x', [2, 3]));
 * ```
 */
export const tanh = (x: Tensor): Tensor => apply(tanhOperator, [x], {});
/**
 * `|x|`; the gradient at 0 is 0.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const distance = graph.mean(graph.absolute(graph.input('x', [2, 3])));
 * ```
 */
export const absolute = (x: Tensor): Tensor => apply(absoluteOperator, [x], {});

const clipOperator: Operator<{ minimum: number; maximum: number }> = {
  name: 'clip',
  infer: ([x]) => ({ shape: x!.shape, dtype: 'float32' }),
  emit: (_, emitter, { minimum, maximum }) =>
    void emitter.node(
      'Clip',
      [emitter.inputs[0]!, emitter.floats([minimum]), emitter.floats([maximum])],
      {},
      emitter.output,
    ),
  gradient: (tensor, g) => {
    const x = tensor.inputs[0]!;
    const { minimum, maximum } = tensor.attributes as { minimum: number; maximum: number };
    return [where(less(x, minimum), 0, where(greater(x, maximum), 0, g))];
  },
};

/**
 * `min(max(x, minimum), maximum)`; the gradient is 0 outside the range and passes on its border, as in PyTorch.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const inRange = graph.clip(graph.input('x', [2, 3]), 0, 1);
 * ```
 */
export const clip = (x: Tensor, minimum: number, maximum: number): Tensor =>
  apply(clipOperator, [x], { minimum, maximum });

const stopGradientOperator: Operator = {
  name: 'stopGradient',
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  emit: (_, emitter) => void emitter.node('Identity', emitter.inputs, {}, emitter.output),
  memory: 'view',
  simplify: (tensor) => tensor.inputs[0]!,
};

/**
 * The same value, held constant in `gradients`.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [2, 3]);
 * const target = graph.stopGradient(graph.mean(x));
 * const spread = graph.sum(graph.square(graph.subtract(x, target)));
 * ```
 */
export const stopGradient = (x: Tensor): Tensor => apply(stopGradientOperator, [x], {});

/**
 * A constant of zeros.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const silence = graph.zeros([1, 8, 16, 16]);
 * ```
 */
export const zeros = (shape: Shape): Tensor => constant(new Float32Array(sizeOf(shape)), shape);
