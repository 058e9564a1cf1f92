import { decodeModel, elementTypes } from './onnx-schema.js';
import type { Shape } from './shape.js';

/** What is read of an ONNX file: its words about itself, its weights, and what goes in and out. */
export interface OnnxFile {
  readonly metadata: Readonly<Record<string, string>>;
  /** The float32 weights and constants, by name. */
  readonly weights: Readonly<Record<string, { readonly shape: Shape; readonly values: Float32Array }>>;
  /** The int64 constants, by name: shapes, mostly. */
  readonly integers: Readonly<Record<string, readonly number[]>>;
  /** Whether some of the weights lie in another file, so that this one alone can't be run. */
  readonly isPartial: boolean;
  /** Those that have to be given: without the ones that have a value in the file. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly nodes: readonly OnnxNode[];
}

/** An input or output; lengths that are open have a name or nothing. */
export interface OnnxValue {
  readonly name: string;
  /** ONNX's number for it, see `elementTypes`. */
  readonly elementType: number;
  readonly shape: readonly (number | string | undefined)[];
}

export interface OnnxNode {
  readonly type: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** A tensor in a file. */
export interface TensorMessage {
  name?: string;
  dims?: unknown[];
  dataType?: number;
  rawData?: Uint8Array;
  floatData?: number[];
  int64Data?: unknown[];
  dataLocation?: number;
}

export interface ValueMessage {
  name?: string;
  type?: {
    tensorType?: { elemType?: number; shape?: { dim?: { dimValue?: unknown; dimParam?: string }[] } };
  };
}

/** A model as `decodeModel` gives it. */
export interface ModelMessage {
  metadataProps?: readonly { key?: string; value?: string }[];
  graph?: {
    node?: {
      opType?: string;
      name?: string;
      input?: string[];
      output?: string[];
      attribute?: { name?: string; t?: TensorMessage }[];
    }[];
    initializer?: TensorMessage[];
    input?: ValueMessage[];
    output?: ValueMessage[];
    valueInfo?: ValueMessage[];
  };
}

/** Where a tensor's values are: beside the file. */
const externalLocation = 1;

/**
 * Reads an ONNX file.
 * @returns undefined where the bytes are no ONNX file, or are cut off
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const { bytes } = graph.encodeOnnx({ double: graph.multiply(graph.input('x', [4]), 2) });
 * console.log(graph.readOnnxFile(bytes)?.inputs[0]?.name); // x
 * ```
 */
export function readOnnxFile(bytes: Uint8Array): OnnxFile | undefined {
  let message: ModelMessage;
  try {
    message = decodeModel(bytes) as ModelMessage;
  } catch {
    return undefined;
  }
  const { graph, metadataProps = [] } = message;
  if (graph?.node === undefined || graph.node.length === 0) return undefined;
  const weights: Record<string, { shape: Shape; values: Float32Array }> = {};
  const integers: Record<string, readonly number[]> = {};
  const tensors = tensorsOf(graph);
  const isExternal = ({ dataLocation }: TensorMessage): boolean => dataLocation === externalLocation;
  for (const [name, tensor] of tensors.filter(([, one]) => !isExternal(one))) {
    const shape = (tensor.dims ?? []).map(Number);
    const count = shape.reduce((product, length) => product * length, 1);
    const values = valuesOf(tensor);
    if (values !== undefined && values.length !== count) return undefined;
    if (values instanceof Float32Array) weights[name] = { shape, values };
    else if (values !== undefined) integers[name] = values;
  }
  const given = new Set((graph.initializer ?? []).map(({ name }) => name));
  return {
    metadata: Object.fromEntries(metadataProps.map(({ key = '', value = '' }) => [key, value])),
    weights,
    integers,
    isPartial: tensors.some(([, tensor]) => isExternal(tensor)),
    inputs: (graph.input ?? []).map(valueOf).filter(({ name }) => !given.has(name)),
    outputs: (graph.output ?? []).map(valueOf),
    nodes: graph.node.map(({ opType = '', name = '', input = [], output = [] }) => ({
      type: opType,
      name,
      inputs: input,
      outputs: output,
    })),
  };
}

/** The tensors of a graph by the names that nodes read them under: initializers, and what the nodes `Constant` hold. */
export function tensorsOf(
  graph: NonNullable<ModelMessage['graph']>,
): (readonly [name: string, TensorMessage])[] {
  const initializers = (graph.initializer ?? []).map((tensor) => [tensor.name ?? '', tensor] as const);
  const constants = (graph.node ?? [])
    .filter(({ opType }) => opType === 'Constant')
    .flatMap(({ output, attribute = [] }) =>
      attribute.flatMap(({ t }) => (t == null ? [] : [[output?.[0] ?? '', t] as const])),
    );
  return [...initializers, ...constants];
}

/** The values of a tensor of floats or of whole numbers; undefined for others. */
function valuesOf({
  dataType,
  rawData,
  floatData = [],
  int64Data = [],
}: TensorMessage): Float32Array | number[] | undefined {
  const raw = rawData !== undefined && rawData.length > 0 ? rawData : undefined;
  if (dataType === elementTypes.float32)
    return raw ? new Float32Array(aligned(raw, 4)) : Float32Array.from(floatData);
  if (dataType !== elementTypes.int64) return undefined;
  return raw ? Array.from(new BigInt64Array(aligned(raw, 8)), Number) : int64Data.map(Number);
}

/** Bytes as a buffer of whole numbers of `size` bytes, little-endian; copied, as they may lie at any byte of the file. */
function aligned(bytes: Uint8Array, size: number): ArrayBuffer {
  return new Uint8Array(bytes.subarray(0, size * Math.floor(bytes.length / size))).buffer;
}

function valueOf({ name = '', type }: ValueMessage): OnnxValue {
  const { elemType = 0, shape } = type?.tensorType ?? {};
  const lengths = (shape?.dim ?? []).map(({ dimValue, dimParam }) => {
    if (dimParam !== undefined && dimParam !== '') return dimParam;
    const length = Number(dimValue ?? 0);
    return length > 0 ? length : undefined;
  });
  return { name, elementType: elemType, shape: lengths };
}
