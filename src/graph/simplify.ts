import { constant, named, type Attributes, type Target, type Tensor, type TensorData } from './tensor.js';
import { topologicalOrder } from './traversal.js';

export interface SimplifyOptions {
  /** Whether operations on constants are computed; otherwise constants keep their names and values. @defaultValue true */
  readonly foldConstants?: boolean | undefined;
}

/**
 * The same expressions, cheaper: what the outputs don't need is dropped, equal subexpressions are merged, operations on
 * constants are computed, and each operator's simplifications are applied until nothing changes.
 * @returns the new tensors, in the order of `outputs`; a tensor's label passes to its replacement, unless that has a label already
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [4]);
 * const [simple] = graph.simplify([graph.add(graph.multiply(x, 1), 0)]);
 * ```
 */
export function simplify(
  outputs: readonly Tensor[],
  target: Target = 'cpu',
  { foldConstants = true }: SimplifyOptions = {},
): Tensor[] {
  let current = [...outputs];
  for (;;) {
    const next = rewrite(current, target, foldConstants ? fold : (tensor) => tensor);
    if (next.every((tensor, index) => tensor === current[index])) return next;
    current = next;
  }
}

function rewrite(outputs: readonly Tensor[], target: Target, fold: (tensor: Tensor) => Tensor): Tensor[] {
  const replaced = new Map<Tensor, Tensor>();
  const known = new Map<string, Tensor>();
  const identities = new Map<Tensor | TensorData, number>();
  const identity = (value: Tensor | TensorData): number => {
    const found = identities.get(value) ?? identities.size;
    identities.set(value, found);
    return found;
  };
  for (const tensor of topologicalOrder(outputs)) {
    const inputs = tensor.inputs.map((x) => replaced.get(x)!);
    const same = inputs.every((x, index) => x === tensor.inputs[index]);
    const rebuilt = fold(same ? tensor : { ...tensor, inputs });
    const better = simplified(rebuilt, target);
    const key = signature(better, identity);
    const twin = key === undefined ? undefined : known.get(key);
    if (twin === undefined && key !== undefined) known.set(key, better);
    replaced.set(tensor, twin ?? better);
  }
  return outputs.map((output) => replaced.get(output)!);
}

/** One step of the operator's simplification, or its form for the target. */
function simplified(tensor: Tensor, target: Target): Tensor {
  const { operator, attributes } = tensor;
  const lowered = operator.lower?.(tensor, attributes, target);
  const better = lowered ?? operator.simplify?.(tensor, attributes) ?? tensor;
  return tensor.label !== undefined && better.label === undefined ? named(better, tensor.label) : better;
}

function fold(tensor: Tensor): Tensor {
  const { operator, inputs } = tensor;
  if (operator.evaluate === undefined || inputs.length === 0 || inputs.some((x) => x.data === undefined))
    return tensor;
  const data = operator.evaluate(
    tensor,
    inputs.map((x) => x.data!),
    tensor.attributes,
  );
  return constant(data, tensor.shape, tensor.label ?? foldedLabel(inputs));
}

/** A flipped kernel keeps its layer's name, so that the file can still be read. */
function foldedLabel(inputs: readonly Tensor[]): string | undefined {
  const label = inputs.find((x) => x.label !== undefined)?.label;
  return label === undefined || label.endsWith('.folded') ? label : `${label}.folded`;
}

/** Two tensors with the same signature have the same value. Inputs are distinguished by object identity. */
function signature(tensor: Tensor, identity: (value: Tensor | TensorData) => number): string | undefined {
  const { operator, inputs, attributes, shape, data, dtype, label } = tensor;
  if (data !== undefined) {
    const content = data.length <= 16 ? [...data].join() : `@${identity(data)}`;
    // Equal numbers of two names stay two, so that a file has all of them.
    return `${dtype} ${shape.join()} ${content} ${label ?? ''}`;
  }
  if (inputs.length === 0) return undefined;
  return `${operator.name} ${inputs.map(identity).join()} ${textOf(attributes)} ${shape.join()}`;
}

const texts = new WeakMap<Attributes, string>();

/** Attributes as a text, made once: every pass over a graph needs it. */
function textOf(attributes: Attributes): string {
  let text = texts.get(attributes);
  if (text === undefined) {
    text = JSON.stringify(attributes);
    texts.set(attributes, text);
  }
  return text;
}
