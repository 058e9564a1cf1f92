import { MessageCodec, type Messages } from './protobuf-message.js';

/**
 * The messages of ONNX's protocol buffers that our graphs use, with the field numbers of onnx.proto3
 * (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3, IR version 8).
 */
const messages: Messages = {
  ModelProto: {
    irVersion: [1, 'int64'],
    producerName: [2, 'string'],
    producerVersion: [3, 'string'],
    docString: [6, 'string'],
    graph: [7, 'GraphProto'],
    opsetImport: [8, 'OperatorSetIdProto', 'repeated'],
    metadataProps: [14, 'StringStringEntryProto', 'repeated'],
  },
  OperatorSetIdProto: { domain: [1, 'string'], version: [2, 'int64'] },
  StringStringEntryProto: { key: [1, 'string'], value: [2, 'string'] },
  GraphProto: {
    node: [1, 'NodeProto', 'repeated'],
    name: [2, 'string'],
    initializer: [5, 'TensorProto', 'repeated'],
    input: [11, 'ValueInfoProto', 'repeated'],
    output: [12, 'ValueInfoProto', 'repeated'],
    valueInfo: [13, 'ValueInfoProto', 'repeated'],
  },
  NodeProto: {
    input: [1, 'string', 'repeated'],
    output: [2, 'string', 'repeated'],
    name: [3, 'string'],
    opType: [4, 'string'],
    attribute: [5, 'AttributeProto', 'repeated'],
    domain: [7, 'string'],
  },
  AttributeProto: {
    name: [1, 'string'],
    f: [2, 'float'],
    i: [3, 'int64'],
    s: [4, 'bytes'],
    t: [5, 'TensorProto'],
    ints: [8, 'int64', 'repeated'],
    type: [20, 'int32'],
  },
  TensorProto: {
    dims: [1, 'int64', 'repeated'],
    dataType: [2, 'int32'],
    name: [8, 'string'],
    floatData: [4, 'float', 'repeated'],
    int64Data: [7, 'int64', 'repeated'],
    rawData: [9, 'bytes'],
    dataLocation: [14, 'int32'],
  },
  ValueInfoProto: { name: [1, 'string'], type: [2, 'TypeProto'] },
  TypeProto: { tensorType: [1, 'TypeProtoTensor'] },
  TypeProtoTensor: { elemType: [1, 'int32'], shape: [2, 'TensorShapeProto'] },
  TensorShapeProto: { dim: [1, 'TensorShapeDimension', 'repeated'] },
  TensorShapeDimension: { dimValue: [1, 'int64'], dimParam: [2, 'string'] },
};

/** ONNX's numbers for element types. */
export const elementTypes = { float32: 1, int64: 7, bool: 9 } as const;

/** ONNX's numbers for kinds of attributes. */
export const attributeTypes = { float: 1, integer: 2, string: 3, tensor: 4, integers: 7 } as const;

const codec = new MessageCodec(messages);

/**
 * Reads a model with all that it holds: what the schema doesn't name is kept, and written again by {@link encodeModel}.
 * @throws Error when the bytes are no such message, or are cut off
 */
export const decodeModel = (bytes: Uint8Array): unknown => codec.decode('ModelProto', bytes);

/** Writes a model into a buffer of its own, which may be handed to another thread: small messages may lie in a pool. */
export function encodeModel(message: object): Uint8Array<ArrayBuffer> {
  const encoded = codec.encode('ModelProto', message);
  const isWhole = encoded.byteLength === encoded.buffer.byteLength;
  return isWhole ? (encoded as Uint8Array<ArrayBuffer>) : new Uint8Array(encoded);
}
