import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { NearestPositions, type PositionVectors } from '../../src/patch-match/nearest-positions.js';
import { createRandom } from '../../src/random.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

function vectors(channels: number, count: number, seed: number): PositionVectors {
  const random = createRandom(seed);
  // Whole numbers: products are exact, and equal ones are equal.
  const values = Float32Array.from({ length: channels * count }, () => Math.round(3 * random.normal()));
  return { channels, count, values };
}

function bruteForce(queries: PositionVectors, candidates: PositionVectors): number[] {
  return Array.from({ length: queries.count }, (_, q) => {
    const scores = Array.from({ length: candidates.count }, (__, k) => {
      let sum = 0;
      for (let c = 0; c < queries.channels; c += 1) {
        sum += queries.values[c * queries.count + q]! * candidates.values[c * candidates.count + k]!;
      }
      return sum;
    });
    return scores.indexOf(Math.max(...scores));
  });
}

it('finds what comparing every pair finds, of equal ones the first', async () => {
  const search = new NearestPositions(runtime);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 0, max: 1000 }),
      async (channels, queries, candidates, seed) => {
        const [a, b] = [vectors(channels, queries, seed), vectors(channels, candidates, seed + 1)];
        expect([...(await search.find(a, b))]).toEqual(bruteForce(a, b));
      },
    ),
    { numRuns: 25 },
  );
  await search.dispose();
});

it('finds across tiles, whose last one overlaps the one before', async () => {
  const search = new NearestPositions(runtime);
  const [a, b] = [vectors(3, 1030, 1), vectors(3, 2100, 2)];
  expect([...(await search.find(a, b))]).toEqual(bruteForce(a, b));
  await search.dispose();
});

it('ends when it is aborted', async () => {
  const search = new NearestPositions(runtime);
  const signal = AbortSignal.abort();
  await expect(search.find(vectors(2, 4, 1), vectors(2, 4, 2), signal)).rejects.toThrow(/abort/i);
  await search.dispose();
});
