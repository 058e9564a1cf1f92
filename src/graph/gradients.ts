import { StyleError } from '../errors.js';
import { formatShape, sizeOf } from './shape.js';
import { constant, type Tensor } from './tensor.js';
import { topologicalOrder } from './traversal.js';
import { add, zeros } from './operators/arithmetic.js';

/**
 * The gradients of a scalar with respect to some of the tensors that it depends on, as expressions: they can be run, and
 * differentiated again.
 *
 * Reverse mode: walks from the loss to the inputs and adds up each operator's vector-Jacobian products.
 * @param loss a tensor of one value
 * @param withRespectTo tensors of the same graph: inputs, constants (weights) or anything between
 * @returns one tensor of the same shape for each of `withRespectTo`; zeros where the loss doesn't depend on it
 * @throws StyleError `E_SHAPE` when the loss isn't a scalar
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [4]);
 * const [gradient] = graph.gradients(graph.sum(graph.square(x)), [x]); // 2 x
 * ```
 */
export function gradients(loss: Tensor, withRespectTo: readonly Tensor[]): Tensor[] {
  if (sizeOf(loss.shape) !== 1) {
    throw new StyleError(
      'E_SHAPE',
      `The gradient of a tensor of shape ${formatShape(loss.shape)} was asked for.`,
      'Reduce it to one value first.',
    );
  }
  const order = topologicalOrder([loss]);
  const relevant = new Set<Tensor>(withRespectTo);
  for (const tensor of order) {
    if (tensor.operator.gradient !== undefined && tensor.inputs.some((x) => relevant.has(x)))
      relevant.add(tensor);
  }
  const accumulated = new Map<Tensor, Tensor>();
  if (relevant.has(loss)) accumulated.set(loss, constant(new Float32Array(1).fill(1), loss.shape));
  for (const tensor of order.reverse()) {
    const outputGradient = accumulated.get(tensor);
    if (outputGradient === undefined || tensor.operator.gradient === undefined) continue;
    const needed = tensor.inputs.map((x) => relevant.has(x));
    if (!needed.includes(true)) continue;
    tensor.operator.gradient(tensor, outputGradient, tensor.attributes, needed).forEach((part, index) => {
      if (part === undefined || !needed[index]) return;
      const x = tensor.inputs[index]!;
      const before = accumulated.get(x);
      accumulated.set(x, before === undefined ? part : add(before, part));
    });
  }
  return withRespectTo.map((tensor) => accumulated.get(tensor) ?? zeros(tensor.shape));
}
