import { describe, expect, it } from 'vitest';
import * as graph from '../../src/graph/index.js';
import { constant, estimateCost, gradients, input, sum } from '../../src/graph/index.js';

const x = input('x', [1000]);
const bytes = 4000;

describe('the estimated operations', () => {
  it('are two for each product in a convolution, forwards and backwards', () => {
    const picture = input('picture', [2, 6, 9, 8]);
    const weights = constant(new Float32Array(4 * 3 * 3 * 2), [4, 3, 3, 2]);
    // Rows: (9 + 1 + 1 - 3) / 2 + 1 = 5; columns: (8 + 1 + 1 - 2) / 2 + 1 = 5.
    const y = graph.convolution(picture, weights, { stride: 2, padding: 1, groups: 2 });
    const products = 2 * 4 * 5 * 5 * (3 * 3 * 2);
    expect(estimateCost({ y }).operations).toBe(2 * products);
    const [gradient] = gradients(sum(graph.multiply(y, input('g', y.shape))), [picture]);
    expect(estimateCost({ gradient: gradient! }).operations).toBe(2 * products);
  });

  it('are two for each product in a matrix product, transposed or not', () => {
    const [a, b] = [input('a', [7, 5, 3]), input('b', [5, 4])];
    expect(estimateCost({ y: graph.matmul(a, b, { transposeA: true }) }).operations).toBe(2 * 7 * 3 * 5 * 4);
  });

  it('count what is shared once, and a scaled map by its values', () => {
    const [a, b] = [input('a', [8, 8]), input('b', [8, 8])];
    const twice = { p: graph.matmul(a, b), q: graph.exp(graph.matmul(a, b)) };
    expect(estimateCost(twice).operations).toBe(2 * 8 * 8 * 8);
    expect(estimateCost({ y: graph.scaleMap(input('m', [1, 2, 3, 4]), 2) }).operations).toBe(24);
  });
});

describe('the estimated memory', () => {
  const peak = (outputs: Record<string, graph.Tensor>): number => estimateCost(outputs).peakBytes;

  it('is that of operand and result, since what is used up goes', () => {
    expect(peak({ y: graph.exp(x) })).toBe(2 * bytes);
    expect(peak({ y: graph.exp(graph.tanh(graph.exp(x))) })).toBe(2 * bytes);
  });

  it('grows with what is needed later, and with every output', () => {
    const first = graph.exp(x);
    expect(peak({ y: graph.add(graph.tanh(graph.sigmoid(first)), first) })).toBe(3 * bytes);
    expect(peak({ first, second: graph.tanh(first), third: graph.sigmoid(first) })).toBe(3 * bytes);
  });

  it('leaves out what is written in place, and what only looks at its operand', () => {
    expect(peak({ y: graph.relu(x) })).toBe(bytes);
    expect(peak({ y: graph.reshape(graph.exp(graph.reshape(x, [10, 100])), [20, 50]) })).toBe(2 * bytes);
    expect(peak({ kept: graph.exp(x), y: graph.relu(x) })).toBe(2 * bytes);
    // The other way round, the operand is still needed.
    expect(peak({ y: graph.relu(x), kept: graph.exp(x) })).toBe(3 * bytes);
  });

  it('knows the size of truth values', () => {
    expect(peak({ y: graph.castToFloat(graph.greater(x, 0)) })).toBe(bytes + 1000);
  });

  it('tells constants apart, each counted once', () => {
    const scale = constant(
      Float32Array.from({ length: 1000 }, (_, i) => i),
      [1000],
    );
    const cost = estimateCost({ a: graph.multiply(x, scale), b: graph.subtract(scale, x) });
    expect(cost).toEqual({ operations: 0, peakBytes: 2 * bytes, constantBytes: bytes });
  });
});
