import { StyleError } from '../errors.js';
import { attributeTypes, elementTypes, encodeModel } from './onnx-schema.js';
import { integers64, SharedConstants } from './shared-constants.js';
import { simplify, type SimplifyOptions } from './simplify.js';
import type { Shape } from './shape.js';
import {
  constantOperator,
  inputOperator,
  type AttributeValue,
  type Attributes,
  type DataType,
  type Emitter,
  type Target,
  type Tensor,
  type TensorData,
} from './tensor.js';
import { topologicalOrder } from './traversal.js';

/** The ONNX operator set that our graphs are written in. Opset 18 came with ONNX 1.13 (2022). */
export const opsetVersion = 18;
const irVersion = 8;

/** Float attributes, whose whole-numbered values would pass for integers. */
const floatAttributes = new Set(['epsilon', 'alpha', 'beta']);

/** Outputs of a graph by the names to read them under. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

export interface OnnxModel {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Inputs that the outputs depend on, by name. */
  readonly inputs: Readonly<Record<string, { readonly shape: Shape; readonly dtype: DataType }>>;
  readonly outputs: Readonly<Record<string, { readonly shape: Shape; readonly dtype: DataType }>>;
}

export interface OnnxOptions extends SimplifyOptions {
  /**
   * Leaves the heights and widths of pictures and maps open: the inputs and outputs with four axes get any. The expression
   * must be built for sides that are odd, so that nothing is left out which only suits the sides that it was built for.
   * @defaultValue false
   */
  readonly freeSizes?: boolean | undefined;
  /**
   * Says nothing of the heights and widths of maps, which are what the expression was built for all the same. ONNX Runtime plans ahead
   * which values share memory, by equal shapes, and keeps what a value leaves behind until the next one of its shape takes it, from the
   * forward to the backward pass: an iteration of VGG-19 holds 190 MB where 108 are in use. What it knows no shape of it frees after the
   * last use. Its blocked layout then takes in fewer additions and products of maps, 1.5 to 6 % of the time.
   * @defaultValue false
   */
  readonly hiddenSizes?: boolean | undefined;
}

interface Node {
  readonly opType: string;
  readonly input: readonly string[];
  readonly output: string[];
  readonly name: string;
  readonly attribute: readonly object[];
  readonly domain?: string;
}

/**
 * Writes expressions as an ONNX model: simplified first, weights as initializers, labels as names.
 * @param outputs at least one, by name
 * @param metadata key-value pairs that travel in the file
 * @param target what it will run on; elsewhere ONNX Runtime runs the parts that the device lacks on the CPU
 * @param options what is left open, and which constants stay as they are
 * @throws StyleError `E_GRAPH` when two different inputs have the same name, or an output has the name of an input
 * @example
 * ```ts
 * import { writeFile } from 'node:fs/promises';
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [4]);
 * const { bytes } = graph.encodeOnnx({ loss: graph.sum(graph.square(x)) });
 * await writeFile('loss.onnx', bytes);
 * ```
 */
export function encodeOnnx(
  outputs: NamedTensors,
  metadata: Readonly<Record<string, string>> = {},
  target: Target = 'cpu',
  { freeSizes = false, hiddenSizes = false, ...simplifying }: OnnxOptions = {},
): OnnxModel {
  const tensors = simplify(Object.values(outputs), target, simplifying);
  const simplified = Object.keys(outputs).map((label, index) => [label, tensors[index]!] as const);
  const order = topologicalOrder(tensors);
  const graph = new GraphWriter(order, simplified, freeSizes, hiddenSizes);
  for (const tensor of order) graph.add(tensor);
  for (const [label, tensor] of simplified) graph.addOutput(label, tensor);
  const bytes = encodeModel({
    irVersion,
    producerName: 'pastiche',
    opsetImport: [{ domain: '', version: opsetVersion }, ...graph.domains()],
    graph: graph.message(),
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
  return { bytes, inputs: graph.inputTypes, outputs: graph.outputTypes };
}

class GraphWriter {
  readonly inputTypes: Record<string, { shape: Shape; dtype: DataType }> = {};
  readonly outputTypes: Record<string, { shape: Shape; dtype: DataType }> = {};
  /** Names of values: those of inputs and outputs are the caller's, so they are taken first. */
  private readonly names = new Map<Tensor, string>();
  private readonly taken = new Set<string>();
  /** The first number after a name that may be free. */
  private readonly counts = new Map<string, number>();
  private readonly nodes: Node[] = [];
  private readonly initializers: object[] = [];
  private readonly valueInfo: object[] = [];
  private readonly constants = new SharedConstants();
  /** Nodes by the names of their first outputs. */
  private readonly makers = new Map<string, Node>();

  constructor(
    order: readonly Tensor[],
    outputs: readonly (readonly [label: string, tensor: Tensor])[],
    private readonly freeSizes: boolean,
    private readonly hiddenSizes: boolean,
  ) {
    for (const tensor of order) if (tensor.operator === inputOperator) this.addInput(tensor, tensor.label!);
    for (const [label, tensor] of outputs) {
      if (this.taken.has(label)) {
        throw new StyleError(
          'E_GRAPH',
          `The output "${label}" has the name of an input.`,
          'Read it under another name.',
        );
      }
      this.taken.add(label);
      if (tensor.operator !== constantOperator && !this.names.has(tensor)) this.names.set(tensor, label);
    }
  }

  /** Writes a tensor whose inputs were written before. */
  add(tensor: Tensor): void {
    const { operator, label, attributes } = tensor;
    if (operator === inputOperator) return;
    if (operator === constantOperator) {
      this.names.set(tensor, this.addConstant(tensor.data!, tensor.shape, tensor.dtype, label));
      return;
    }
    const given = this.names.get(tensor);
    const node = label !== undefined && label === given ? label : this.unique(label ?? operator.name);
    const output = given ?? node;
    this.names.set(tensor, output);
    // ONNX Runtime can't work out every shape (MaxUnpool's), and keeps maps of unknown shape out of its blocked layout.
    if (output !== given && !this.freeSizes && !this.hiddenSizes)
      this.valueInfo.push(valueInfo(output, tensor.shape, tensor.dtype));
    const inputs = tensor.inputs.map((x) => this.names.get(x)!);
    operator.emit(tensor, this.emitter(inputs, output, node), attributes);
  }

  addOutput(label: string, tensor: Tensor): void {
    this.outputTypes[label] = { shape: tensor.shape, dtype: tensor.dtype };
    const source = this.names.get(tensor)!;
    if (source === label) return;
    // An input, a constant, or what is an output already under another name.
    this.nodes.push({
      opType: 'Identity',
      input: [source],
      output: [label],
      name: `${label}.output`,
      attribute: [],
    });
  }

  /** The operator sets other than ONNX's default one. */
  domains(): object[] {
    const domains = new Set(this.nodes.map(({ domain = '' }) => domain).filter((domain) => domain !== ''));
    return [...domains].map((domain) => ({ domain, version: 1 }));
  }

  message(): object {
    return {
      name: 'pastiche',
      node: this.nodes,
      initializer: this.initializers,
      input: this.described(this.inputTypes, this.freeSizes || this.hiddenSizes),
      output: this.described(this.outputTypes, this.freeSizes),
      valueInfo: this.valueInfo,
    };
  }

  private described(
    types: Readonly<Record<string, { shape: Shape; dtype: DataType }>>,
    isOpen: boolean,
  ): object[] {
    return Object.entries(types).map(([name, { shape, dtype }]) => {
      const sides =
        isOpen && shape.length === 4 ? [...shape.slice(0, 2), `${name}_height`, `${name}_width`] : shape;
      return valueInfo(name, sides, dtype);
    });
  }

  private addInput(tensor: Tensor, label: string): void {
    if (this.taken.has(label)) {
      throw new StyleError(
        'E_GRAPH',
        `Two inputs are named "${label}".`,
        'Give each a name of its own, or use one tensor in both places.',
      );
    }
    this.taken.add(label);
    this.inputTypes[label] = { shape: tensor.shape, dtype: tensor.dtype };
    this.names.set(tensor, label);
  }

  private unique(label: string): string {
    let name = label;
    let count = this.counts.get(label) ?? 2;
    for (; this.taken.has(name); count += 1) name = `${label}.${count}`;
    this.counts.set(label, count);
    this.taken.add(name);
    return name;
  }

  /** @param name of the operator's last node, which begins the names of those before it */
  private emitter(inputs: readonly string[], output: string, name: string): Emitter {
    return {
      inputs,
      output,
      freeSizes: this.freeSizes,
      secondOutput: (index) => this.secondOutput(inputs[index]!),
      node: (opType, input, attributes = {}, to = this.unique(`${name}.${opType}`), domain = '') => {
        const attribute = encodeAttributes(attributes);
        const node = { opType, input, output: [to], name: to === output ? name : to, attribute, domain };
        this.nodes.push(node);
        this.makers.set(to, node);
        return to;
      },
      integers: (values) => this.shared(integers64(values), [values.length], 'int64'),
      floats: (values, shape = []) => this.shared(Float32Array.from(values), shape, 'float32'),
    };
  }

  private secondOutput(first: string): string {
    const { output } = this.makers.get(first)!;
    output[1] ??= this.unique(`${first}.second`);
    return output[1];
  }

  private shared(data: Float32Array | BigInt64Array, shape: Shape, dtype: DataType): string {
    return this.constants.nameOf(data, shape, dtype, () => this.addConstant(data, shape, dtype));
  }

  private addConstant(data: TensorData, shape: Shape, dtype: DataType, label = 'constant'): string {
    const name = this.unique(label);
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.initializers.push({ dims: shape, dataType: elementTypes[dtype], name, rawData });
    return name;
  }
}

/** @param shape lengths, or names of those that are open */
function valueInfo(name: string, shape: readonly (number | string)[], dtype: DataType): object {
  const dim = shape.map((length) =>
    typeof length === 'number' ? { dimValue: length } : { dimParam: length },
  );
  return { name, type: { tensorType: { elemType: elementTypes[dtype], shape: { dim } } } };
}

function encodeAttributes(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([name, value]) => ({ name, ...encodeAttribute(name, value) }));
}

function encodeAttribute(name: string, value: AttributeValue): object {
  if (typeof value === 'string') return { type: attributeTypes.string, s: new TextEncoder().encode(value) };
  if (Array.isArray(value)) return { type: attributeTypes.integers, ints: value };
  if (floatAttributes.has(name)) return { type: attributeTypes.float, f: value };
  return { type: attributeTypes.integer, i: Number(value) };
}
