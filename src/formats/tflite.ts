import { StyleError } from '../errors.js';
import { FlatbufferTable } from './flatbuffer-table.js';
import {
  customOperator,
  elementTypes,
  operatorName,
  optionSlots,
  slots,
  type TfliteType,
} from './tflite-schema.js';

/** How the whole numbers of a tensor stand for others: `scale * (number - zeroPoint)`. */
export interface TfliteQuantization {
  /** One for the whole tensor, or one for each index of `axis`. */
  readonly scales: readonly number[];
  /** As many as scales, or none where all are 0. */
  readonly zeroPoints: readonly number[];
  readonly axis: number;
}

/** A value of a TFLite model: constant, or what an operator takes or makes. Pictures and maps are NHWC. */
export interface TfliteTensor {
  readonly name: string;
  readonly type: TfliteType;
  readonly shape: readonly number[];
  readonly quantization?: TfliteQuantization | undefined;
  /** The bytes of a constant, little-endian, as many as type and shape say; a view on the file's. */
  readonly data?: Uint8Array | undefined;
}

/** A step of a TFLite model. Tensors are told by their index. */
export interface TfliteOperator {
  /** As in TFLite's schema: `CONV_2D`. */
  readonly type: string;
  /** -1 for an optional one that is left out. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Numbers of enumerations are those of the schema; none for operators that Pastiche does not run. */
  readonly options: Readonly<Record<string, number>>;
}

/** A model of TensorFlow Lite (now LiteRT), as its file has it. */
export interface TfliteModel {
  /** The file's name, for messages. */
  readonly name: string;
  readonly tensors: readonly TfliteTensor[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** In the order in which they are run. */
  readonly operators: readonly TfliteOperator[];
}

/** Bytes 5 to 8 of every file. */
const identifier = 'TFL3';
const schemaVersion = 3;
const mostAxes = 8;

/** Whether a file says that it is one of TensorFlow Lite. */
export const isTflite = (bytes: Uint8Array): boolean =>
  String.fromCharCode(...bytes.subarray(4, 8)) === identifier;

/**
 * Reads a TFLite file (https://ai.google.dev/edge/litert, a FlatBuffer). Whatever bytes they are, nothing is read beyond them, and no
 * more memory is taken than in proportion to them. What the model means is not looked into.
 * @param bytes the whole file; constants refer to it
 * @param name the file's name, for messages
 * @throws StyleError `E_WEIGHTS_FORMAT` for a file that is of another format, cut off or damaged
 */
export function parseTflite(bytes: Uint8Array, name: string): TfliteModel {
  const broken = (problem: string): StyleError =>
    new StyleError(
      'E_WEIGHTS_FORMAT',
      `"${name}" is not a whole TFLite file: ${problem}.`,
      'Get the file again; it may be cut off, damaged or of another format.',
    );
  const model = FlatbufferTable.root(bytes, identifier, broken);
  const version = model.uint32(slots.model.version, 0);
  if (version !== schemaVersion)
    throw broken(`it is of version ${version}, and ${schemaVersion} was expected`);
  const graph = model.tables(slots.model.subgraphs)[0];
  if (graph === undefined) throw broken('it has no graph');
  const buffers = model.tables(slots.model.buffers).map((buffer) => buffer.bytes(slots.buffer.data));
  const tensors = graph.tables(slots.subgraph.tensors).map((tensor) => readTensor(tensor, buffers, broken));
  const codes = model.tables(slots.model.operatorCodes).map(readOperatorCode);
  const indices = (list: readonly number[], least: number): readonly number[] => {
    const outside = list.find((index) => index < least || index >= tensors.length);
    if (outside !== undefined) throw broken(`it refers to tensor ${outside} of ${tensors.length}`);
    return list;
  };
  const operators = graph.tables(slots.subgraph.operators).map((table): TfliteOperator => {
    const code = table.uint32(slots.operator.code, 0);
    const type = codes[code];
    if (type === undefined) throw broken(`it refers to operator ${code} of ${codes.length}`);
    return {
      type,
      inputs: indices(table.int32s(slots.operator.inputs), -1),
      outputs: indices(table.int32s(slots.operator.outputs), 0),
      options: readOptions(type, table.table(slots.operator.options)),
    };
  });
  return {
    name,
    tensors,
    inputs: indices(graph.int32s(slots.subgraph.inputs), 0),
    outputs: indices(graph.int32s(slots.subgraph.outputs), 0),
    operators,
  };
}

function readTensor(
  table: FlatbufferTable,
  buffers: readonly (Uint8Array | undefined)[],
  broken: (problem: string) => StyleError,
): TfliteTensor {
  const name = table.text(slots.tensor.name);
  const shape = table.int32s(slots.tensor.shape);
  if (shape.length > mostAxes || shape.some((length) => length < 0)) {
    throw broken(`tensor "${name}" has the shape [${shape.slice(0, mostAxes + 1).join(', ')}]`);
  }
  const number = table.int8(slots.tensor.type, 0);
  const known = elementTypes[number];
  const buffer = table.uint32(slots.tensor.buffer, 0);
  if (buffer >= Math.max(buffers.length, 1))
    throw broken(`it refers to buffer ${buffer} of ${buffers.length}`);
  const data = buffers[buffer];
  const quantization = table.table(slots.tensor.quantization);
  const isConstant = data !== undefined && data.length > 0;
  const isSparse = table.table(slots.tensor.sparsity) !== undefined;
  const size = shape.reduce((product, length) => product * length, known?.bytes ?? NaN);
  if (isConstant && !isSparse && known?.bytes !== undefined && data.length !== size) {
    throw broken(
      `tensor "${name}" of shape [${shape.join(', ')}] has ${data.length} bytes instead of ${size}`,
    );
  }
  return {
    name,
    type: isSparse ? `type ${number}` : (known?.type ?? `type ${number}`),
    shape,
    quantization: quantization && readQuantization(quantization),
    data: isConstant ? data : undefined,
  };
}

function readQuantization(table: FlatbufferTable): TfliteQuantization | undefined {
  const scales = table.float32s(slots.quantization.scales);
  const zeroPoints = table.int64s(slots.quantization.zeroPoints);
  // Of a tensor that was only measured, range alone is noted.
  return scales.length === 0
    ? undefined
    : { scales, zeroPoints, axis: table.int32(slots.quantization.axis, 0) };
}

function readOperatorCode(table: FlatbufferTable): string {
  // Numbers beyond 127 do not fit the field that they had at first.
  const code = Math.max(table.int8(slots.operatorCode.oldCode, 0), table.int32(slots.operatorCode.code, 0));
  return code === customOperator ? table.text(slots.operatorCode.customName) : operatorName(code);
}

function readOptions(type: string, table: FlatbufferTable | undefined): Record<string, number> {
  const known = Object.hasOwn(optionSlots, type) ? optionSlots[type]! : {};
  const read = ([name, { slot, bits, otherwise }]: [string, (typeof known)[string]]): [string, number] => [
    name,
    (bits === 8 ? table?.int8(slot, otherwise) : table?.int32(slot, otherwise)) ?? otherwise,
  ];
  return Object.fromEntries(Object.entries(known).map(read));
}
