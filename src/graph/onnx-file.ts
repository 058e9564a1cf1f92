import { modelMessage, elementTypes } from './onnx-schema.js';
import type { Shape } from './shape.js';

/** What is read of an ONNX file: its words about itself, its weights, and what goes in and out. */
export interface OnnxFile {
  readonly metadata: Readonly<Record<string, string>>;
  /** The float32 weights, by name. */
  readonly weights: Readonly<Record<string, { readonly shape: Shape; readonly values: Float32Array }>>;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly nodes: readonly OnnxNode[];
}

/** An input or output; lengths that are open have a name or nothing. */
export interface OnnxValue {
  readonly name: string;
  readonly elementType: number;
  readonly shape: readonly (number | string | undefined)[];
}

export interface OnnxNode {
  readonly type: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

interface Message {
  readonly metadataProps?: readonly { key?: string; value?: string }[];
  readonly graph?: {
    readonly node?: readonly { opType?: string; name?: string; input?: string[]; output?: string[] }[];
    readonly initializer?: readonly {
      name?: string;
      dims?: unknown[];
      dataType?: number;
      rawData?: Uint8Array;
      floatData?: number[];
    }[];
    readonly input?: readonly ValueMessage[];
    readonly output?: readonly ValueMessage[];
  };
}

interface ValueMessage {
  name?: string;
  type?: {
    tensorType?: { elemType?: number; shape?: { dim?: { dimValue?: unknown; dimParam?: string }[] } };
  };
}

/**
 * Reads an ONNX file.
 * @returns undefined where the bytes are no ONNX file, or are cut off
 */
export function readOnnxFile(bytes: Uint8Array): OnnxFile | undefined {
  let message: Message;
  try {
    message = modelMessage.decode(bytes) as unknown as Message;
  } catch {
    return undefined;
  }
  const { graph, metadataProps = [] } = message;
  if (graph?.node === undefined || graph.node.length === 0) return undefined;
  const weights: Record<string, { shape: Shape; values: Float32Array }> = {};
  for (const { name = '', dims = [], dataType, rawData, floatData = [] } of graph.initializer ?? []) {
    if (dataType !== elementTypes.float32) continue;
    const shape = dims.map(Number);
    const count = shape.reduce((product, length) => product * length, 1);
    const raw = rawData !== undefined && rawData.length > 0;
    const values = raw ? floatsOf(rawData) : Float32Array.from(floatData);
    if (values.length !== count) return undefined;
    weights[name] = { shape, values };
  }
  return {
    metadata: Object.fromEntries(metadataProps.map(({ key = '', value = '' }) => [key, value])),
    weights,
    inputs: (graph.input ?? []).map(valueOf).filter(({ name }) => !(name in weights)),
    outputs: (graph.output ?? []).map(valueOf),
    nodes: graph.node.map(({ opType = '', name = '', input = [], output = [] }) => ({
      type: opType,
      name,
      inputs: input,
      outputs: output,
    })),
  };
}

/** Little-endian floats; copied, as they may lie at any byte of the file. */
function floatsOf(bytes: Uint8Array): Float32Array {
  const values = new Float32Array(Math.floor(bytes.length / 4));
  new Uint8Array(values.buffer).set(bytes.subarray(0, 4 * values.length));
  return values;
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
