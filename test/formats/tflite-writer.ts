import { Builder } from 'flatbuffers';
import { elementTypes, operatorName, optionSlots, slots } from '../../src/formats/tflite-schema.js';
import type { TfliteModel, TfliteTensor } from '../../src/formats/tflite.js';

/** A model to be written; options that are left out get the schema's defaults. */
export type WritableModel = Omit<TfliteModel, 'name'>;

/** The numbers of the schema's union of options, which LiteRT wants to see. */
const optionsTypes: Readonly<Record<string, number>> = {
  ...{ CONV_2D: 1, DEPTHWISE_CONV_2D: 2, ADD: 11, MUL: 21, MEAN: 27, SUB: 28, DEQUANTIZE: 38 },
  ...{ RESIZE_NEAREST_NEIGHBOR: 74, SQUARED_DIFFERENCE: 76, MIRROR_PAD: 77, QUANTIZE: 89 },
};

const operatorCodes = new Map(Array.from({ length: 127 }, (_, code) => [operatorName(code), code]));
const custom = 32;

/** A TFLite file. Operators that the schema doesn't know are written as custom ones. LiteRT runs what comes out. */
export function encodeTflite({ tensors, operators, inputs, outputs }: WritableModel): Uint8Array {
  const builder = new Builder(1024);
  const table = (fields: readonly (() => void)[], count = 8): number => {
    builder.startObject(count);
    for (const add of fields) add();
    return builder.endObject();
  };
  const offset = (slot: number, value: number) => () => builder.addFieldOffset(slot, value, 0);
  const int8 = (slot: number, value: number) => () => builder.addFieldInt8(slot, value, 0);
  const int32 = (slot: number, value: number) => () => builder.addFieldInt32(slot, value, 0);
  /** Vectors are written from the end. */
  const vector = (values: readonly number[], size: number, add: (value: number) => void): number => {
    builder.startVector(size, values.length, size);
    for (const value of [...values].reverse()) add(value);
    return builder.endVector();
  };
  const int32s = (values: readonly number[]): number => vector(values, 4, (value) => builder.addInt32(value));
  const offsets = (values: readonly number[]): number =>
    vector(values, 4, (value) => builder.addOffset(value));

  const datas = [undefined, ...tensors.map(({ data }) => data)];
  const buffers = datas.map((data) => {
    if (data === undefined) return table([]);
    builder.startVector(1, data.length, 16);
    for (let index = data.length - 1; index >= 0; index -= 1) builder.addInt8(data[index]!);
    const bytes = builder.endVector();
    return table([offset(slots.buffer.data, bytes)]);
  });
  const quantization = ({ quantization }: TfliteTensor): number | undefined => {
    if (quantization === undefined) return undefined;
    const scales = vector(quantization.scales, 4, (value) => builder.addFloat32(value));
    const zeroPoints = vector(quantization.zeroPoints, 8, (value) => builder.addInt64(BigInt(value)));
    return table([
      offset(slots.quantization.scales, scales),
      offset(slots.quantization.zeroPoints, zeroPoints),
      int32(slots.quantization.axis, quantization.axis),
    ]);
  };
  const tensorTables = tensors.map((tensor, index) => {
    const [shape, name, quantized] = [
      int32s(tensor.shape),
      builder.createString(tensor.name),
      quantization(tensor),
    ];
    return table([
      offset(slots.tensor.shape, shape),
      int8(
        slots.tensor.type,
        elementTypes.findIndex(({ type }) => type === tensor.type),
      ),
      int32(slots.tensor.buffer, tensor.data === undefined ? 0 : index + 1),
      offset(slots.tensor.name, name),
      ...(quantized === undefined ? [] : [offset(slots.tensor.quantization, quantized)]),
    ]);
  });
  const types = [...new Set(operators.map(({ type }) => type))];
  const codes = types.map((type) => {
    const code = operatorCodes.get(type) ?? custom;
    const name = code === custom ? builder.createString(type) : undefined;
    return table([
      int8(slots.operatorCode.oldCode, code),
      ...(name === undefined ? [] : [offset(slots.operatorCode.customName, name)]),
      int32(2, 1),
      int32(slots.operatorCode.code, code),
    ]);
  });
  const operatorTables = operators.map(({ type, inputs: taken, outputs: made, options }) => {
    const places = optionSlots[type] ?? {};
    const [from, to] = [int32s(taken), int32s(made)];
    const values = table(
      Object.entries(options).map(([option, value]) => {
        const { slot, bits, otherwise } = places[option]!;
        return () =>
          bits === 8
            ? builder.addFieldInt8(slot, value, otherwise)
            : builder.addFieldInt32(slot, value, otherwise);
      }),
    );
    return table([
      int32(slots.operator.code, types.indexOf(type)),
      offset(slots.operator.inputs, from),
      offset(slots.operator.outputs, to),
      int8(3, optionsTypes[type] ?? 0),
      offset(slots.operator.options, values),
    ]);
  });
  const parts = [
    offset(slots.subgraph.tensors, offsets(tensorTables)),
    offset(slots.subgraph.inputs, int32s(inputs)),
    offset(slots.subgraph.outputs, int32s(outputs)),
    offset(slots.subgraph.operators, offsets(operatorTables)),
  ];
  const graph = table(parts);
  const fields = [
    int32(slots.model.version, 3),
    offset(slots.model.operatorCodes, offsets(codes)),
    offset(slots.model.subgraphs, offsets([graph])),
    offset(slots.model.buffers, offsets(buffers)),
  ];
  builder.finish(table(fields), 'TFL3');
  return builder.asUint8Array();
}
