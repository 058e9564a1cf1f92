import { describe, expect, it } from 'vitest';
import * as graph from '../../src/graph/index.js';
import { constant, input, simplify, type Tensor, type TensorData } from '../../src/graph/index.js';
import { topologicalOrder } from '../../src/graph/traversal.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { valuesOf, valuesOfAll } from '../graph-values.js';
import { cases } from './differentiable-cases.js';
import { forAll, type Draw } from './draw.js';

/** Names of the operators that the tensors are made of, inputs and constants left out, in order of the alphabet. */
function operators(...outputs: Tensor[]): string[] {
  const all = topologicalOrder(outputs).map(({ operator }) => operator.name);
  return all.filter((name) => name !== 'input' && name !== 'constant').sort();
}

const one = (tensor: Tensor): Tensor => simplify([tensor])[0]!;

describe('simplification', () => {
  const x = input('x', [2, 3]);
  const y = input('y', [2, 3]);

  it('makes equal subexpressions one, within and across outputs', () => {
    const outputs = simplify([graph.add(graph.exp(x), graph.exp(x)), graph.tanh(graph.exp(x)), graph.exp(y)]);
    expect(operators(...outputs)).toEqual(['add', 'exp', 'exp', 'tanh']);
  });

  it('tells apart what differs in attributes, inputs, values or shape only', () => {
    const different = [
      graph.sum(x, [0]),
      graph.sum(x, [1]),
      graph.sum(y, [0]),
      graph.sum(x, [0], true),
      graph.multiply(x, 2),
      graph.multiply(x, 3),
      graph.subtract(x, y),
      graph.subtract(y, x),
      graph.reshape(x, [3, 2]),
      graph.reshape(x, [6]),
    ];
    const simplified = simplify(different);
    expect(new Set(simplified).size).toBe(different.length);
  });

  it('makes constants of equal numbers one, small or the same array', () => {
    const numbers = new Float32Array(100).fill(2);
    const sums = [numbers, numbers].map((data) => graph.add(input('z', [100]), constant(data, [100])));
    const small = [1, 2].map(() => graph.divide(constant([4, 5, 6], [3]), input('w', [3])));
    const constants = topologicalOrder(simplify([...sums, ...small])).filter(
      ({ data }) => data !== undefined,
    );
    expect(constants).toHaveLength(2);
  });

  it('leaves out what the outputs do not need', async () => {
    const used = graph.exp(x);
    const unused = graph.gradients(graph.sum(graph.multiply(used, y)), [x, y])[1]!;
    expect(topologicalOrder(simplify([unused]))).not.toContain(y);
    expect(operators(...simplify([unused]))).toEqual(['exp']);
    expect(await valuesOf(unused, { x: new Float32Array(6) })).toEqual(new Float32Array(6).fill(1));
  });

  it.each<[string, Tensor, Tensor]>([
    ['x + 0', graph.add(x, 0), x],
    ['0 + x', graph.add(0, x), x],
    ['x - 0', graph.subtract(x, 0), x],
    ['x * 1', graph.multiply(x, 1), x],
    ['1 * x', graph.multiply(1, x), x],
    ['x / 1', graph.divide(x, constant([1], [1])), x],
    ['x + a constant of zeros', graph.add(x, graph.zeros([2, 3])), x],
    ['reshape to its own shape', graph.reshape(x, [2, 3]), x],
    ['reshape there and back', graph.reshape(graph.reshape(x, [6]), [2, 3]), x],
    ['transpose there and back', graph.transpose(graph.transpose(x, [1, 0]), [1, 0]), x],
    ['slice of everything', graph.slice(x, [0, 0], [2, 3]), x],
    ['pad by nothing', graph.pad(x, [0, 0], [0, 0]), x],
    ['concat of one', graph.concat([x], 1), x],
    ['expand to its own shape', graph.expand(x, [2, 3]), x],
    ['stopGradient', graph.stopGradient(x), x],
    ['all of them', graph.multiply(graph.reshape(graph.add(graph.stopGradient(x), 0), [2, 3]), 1), x],
  ])('%s is x', (_what, expression, expected) => {
    expect(one(expression)).toBe(expected);
  });

  it('keeps an operation that still gives the shape', () => {
    expect(one(graph.add(graph.scalar(0), graph.sum(x))).shape).toEqual([]);
    expect(one(graph.add(input('s', []), graph.zeros([2])))).toMatchObject({ shape: [2] });
    expect(
      one(graph.multiply(input('s', [1, 3]), constant(new Float32Array(6).fill(1), [2, 3]))),
    ).toMatchObject({ shape: [2, 3] });
  });

  it('multiplies numbers that scale the same tensor', () => {
    const scaled = one(graph.multiply(graph.multiply(3, graph.multiply(x, 2)), constant([0.5], [1, 1])));
    expect(operators(scaled)).toEqual(['multiply']);
    expect(scaled.inputs.find(({ data }) => data !== undefined)!.data).toEqual(Float32Array.of(3));
  });

  it('broadcasts instead of repeating: a mean’s gradient takes no memory of its own', () => {
    const [gradient] = graph.gradients(graph.mean(graph.square(x)), [x]);
    expect(operators(one(gradient!))).toEqual(['multiply']);
    expect(operators(one(graph.subtract(graph.expand(input('s', [3]), [2, 3]), y)))).toEqual(['subtract']);
    expect(operators(one(graph.subtract(y, graph.expand(input('s', [2, 1]), [2, 3]))))).toEqual(['subtract']);
  });

  it('turns transposes that move nothing into reshapes', () => {
    expect(operators(one(graph.transpose(input('m', [1, 4, 1, 5]), [1, 0, 3, 2])))).toEqual(['reshape']);
    expect(operators(one(graph.sum(input('m', [1, 4, 1]), [0, 2])))).toEqual(['reshape']);
  });

  it('keeps the label of what it rewrites, never that of an input', () => {
    const label = (tensor: Tensor): string | undefined => one(tensor).label;
    expect(label(graph.relu(x, 'relu1_1'))).toBe('relu1_1');
    expect(label(graph.named(graph.add(graph.expand(input('s', [3]), [2, 3]), y), 'shifted'))).toBe(
      'shifted',
    );
    expect(label(graph.named(graph.multiply(x, 1), 'same'))).toBe('x');
    const [tanh, exp] = simplify([
      graph.tanh(graph.exp(x)),
      graph.named(graph.multiply(graph.exp(x), 1), 'e'),
    ]);
    expect(tanh!.inputs[0]).toBe(exp);
  });

  it('makes two transposes one', () =>
    forAll(20, async (draw) => {
      const z = draw.input([2, 3, 4, 2].slice(0, draw.integer(3, 4)));
      const [first, second] = [draw.permutation(z.shape.length), draw.permutation(z.shape.length)];
      const twice = graph.transpose(graph.transpose(z, first), second);
      expect(operators(one(twice)).length).toBeLessThanOrEqual(1);
      expectClose(await valuesOf(twice, draw.values), plainly(twice, draw.values) as Float32Array);
    }));

  it('ends when outputs are equal under two labels, or one is an operand of another', () => {
    const [p, q, r] = simplify([
      graph.named(graph.exp(x), 'p'),
      graph.named(graph.exp(x), 'q'),
      graph.tanh(graph.named(graph.multiply(graph.exp(x), 1), 'r')),
    ]);
    expect(q).toBe(p);
    expect(r!.inputs[0]).toBe(p);
  });

  it('follows deep graphs without recursion', () => {
    let deep = x;
    for (let i = 0; i < 20_000; i += 1) deep = graph.sigmoid(deep);
    expect(operators(one(graph.add(deep, 0)))).toHaveLength(20_000);
  });
});

describe('constant folding', () => {
  it('turns and exchanges the weights of a convolution for its gradient, under the name of its layer', () => {
    const values = Float32Array.from({ length: 2 * 3 * 2 * 2 }, (_, i) => i);
    const w = constant(values, [2, 3, 2, 2], 'conv1_1.weight');
    const x = input('x', [1, 3, 5, 5]);
    const [gradient] = graph.gradients(graph.sum(graph.square(graph.convolution(x, w))), [x]);
    const folded = topologicalOrder([one(gradient!)]).filter(
      ({ data }) => data !== undefined && data.length === values.length,
    );
    const flipped = folded.find(({ data }) => data !== values)!;
    expect(flipped).toMatchObject({ shape: [3, 2, 2, 2], label: 'conv1_1.weight.folded' });
    // [out, in, y, x] at i = 12 out + 4 in + 2 y + x becomes [in, out, 1 - y, 1 - x].
    const expected = [0, 1, 2].flatMap((c) =>
      [0, 1].flatMap((k) => [3, 2, 1, 0].map((tap) => 12 * k + 4 * c + tap)),
    );
    expect([...flipped.data!].map(Number)).toEqual(expected);
  });

  it('does not write repetitions out', () => {
    const bytes = graph.encodeOnnx({ y: graph.expand(graph.scalar(3), [1000, 1000]) }).bytes.length;
    expect(bytes).toBeLessThan(10_000);
  });

  // The runtime computes the values with inputs, and simplification with constants in their place.
  const operations = Object.entries(cases).flatMap(([name, all]) =>
    all.map((build, i) => ({ name: `${name} ${i + 1}`, build })),
  );
  it.each(operations)('gives the values that the runtime gives: $name', ({ build }) =>
    forAll(6, async (draw) => {
      const output = build(draw);
      const [gradient] = graph.gradients(graph.sum(graph.square(output)), [draw.inputs[0]!]);
      const outputs = { output, gradient: gradient! };
      const live = await valuesOfAll(outputs, draw.values);
      const fixed = await valuesOfAll(frozen(draw, outputs));
      for (const name of ['output', 'gradient'] as const) expectClose(fixed[name]!, live[name]!);
    }),
  );
});

describe('simplified and plain expressions', () => {
  it('have the same values, for random chains of what simplification rewrites', () =>
    forAll(60, async (draw) => {
      const shape = draw.shape(1, 4, 3);
      let expression = draw.input(shape);
      for (let count = draw.integer(1, 8); count > 0; count -= 1) expression = extend(draw, expression);
      expectClose(await valuesOf(expression, draw.values), plainly(expression, draw.values) as Float32Array);
    }));
});

describe('the form for GPUs', () => {
  const runtime = createNativeRuntime({ threads: 1, keepMemory: false });

  it('has only operators that GPUs have, and the same values', () =>
    forAll(20, async (draw) => {
      const kernel = draw.integer(1, 3);
      const shape = [draw.integer(1, 2), 2, draw.integer(kernel, 7), draw.integer(kernel, 7)];
      // Whole numbers, of which many are equal.
      const x = draw.input(shape, draw.numbers(graph.sizeOf(shape), 0, 3).map(Math.round));
      const y = graph.maxPool(x, kernel);
      const g = draw.input(y.shape);
      const outputs = { y, dx: graph.gradients(graph.sum(graph.multiply(y, g)), [x])[0]! };
      const lowered = simplify(Object.values(outputs), 'gpu');
      expect(operators(...lowered)).not.toContain('maxUnpool');
      const program = await runtime.load(graph.encodeOnnx(outputs, {}, 'gpu'));
      const values = await program.run(draw.values);
      await program.dispose();
      expect(values).toEqual(await valuesOfAll(outputs, draw.values));
    }));
});

/** The same expressions with the inputs' values as constants. */
function frozen(draw: Draw, outputs: Record<string, Tensor>): Record<string, Tensor> {
  const made = new Map<Tensor, Tensor>();
  for (const tensor of topologicalOrder(Object.values(outputs))) {
    const values = tensor.label === undefined ? undefined : draw.values[tensor.label];
    const inputs = tensor.inputs.map((x) => made.get(x)!);
    made.set(tensor, draw.inputs.includes(tensor) ? constant(values!, tensor.shape) : { ...tensor, inputs });
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, made.get(tensor)!]));
}

/** One more operation of a random kind, often one that changes nothing. */
function extend(draw: Draw, x: Tensor): Tensor {
  const rank = x.shape.length;
  const kinds: (() => Tensor)[] = [
    () => graph.add(x, draw.pick([0, 1])),
    () => graph.add(graph.zeros(draw.boolean() ? x.shape : [1]), x),
    () => graph.subtract(x, draw.pick([0, 0.5])),
    () => graph.multiply(draw.pick([1, 2, -0.5]), x),
    () => graph.multiply(x, constant([draw.pick([1, 3])], new Array<number>(draw.integer(0, rank)).fill(1))),
    () =>
      graph.divide(x, constant(new Float32Array(x.shape.at(-1)!).fill(draw.pick([1, 4])), [x.shape.at(-1)!])),
    () => graph.reshape(x, draw.boolean() ? [-1] : [1, ...x.shape]),
    () => graph.transpose(x, draw.permutation(rank)),
    () =>
      graph.slice(
        x,
        x.shape.map(() => 0),
        x.shape.map((length) => draw.integer(1, length)),
      ),
    () => graph.reverse(x, draw.subset(rank, 1)),
    () => graph.stopGradient(x),
    () => graph.add(x, x),
    () => graph.multiply(graph.square(x), graph.sigmoid(x)),
  ];
  return draw.pick(kinds)();
}

/** Evaluates an expression as it stands, one operator after the other, by what constant folding is made of. */
function plainly(output: Tensor, inputs: Record<string, Float32Array>): TensorData {
  const values = new Map<Tensor, TensorData>();
  for (const tensor of topologicalOrder([output])) {
    const operands = tensor.inputs.map((x) => values.get(x)!);
    const given = tensor.data ?? (tensor.operator.name === 'input' ? inputs[tensor.label!] : undefined);
    const passed = tensor.operator.name === 'stopGradient' ? operands[0] : undefined;
    values.set(tensor, given ?? passed ?? tensor.operator.evaluate!(tensor, operands, tensor.attributes));
  }
  return values.get(output)!;
}

function expectClose(values: Float32Array, expected: Float32Array): void {
  expect(values.length).toBe(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  const worst = Math.max(0, ...expected.map((value, i) => Math.abs(value - values[i]!)));
  expect(worst, `${values.join()} instead of ${expected.join()}`).toBeLessThanOrEqual(1e-5 * scale);
}
