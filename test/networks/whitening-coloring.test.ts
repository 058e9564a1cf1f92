import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { input } from '../../src/graph/index.js';
import {
  meansOfSums,
  productSums,
  secondMoments,
  whitenAndColor,
} from '../../src/networks/whitening-coloring.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { runOnce } from '../../src/runtime/runtime.js';
import { createRandom } from '../../src/random.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const channels = 4;
const [height, width] = [9, 11];
const size = height * width;

/** Channels that depend on each other, around means that are not 0. */
function correlated(seed: number): Float32Array {
  const random = createRandom(seed);
  // Far from dependent on each other: variances that are next to nothing are not made large.
  const mixing = Float64Array.from(
    { length: channels * channels },
    (_, i) => 0.4 * random.normal() + (i % (channels + 1) === 0 ? 2 : 0),
  );
  const means = Float64Array.from({ length: channels }, () => 3 * random.normal());
  const values = new Float32Array(channels * size);
  for (let i = 0; i < size; i += 1) {
    const drawn = Array.from({ length: channels }, () => random.normal());
    for (let c = 0; c < channels; c += 1)
      values[c * size + i] =
        means[c]! + drawn.reduce((sum, value, k) => sum + mixing[c * channels + k]! * value, 0);
  }
  return values;
}

/** Means and covariances in the plainest way. */
function statistics(map: Float32Array): { mean: number[]; covariance: number[] } {
  const row = (c: number): number[] => [...map.subarray(c * size, (c + 1) * size)];
  const average = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / size;
  const mean = Array.from({ length: channels }, (_, c) => average(row(c)));
  const covariance = mean.flatMap((a, i) =>
    mean.map((b, j) => {
      const other = row(j);
      return average(row(i).map((value, p) => (value - a) * (other[p]! - b)));
    }),
  );
  return { mean, covariance };
}

const mapOf = (name: string) => input(name, [1, channels, height, width]);

describe('whitening and colouring', () => {
  it('gives a map the mean and covariance of another', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), async (one, other) => {
        const [x, y] = [correlated(one), correlated(other + 1_000_003)];
        const colored = whitenAndColor(mapOf('x'), secondMoments(mapOf('y')));
        const { values } = await runOnce(runtime, { values: colored }, { x, y });
        const [found, wanted] = [statistics(values!), statistics(y)];
        const largest = Math.max(...wanted.covariance.map(Math.abs));
        found.mean.forEach((value, c) => expect(value).toBeCloseTo(wanted.mean[c]!, 3));
        found.covariance.forEach((value, i) =>
          expect(Math.abs(value - wanted.covariance[i]!)).toBeLessThan(0.02 * largest),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('changes nothing in a map that has them', async () => {
    const x = correlated(1);
    const map = mapOf('x');
    const colored = whitenAndColor(map, secondMoments(map));
    const { values } = await runOnce(runtime, { values: colored }, { x });
    expect(values!.every((value, i) => Math.abs(value - x[i]!) < 1e-2)).toBe(true);
  });

  it('makes a map of one value that of the wanted mean, and no noise of it', async () => {
    const x = new Float32Array(channels * size).fill(2);
    const y = correlated(4);
    const colored = whitenAndColor(mapOf('x'), secondMoments(mapOf('y')));
    const { values } = await runOnce(runtime, { values: colored }, { x, y });
    const { mean } = statistics(y);
    values!.forEach((value, i) => expect(Math.abs(value - mean[Math.floor(i / size)]!)).toBeLessThan(0.05));
  });

  it('takes the statistics of a part by sums over a mask', async () => {
    const x = correlated(5);
    const mask = Float32Array.from({ length: size }, (_, i) => (i % width < 6 ? 1 : 0));
    const masked = meansOfSums(productSums(mapOf('x'), input('mask', [1, 1, height, width])));
    const { values } = await runOnce(runtime, { values: masked }, { x, mask });
    const cut = Float32Array.from({ length: channels * height * 6 }, (_, i) => {
      const row = Math.floor(i / 6);
      return x[row * width + (i % 6)]!;
    });
    const part = secondMoments(input('part', [1, channels, height, 6]));
    const { values: expected } = await runOnce(runtime, { values: part }, { part: cut });
    expected!.forEach((value, i) => expect(values![i]).toBeCloseTo(value, 4));
  });
});
