import { broadcastShapes } from '../shape.js';
import { apply, toTensor, type Operator, type Tensor } from '../tensor.js';
import { sumToShape } from './broadcasting.js';

function comparison(name: string, type: string): Operator {
  return {
    name,
    infer: ([a, b]) => ({ shape: broadcastShapes(name, a!.shape, b!.shape), dtype: 'bool' }),
    emit: (_, emitter) => void emitter.node(type, emitter.inputs, {}, emitter.output),
  };
}

const greaterOperator = comparison('greater', 'Greater');
const lessOperator = comparison('less', 'Less');
const equalOperator = comparison('equal', 'Equal');

/**
 * `a > b`, as bool. Comparisons have no gradient.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [2, 3]);
 * const bright = graph.where(graph.greater(x, 0.5), 1, 0);
 * ```
 */
export const greater = (a: Tensor | number, b: Tensor | number): Tensor =>
  apply(greaterOperator, [toTensor(a), toTensor(b)], {});
/**
 * `a < b`, as bool.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [2, 3]);
 * const dark = graph.where(graph.less(x, 0.5), 1, 0);
 * ```
 */
export const less = (a: Tensor | number, b: Tensor | number): Tensor =>
  apply(lessOperator, [toTensor(a), toTensor(b)], {});
/**
 * `a == b`, as bool.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [2, 3]);
 * const largest = graph.castToFloat(graph.equal(x, graph.max(x)));
 * ```
 */
export const equal = (a: Tensor | number, b: Tensor | number): Tensor =>
  apply(equalOperator, [toTensor(a), toTensor(b)], {});

const castOperator: Operator = {
  name: 'castToFloat',
  infer: ([x]) => ({ shape: x!.shape, dtype: 'float32' }),
  emit: (_, emitter) => void emitter.node('Cast', emitter.inputs, { to: 1 }, emitter.output),
};

/**
 * Bool to 0 and 1, or integers to float32.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [2, 3]);
 * const count = graph.sum(graph.castToFloat(graph.greater(x, 0.5)));
 * ```
 */
export const castToFloat = (x: Tensor): Tensor => apply(castOperator, [x], {});

const whereOperator: Operator = {
  name: 'where',
  infer: ([condition, a, b]) => ({
    shape: broadcastShapes('where', condition!.shape, broadcastShapes('where', a!.shape, b!.shape)),
    dtype: a!.dtype,
  }),
  emit: (_, emitter) => void emitter.node('Where', emitter.inputs, {}, emitter.output),
  memory: 'inPlace',
  gradient: (tensor, g) => {
    const [condition, a, b] = tensor.inputs as [Tensor, Tensor, Tensor];
    return [
      undefined,
      sumToShape(where(condition, g, 0), a.shape),
      sumToShape(where(condition, 0, g), b.shape),
    ];
  },
};

/**
 * `condition ? a : b` element by element, broadcasting.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [2, 3]);
 * const leaky = graph.where(graph.greater(x, 0), x, graph.multiply(x, 0.1));
 * ```
 */
export const where = (condition: Tensor, a: Tensor | number, b: Tensor | number): Tensor =>
  apply(whereOperator, [condition, toTensor(a), toTensor(b)], {});

/**
 * The larger of two, by `where`: WebGPU has no elementwise Max. Where they are equal, the gradient is `a`'s.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [2, 3]);
 * const atLeast = graph.maximum(x, 0.1);
 * ```
 */
export const maximum = (a: Tensor | number, b: Tensor | number): Tensor => where(greater(b, a), b, a);
/**
 * The smaller of two.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [2, 3]);
 * const atMost = graph.minimum(x, 0.9);
 * ```
 */
export const minimum = (a: Tensor | number, b: Tensor | number): Tensor => where(less(b, a), b, a);
