import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constant, gradients, input } from '../../src/graph/index.js';
import { histogramLoss } from '../../src/losses/histogram.js';
import type { LossReduction } from '../../src/losses/reduction.js';
import { matchRanks, RankTarget } from '../../src/ranks/rank-matching.js';
import { readGolden } from '../golden-values.js';
import { Draw } from '../graph/draw.js';
import { expectGradients } from '../graph/finite-differences.js';
import { valuesOf, valuesOfAll } from '../graph-values.js';

const reductions: LossReduction[] = ['sum', 'mean', 'relative'];

describe('the histogram loss', () => {
  it('is the golden one for golden activations', async () => {
    const golden = await readGolden('histogram.safetensors');
    const { values, shape } = golden('input');
    const target = RankTarget.of(golden('target').values, 4);
    const [activations, matched] = [input('activations', [1, ...shape]), input('matched', [1, ...shape])];
    const found = await valuesOf(histogramLoss(activations, matched, 'mean'), {
      activations: values,
      matched: target.match(values),
    });
    // The mean that the reference computed of its own matched values, in single precision.
    const reference = golden('matched').values.reduce((sum, value, i) => sum + (values[i]! - value) ** 2, 0);
    expect(found[0]).toBeCloseTo(reference / values.length, 5);
  });

  it.each(reductions)(
    'has the gradient of its formula with the target held constant: %s',
    async (reduction) => {
      const generate = fc.gen();
      await fc.assert(
        fc.asyncProperty(generate, async (g) => {
          const draw = new Draw(g);
          const shape = [1, draw.integer(1, 3), draw.integer(1, 4), draw.integer(1, 4)];
          const size = shape.reduce((product, length) => product * length);
          const matched = constant(draw.numbers(size, 0.5, 2), shape);
          await expectGradients(draw, histogramLoss(draw.input(shape), matched, reduction));
        }),
        { numRuns: 8 },
      );
    },
  );

  it('sends nothing into the remapped activations', async () => {
    const [x, matched] = [input('x', [1, 1, 1, 2]), input('matched', [1, 1, 1, 2])];
    const [gradient] = gradients(histogramLoss(x, matched, 'sum'), [x]);
    const found = await valuesOf(gradient!, { x: Float32Array.of(3, 1), matched: Float32Array.of(5, 2) });
    expect(found).toEqual(Float32Array.of(-4, -2));
  });

  it('changes as its gradient says although the remapping changes, too', async () => {
    const shape = [1, 2, 4, 5];
    const wave = (seed: number): Float32Array =>
      Float32Array.from({ length: 40 }, (_, i) => Math.sin((i + 1) * seed));
    const target = RankTarget.of(wave(2.3).map(Math.abs), 2);
    const ramp = Float32Array.from({ length: 40 }, (_, i) => i % 20);
    const [x, matched] = [input('x', shape), input('matched', shape)];
    const value = histogramLoss(x, matched, 'sum');
    const outputs = { value, gradient: gradients(value, [x])[0]! };
    const at = (values: Float32Array) => valuesOfAll(outputs, { x: values, matched: target.match(values) });
    // A walk on which values overtake each other: the gain of the whole is the sum of the slopes on the way.
    const [start, direction, steps] = [wave(1.7), wave(5.1), 100];
    const along = (part: number): Float32Array => start.map((v, i) => v + part * direction[i]!);
    let gain = 0;
    for (let step = 0; step < steps; step += 1) {
      const { gradient } = await at(along((step + 0.5) / steps));
      gain += gradient!.reduce((sum, v, i) => sum + v * direction[i]!, 0) / steps;
    }
    const order = (part: number): Float32Array =>
      matchRanks(along(part), ramp, 2).map((rank) => Math.round(rank));
    expect(order(0)).not.toEqual(order(1));
    const [first, last] = [await at(along(0)), await at(along(1))];
    expect(gain).toBeCloseTo(last['value']![0]! - first['value']![0]!, 1);
    expect(Math.abs(gain)).toBeGreaterThan(1);
  });

  it('is relative to the style: 0 for its histogram, 1 for nothing, the same at any size and unit', async () => {
    const style = Float32Array.from({ length: 60 }, (_, i) => Math.max(0, Math.sin(i * 0.7)));
    const relative = async (values: Float32Array, unit: number): Promise<number> => {
      const shape = [1, 1, values.length, 1];
      const scaled = (list: Float32Array): Float32Array => list.map((value) => unit * value);
      const found = histogramLoss(input('x', shape), input('matched', shape), 'relative');
      const matched = RankTarget.of(scaled(style), 1).match(scaled(values));
      return (await valuesOf(found, { x: scaled(values), matched }))[0]!;
    };
    expect(await relative(Float32Array.from(style).reverse(), 1)).toBe(0);
    expect(await relative(new Float32Array(17), 1)).toBeCloseTo(1, 6);
    const ramp = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => i / count);
    const once = await relative(ramp(600), 1);
    expect(once).toBeGreaterThan(0.01);
    expect(await relative(ramp(600), 40)).toBeCloseTo(once, 5);
    expect((await relative(ramp(2400), 1)) / once).toBeCloseTo(1, 1);
  });

  it('tells the maps apart that the Gram matrix can’t', async () => {
    const pair = { even: Float32Array.of(Math.SQRT1_2, Math.SQRT1_2), uneven: Float32Array.of(1, 0) };
    const energy = (values: Float32Array): number => values.reduce((sum, value) => sum + value ** 2, 0);
    expect(energy(pair.even)).toBeCloseTo(energy(pair.uneven), 6);
    const loss = histogramLoss(input('x', [1, 1, 1, 2]), input('matched', [1, 1, 1, 2]), 'relative');
    const matched = RankTarget.of(pair.uneven, 1).match(pair.even);
    const expected = (1 - Math.SQRT1_2) ** 2 + Math.SQRT1_2 ** 2;
    expect((await valuesOf(loss, { x: pair.even, matched }))[0]).toBeCloseTo(expected, 5);
  });
});
