import { sizeOf } from './shape.js';
import { simplify } from './simplify.js';
import { constantOperator, type Tensor } from './tensor.js';
import { topologicalOrder } from './traversal.js';
import type { NamedTensors } from './onnx.js';

export interface Cost {
  /** Floating-point operations of one run in convolutions and matrix products. */
  readonly operations: number;
  /** The most bytes of intermediate values that are alive at once. */
  readonly peakBytes: number;
  /** Bytes of constants. */
  readonly constantBytes: number;
}

const bytesPerValue = { float32: 4, int64: 8, bool: 1 } as const;
const bytesOf = ({ shape, dtype }: Tensor): number => sizeOf(shape) * bytesPerValue[dtype];

/**
 * What a graph costs to run, without running it: values are computed in order, and each is freed after its last use.
 * An estimate: ONNX Runtime chooses another order of execution and copies between memory layouts.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const [a, b] = [graph.input('a', [64, 32]), graph.input('b', [32, 16])];
 * console.log(graph.estimateCost({ product: graph.matmul(a, b) }).operations);
 * ```
 */
export function estimateCost(outputs: NamedTensors): Cost {
  const results = simplify(Object.values(outputs));
  const order = topologicalOrder(results);
  const storage = new Map<Tensor, Tensor>();
  const root = (tensor: Tensor): Tensor => storage.get(tensor) ?? tensor;
  const lastUse = new Map<Tensor, number>();
  order.forEach((tensor, index) => {
    if (tensor.operator.memory === 'view') storage.set(tensor, root(tensor.inputs[0]!));
    for (const x of tensor.inputs) lastUse.set(root(x), index);
  });
  for (const result of results) lastUse.set(root(result), order.length);

  let alive = 0;
  let peakBytes = 0;
  let operations = 0;
  let constantBytes = 0;
  order.forEach((tensor, index) => {
    operations += tensor.operator.operations?.(tensor, tensor.attributes) ?? 0;
    if (tensor.operator === constantOperator) {
      constantBytes += bytesOf(tensor);
      return;
    }
    if (storage.has(tensor)) return;
    const dying = [...new Set(tensor.inputs.map(root))].filter(
      (x) => lastUse.get(x) === index && x.data === undefined,
    );
    const reused = tensor.operator.memory === 'inPlace' && dying.some((x) => bytesOf(x) === bytesOf(tensor));
    alive += bytesOf(tensor);
    peakBytes = Math.max(peakBytes, alive - (reused ? bytesOf(tensor) : 0));
    for (const x of dying) alive -= bytesOf(x);
  });
  return { operations, peakBytes, constantBytes };
}
