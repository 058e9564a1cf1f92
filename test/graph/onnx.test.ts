import { InferenceSession } from 'onnxruntime-node';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import * as graph from '../../src/graph/index.js';
import { encodeOnnx, input, type NamedTensors } from '../../src/graph/index.js';
import { valuesOfAll } from '../graph-values.js';

/** The parts of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3 that the tests read. */
const { root } = protobuf.parse(
  `syntax = "proto3";
  message Attribute { string name = 1; float f = 2; int64 i = 3; bytes s = 4; repeated int64 ints = 8; int32 type = 20; }
  message Node { repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4; string domain = 7; repeated Attribute attribute = 5; }
  message Entry { string key = 1; string value = 2; }
  message Opset { string domain = 1; int64 version = 2; }
  message Tensor { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
  message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
  message TensorShape { repeated Dimension dim = 1; }
  message TensorType { int32 elem_type = 1; TensorShape shape = 2; }
  message Type { oneof value { TensorType tensor_type = 1; } }
  message Value { string name = 1; Type type = 2; }
  message Graph { repeated Node node = 1; string name = 2; repeated Tensor initializer = 5; repeated Value input = 11; repeated Value output = 12; }
  message Model { int64 ir_version = 1; repeated Opset opset_import = 8; string producer_name = 2; Graph graph = 7; repeated Entry metadata_props = 14; }`,
  { keepCase: true },
);

interface DecodedNode {
  name: string;
  op_type: string;
  domain: string;
  input: string[];
  output: string[];
  attribute: { name: string; f: number; i: number; s: string; ints: number[]; type: number }[];
}

interface Decoded {
  ir_version: number;
  producer_name: string;
  opset_import: { domain: string; version: number }[];
  metadata_props: { key: string; value: string }[];
  graph: {
    name: string;
    node: DecodedNode[];
    initializer: { name: string; dims: number[]; data_type: number; raw_data: Uint8Array }[];
    input: { name: string; type: unknown }[];
    output: { name: string; type: unknown }[];
  };
}

function decode(bytes: Uint8Array): Decoded {
  const type = root.lookupType('Model');
  return type.toObject(type.decode(bytes), { longs: Number, defaults: true, arrays: true }) as Decoded;
}

const decoded = (outputs: NamedTensors): Decoded => decode(encodeOnnx(outputs).bytes);
const names = (list: { name: string }[]): string[] => list.map(({ name }) => name);
const valueType = (type: number, shape: number[]): object => ({
  tensor_type: { elem_type: type, shape: { dim: shape.map((length) => ({ dim_value: length })) } },
});

/** A layer of a network, with the names that its file has for it. */
function layer(): { x: graph.Tensor; relu: graph.Tensor; weight: Float32Array } {
  const x = input('picture', [1, 3, 6, 5]);
  const weight = Float32Array.from({ length: 2 * 3 * 3 * 3 }, (_, i) => Math.sin(i));
  const w = graph.constant(weight, [2, 3, 3, 3], 'conv1_1.weight');
  const bias = graph.constant([0.5, -0.5], [2], 'conv1_1.bias');
  const convolution = graph.named(graph.convolution(x, w, { bias, padding: 1 }), 'conv1_1');
  return { x, relu: graph.relu(convolution, 'relu1_1'), weight };
}

describe('an encoded graph', () => {
  it('says what it is: version, operator set, producer, metadata', () => {
    const { bytes } = encodeOnnx(
      { y: graph.exp(input('x', [2])) },
      { licence: 'MIT', 'trained on': 'ten pictures' },
    );
    const model = decode(bytes);
    expect(model).toMatchObject({ ir_version: 8, producer_name: 'pastiche' });
    expect(model.opset_import).toEqual([{ domain: '', version: 18 }]);
    expect(graph.opsetVersion).toBe(18);
    expect(model.metadata_props).toEqual([
      { key: 'licence', value: 'MIT' },
      { key: 'trained on', value: 'ten pictures' },
    ]);
  });

  it('names layers, weights, inputs and outputs as their makers did', () => {
    const { relu, weight } = layer();
    const { graph: written } = decoded({ features: graph.exp(relu), relu1_1: relu });
    expect(names(written.node)).toEqual(['conv1_1', 'relu1_1', 'exp']);
    expect(written.node.map(({ output }) => output)).toEqual([['conv1_1'], ['relu1_1'], ['features']]);
    expect(written.node[0]).toMatchObject({
      op_type: 'Conv',
      domain: '',
      input: ['picture', 'conv1_1.weight', 'conv1_1.bias'],
    });
    expect(written.input).toEqual([{ name: 'picture', type: valueType(1, [1, 3, 6, 5]) }]);
    expect(written.output).toEqual([
      { name: 'features', type: valueType(1, [1, 2, 6, 5]) },
      { name: 'relu1_1', type: valueType(1, [1, 2, 6, 5]) },
    ]);
    const stored = written.initializer.find(({ name }) => name === 'conv1_1.weight')!;
    expect(stored).toMatchObject({ dims: [2, 3, 3, 3], data_type: 1 });
    expect(new Float32Array(stored.raw_data.slice().buffer)).toEqual(weight);
    expect(names(written.initializer)).toEqual(['conv1_1.weight', 'conv1_1.bias']);
  });

  it('keeps a layer’s name on its node where the output is called otherwise', () => {
    const { graph: written } = decoded({ content: layer().relu });
    expect(written.node[1]).toMatchObject({ name: 'relu1_1', output: ['content'] });
  });

  it('writes whole numbers, floats and texts as attributes of their own kind', () => {
    const x = input('x', [1, 1, 3, 3]);
    const { graph: written } = decoded({
      steps: graph.heaviside(x, 1),
      sums: graph.sum(x, [2], true),
      mirrored: graph.padImage(x, 1, 'reflect'),
      pooled: graph.maxPool(x, 2, 1),
    });
    const attribute = (operator: string, name: string): unknown =>
      written.node
        .find(({ op_type }) => op_type === operator)!
        .attribute.find((found) => found.name === name);
    expect(attribute('HardSigmoid', 'alpha')).toMatchObject({ type: 1, f: Math.fround(1e30) });
    expect(attribute('HardSigmoid', 'beta')).toMatchObject({ type: 1, f: 1 });
    expect(attribute('ReduceSum', 'keepdims')).toMatchObject({ type: 2, i: 1 });
    expect(attribute('Pad', 'mode')).toMatchObject({ type: 3, s: new TextEncoder().encode('reflect') });
    expect(attribute('MaxPool', 'strides')).toMatchObject({ type: 7, ints: [1, 1] });
  });

  it('holds 64-bit integers, and each small constant once', () => {
    const x = input('x', [4, 2]);
    const rows = graph.integers([3, 1]);
    const { graph: written } = decoded({
      a: graph.reshape(graph.gather(x, rows, 0), [1, 4]),
      b: graph.reshape(graph.gather(graph.exp(x), rows, 0), [1, 4]),
    });
    const sizes = written.initializer.filter(({ data_type }) => data_type === 7);
    expect(sizes.map(({ raw_data }) => new BigInt64Array(raw_data.slice().buffer))).toEqual([
      BigInt64Array.of(3n, 1n),
      BigInt64Array.of(1n, 4n),
    ]);
  });

  it('lists inputs and outputs with their types, and no input that nothing needs', async () => {
    const indices = input('indices', [3], 'int64');
    const [x, unused] = [input('x', [4, 2]), input('unused', [2])];
    const outputs = {
      picked: graph.gather(x, indices, 0),
      zero: graph.gradients(graph.sum(x), [unused])[0]!,
    };
    const model = encodeOnnx(outputs);
    expect(model.inputs).toEqual({
      x: { shape: [4, 2], dtype: 'float32' },
      indices: { shape: [3], dtype: 'int64' },
    });
    expect(model.outputs).toEqual({
      picked: { shape: [3, 2], dtype: 'float32' },
      zero: { shape: [2], dtype: 'float32' },
    });
    const session = await InferenceSession.create(model.bytes);
    expect(session.inputNames).toEqual(['x', 'indices']);
    expect(session.outputNames).toEqual(['picked', 'zero']);
    await session.release();
  });

  it('owns its memory, so that it can be handed to another thread', () => {
    for (const size of [1, 100_000]) {
      const { bytes } = encodeOnnx({
        y: graph.multiply(input('x', [size]), graph.constant(new Float32Array(size).fill(2), [size])),
      });
      expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
      const copy = structuredClone(bytes, { transfer: [bytes.buffer] });
      expect(decode(copy).graph.output).toHaveLength(1);
    }
  });
});

describe('names that meet', () => {
  const x = input('x', [2]);
  const values = { x: Float32Array.of(1, -2) };
  const run = async (outputs: NamedTensors): Promise<Record<string, number[]>> =>
    Object.fromEntries(
      Object.entries(await valuesOfAll(outputs, values)).map(([name, data]) => [name, [...data]]),
    );

  it('one tensor under two output names', async () => {
    const y = graph.relu(x);
    expect(await run({ a: y, b: y, c: graph.relu(x) })).toEqual({ a: [1, 0], b: [1, 0], c: [1, 0] });
  });

  it('two labels for equal tensors', async () => {
    expect(await run({ a: graph.relu(x, 'p'), b: graph.relu(x, 'q') })).toEqual({ a: [1, 0], b: [1, 0] });
  });

  it('an output that is an input, or becomes one', async () => {
    expect(await run({ y: x, z: graph.named(graph.multiply(x, 1), 'z') })).toEqual({
      y: [1, -2],
      z: [1, -2],
    });
  });

  it('an output that is a constant, or becomes one', async () => {
    const folded = graph.add(graph.constant([1, 2], [2]), 3);
    expect(await run({ y: graph.scalar(5), z: folded, zz: folded })).toEqual({
      y: [5],
      z: [4, 5],
      zz: [4, 5],
    });
  });

  it('an output named as its own label, as another tensor’s, or as an operator', async () => {
    const relu = graph.relu(x, 'relu1_1');
    expect(await run({ relu1_1: relu, y: graph.negate(relu) })).toEqual({ relu1_1: [1, 0], y: [-1, -0] });
    expect(await run({ relu1_1: graph.negate(relu), y: relu })).toEqual({ relu1_1: [-1, -0], y: [1, 0] });
    expect(await run({ add: graph.exp(graph.add(graph.multiply(x, 0), 0)) })).toEqual({ add: [1, 1] });
  });

  it('an input named as an operator, a label, or as unnamed constants are', async () => {
    const inputs = ['exp', 'constant', 'relu1_1'].map((name) => input(name, []));
    const total = inputs
      .map((each) => graph.relu(graph.exp(each), 'relu1_1'))
      .reduce((a, b) => graph.add(a, b));
    const given = Object.fromEntries(inputs.map(({ label }) => [label!, Float32Array.of(0)]));
    expect(await valuesOfAll({ y: graph.multiply(total, 2.5) }, given)).toEqual({ y: Float32Array.of(7.5) });
  });

  it('many tensors of one label', async () => {
    const y = graph.relu(
      graph.named(graph.exp(graph.named(graph.tanh(graph.relu(x, 'same')), 'same')), 'same'),
    );
    const { graph: written } = decoded({ y });
    expect(new Set(names(written.node)).size).toBe(written.node.length);
    expect((await run({ y }))['y']![1]).toBe(1);
  });

  it('two inputs, or an input and an output, of one name are refused', () => {
    const refused = (message: RegExp, remedy: RegExp): unknown =>
      expect.objectContaining({
        name: 'StyleError',
        code: 'E_GRAPH',
        message: expect.stringMatching(message) as unknown,
        remedy: expect.stringMatching(remedy) as unknown,
      });
    expect(() => encodeOnnx({ y: graph.add(x, input('x', [2])) })).toThrow(
      refused(/Two inputs are named "x"/, /name of its own/) as Error,
    );
    for (const y of [graph.exp(x), x])
      expect(() => encodeOnnx({ x: y })).toThrow(
        refused(/output "x" has the name of an input/, /another name/) as Error,
      );
  });
});
