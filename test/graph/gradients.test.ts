import { describe, expect, it } from 'vitest';
import * as graph from '../../src/graph/index.js';
import { gradients, input, multiply, sum, type Tensor } from '../../src/graph/index.js';
import { topologicalOrder } from '../../src/graph/traversal.js';
import { valuesOf } from '../graph-values.js';
import { cases } from './differentiable-cases.js';
import { forAll, type Draw } from './draw.js';
import { expectGradients } from './finite-differences.js';

const table = Object.entries(cases).flatMap(([operation, all]) =>
  all.map((build, i) => ({ name: all.length === 1 ? operation : `${operation} (${i + 1})`, build })),
);

describe('the gradient with respect to every input agrees with finite differences', () => {
  it.each(table)('$name', ({ build }) => forAll(25, (draw) => expectGradients(draw, build(draw))));
});

describe('the table of cases', () => {
  const notDifferentiable = [
    'argMax',
    'castToFloat',
    'equal',
    'greater',
    'heaviside',
    'less',
    'stopGradient',
    ...['constant', 'input', 'integers', 'named', 'scalar', 'zeros'],
    ...['encodeOnnx', 'estimateCost', 'formatShape', 'gradients', 'opsetVersion', 'simplify', 'sizeOf'],
  ];

  it('has every operation that the graph exports', () => {
    expect([...Object.keys(cases), ...notDifferentiable].sort()).toEqual(Object.keys(graph).sort());
  });

  it('has as its own operation every differentiable operator that some gradient is made of', async () => {
    const [checked, used] = [new Set<string>(), new Set<string>()];
    const collect = (into: Set<string>, tensors: readonly Tensor[]): void => {
      for (const { operator } of topologicalOrder(tensors))
        if (operator.gradient !== undefined) into.add(operator.name);
    };
    for (const { build } of table) {
      await forAll(10, (draw) => {
        const output = build(draw);
        collect(checked, [output]);
        collect(used, gradients(sum(output), draw.inputs));
        return Promise.resolve();
      });
    }
    expect([...used].filter((name) => !checked.has(name))).toEqual([]);
  });
});

describe('second derivatives', () => {
  /** The gradient of a curved function of the output, which is then differentiated in its turn. */
  const twice =
    (operation: keyof typeof cases, index = 0) =>
    (draw: Draw): Tensor => {
      const output = cases[operation][index]!(draw);
      const parts = gradients(sum(multiply(output, multiply(output, output))), draw.inputs);
      return parts.map((part) => sum(multiply(part, part))).reduce((total, part) => graph.add(total, part));
    };

  it.each([
    ...(['square', 'exp', 'sigmoid', 'tanh', 'divide', 'sqrt', 'log'] as const),
    ...(['convolution', 'matmul', 'maxPool', 'averagePool', 'relu', 'absolute', 'mean', 'max'] as const),
    ...(['instanceNormalization', 'channelMoments', 'resize', 'pad', 'gather', 'positions'] as const),
  ])('%s', (operation) => forAll(6, (draw) => expectGradients(draw, twice(operation)(draw))));

  it('of x^3 is 6x', async () => {
    const x = input('x', [3]);
    const [first] = gradients(sum(multiply(x, multiply(x, x))), [x]);
    const [second] = gradients(sum(first!), [x]);
    expect([...(await valuesOf(second!, { x: Float32Array.of(-1, 0, 2) }))]).toEqual([-6, 0, 12]);
  });
});

describe('gradients', () => {
  it('add up where a tensor is used more than once', () =>
    forAll(10, (draw) => {
      const x = draw.input([2, 3]);
      const shared = graph.tanh(x);
      const product = graph.matmul(shared, graph.transposeLast(x));
      return expectGradients(draw, graph.subtract(graph.multiply(shared, x), graph.mean(product)));
    }));

  it('are zeros for what the loss does not depend on', async () => {
    const [x, y] = [input('x', [2]), input('y', [2, 3])];
    const [dy, dx] = gradients(sum(x), [y, x]);
    expect(dy!.shape).toEqual([2, 3]);
    expect([...(await valuesOf(dy!))]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([...(await valuesOf(dx!, { x: Float32Array.of(1, 2) }))]).toEqual([1, 1]);
  });

  it('stop at stopGradient, comparisons and heaviside', async () => {
    const x = input('x', [2]);
    const chosen = graph.castToFloat(graph.greater(x, 0));
    const loss = sum(graph.add(multiply(x, graph.stopGradient(x)), graph.add(chosen, graph.heaviside(x, 0))));
    expect([...(await valuesOf(gradients(loss, [x])[0]!, { x: Float32Array.of(3, -2) }))]).toEqual([3, -2]);
  });

  it('reach weights, constants and what lies between', async () => {
    const x = input('x', [2]);
    const w = graph.constant([3, 4], [2]);
    const product = multiply(x, w);
    const loss = sum(graph.square(product));
    const [dw, dp, dl] = gradients(loss, [w, product, loss]);
    const values = { x: Float32Array.of(1, -2) };
    expect([...(await valuesOf(dp!, values))]).toEqual([6, -16]);
    expect([...(await valuesOf(dw!, values))]).toEqual([6, 32]);
    expect([...(await valuesOf(dl!, values))]).toEqual([1]);
  });

  it('take any tensor of one value for a loss, and refuse others', () => {
    expect(gradients(input('x', [1, 1]), [input('y', [2])])[0]!.shape).toEqual([2]);
    expect(() => gradients(input('x', [2, 3]), [])).toThrow(/gradient of a tensor of shape \[2, 3\]/);
  });
});

describe('where a function has a kink', () => {
  const derivative = async (build: (x: Tensor) => Tensor, at: number[]): Promise<number[]> => {
    const x = input('x', [at.length]);
    return [...(await valuesOf(gradients(sum(build(x)), [x])[0]!, { x: Float32Array.from(at) }))];
  };

  it('absolute has gradient 0 at 0', async () => {
    expect(await derivative(graph.absolute, [-2, 0, 3])).toEqual([-1, 0, 1]);
  });

  it('relu has gradient 0 at 0', async () => {
    expect(await derivative(graph.relu, [-1, 0, 1])).toEqual([0, 0, 1]);
  });

  it('clip passes the gradient on its border', async () => {
    expect(await derivative((x) => graph.clip(x, -1, 1), [-1.5, -1, 0, 1, 1.5])).toEqual([0, 1, 1, 1, 0]);
  });

  it('maximum and minimum give equal operands’ gradient to the first', async () => {
    const constant = graph.constant([1, 1, 1], [3]);
    expect(await derivative((x) => graph.maximum(x, constant), [0, 1, 2])).toEqual([0, 1, 1]);
    expect(await derivative((x) => graph.minimum(constant, x), [0, 1, 2])).toEqual([1, 0, 0]);
  });

  it('max shares the gradient among the largest', async () => {
    expect(await derivative((x) => graph.max(x), [2, 1, 2, 2])).toEqual(
      [1 / 3, 0, 1 / 3, 1 / 3].map(Math.fround),
    );
  });
});
