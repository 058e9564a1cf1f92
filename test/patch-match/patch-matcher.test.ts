import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { PatchMatcher, patchMatch } from '../../src/patch-match/patch-matcher.js';
import type { FeatureMaps } from '../../src/patch-match/feature-maps.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { readGolden } from '../golden-values.js';
import { bruteForceMatch } from './brute-force.js';
import { filled, randomMaps } from './maps.js';

const runtime = createNativeRuntime({ threads: 1 });
const matcher = new PatchMatcher(runtime);
afterAll(() => runtime.dispose());

async function expectAsBruteForce(
  a: FeatureMaps,
  b: FeatureMaps,
  patch: number,
  stride: number,
  tie?: number,
) {
  const found = await matcher.match(a, b, { patch, stride });
  const size = a.shape[2] * a.shape[3];
  for (let picture = 0; picture < a.shape[0]; picture += 1) {
    bruteForceMatch(a, b, patch, stride, { picture, ...(tie === undefined ? {} : { tie }) }).forEach(
      ({ row, column, score }, i) => {
        const at = picture * size + i;
        expect([...found.correspondence.subarray(2 * at, 2 * at + 2)]).toEqual([row, column]);
        expect(found.scores[at]).toBeCloseTo(score, 5);
      },
    );
  }
  return found;
}

describe('patchMatch', () => {
  it.each([
    [3, 1],
    [5, 2],
    [5, 1],
  ])('finds what the reference finds, patches of %i with stride %i', async (patch, stride) => {
    const golden = await readGolden('patch-match.safetensors');
    const map = (name: string): FeatureMaps => {
      const { shape, values } = golden(name);
      return { shape: [1, shape[0]!, shape[1]!, shape[2]!], values };
    };
    const found = await patchMatch(runtime, map('input'), map('target'), { patch, stride });
    const expected = (name: string) => golden(`patch${patch}.stride${stride}.${name}`);
    expect(found.matched).toEqual(expected('match').values);
    const scores = expected('score').values;
    found.scores.forEach((score, i) => expect(score).toBeCloseTo(scores[i]!, 6));
    expect([...found.correspondence]).toEqual([...expected('correspondence').values]);
  });

  it('finds what loops find, for any sizes, patches, strides and numbers of pictures', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.integer({ min: 0, max: 1e6 }),
          pictures: fc.integer({ min: 1, max: 2 }),
          shared: fc.boolean(),
          channels: fc.integer({ min: 2, max: 4 }),
          sides: fc.tuple(...new Array(4).fill(fc.integer({ min: 1, max: 7 }))),
          patch: fc.constantFrom(1, 3, 5, 7, 11, 99),
          stride: fc.integer({ min: 1, max: 4 }),
        }),
        async ({ seed, pictures, shared, channels, sides, patch, stride }) => {
          const [h1, w1, h2, w2] = sides as [number, number, number, number];
          const a = randomMaps([pictures, channels, h1, w1], seed);
          const b = randomMaps([shared ? 1 : pictures, channels, h2, w2], seed + 1);
          await expectAsBruteForce(a, b, patch, stride);
        },
      ),
      { numRuns: 40, seed: 5 },
    );
  });

  it('refuses patches whose comparison would take all memory, before it begins', async () => {
    const maps = randomMaps([1, 1, 60, 60], 1);
    await expect(patchMatch(runtime, maps, maps, { patch: 99 })).rejects.toMatchObject({
      code: 'E_MEMORY',
      message: expect.stringMatching(/patches of side 99 .* about \d\.\d GB/) as string,
    });
  });

  it('finds matches across the blocks that it works in', async () => {
    await expectAsBruteForce(randomMaps([1, 3, 24, 5], 1), randomMaps([1, 3, 4, 45], 2), 3, 1);
  });

  it('takes the first of equal patches, also across blocks and at borders', async () => {
    // A pattern that repeats every 5 columns; at the left border fewer taps count, and round otherwise.
    const pattern = randomMaps([1, 4, 3, 5], 3);
    const repeated = (width: number): FeatureMaps => ({
      shape: [1, 4, 3, width],
      values: Float32Array.from(
        { length: 12 * width },
        (_, i) => pattern.values[Math.floor(i / width) * 5 + ((i % width) % 5)]!,
      ),
    });
    await expectAsBruteForce(repeated(11), repeated(40), 3, 1, 1e-6);
    await expectAsBruteForce(filled([1, 3, 6, 6], 0.3), filled([1, 3, 24, 24], 0.7), 3, 1, 1e-6);
  });

  it('gives maps of zeros the score 0 and the first place', async () => {
    const maps = randomMaps([1, 3, 5, 5], 4);
    for (const [a, b] of [
      [filled([1, 3, 5, 5], 0), maps],
      [maps, filled([1, 3, 5, 5], 0)],
    ] as const) {
      const found = await expectAsBruteForce(a, b, 3, 1);
      expect([...found.scores]).toEqual(new Array(25).fill(0));
    }
  });

  it.each([1e-12, 1e-5, 1e15])('keeps its precision for values of about %f', async (scale) => {
    await expectAsBruteForce(randomMaps([1, 3, 5, 5], 6, scale), randomMaps([1, 3, 5, 5], 7), 3, 1);
  });

  it('finds each patch of a map in the map itself', async () => {
    const maps = randomMaps([1, 6, 9, 21], 8);
    const { correspondence, matched } = await matcher.match(maps, maps);
    expect([...correspondence]).toEqual(
      Array.from({ length: 189 }, (_, i) => [Math.floor(i / 21), i % 21]).flat(),
    );
    expect(matched).toEqual(maps.values);
  });

  it('tells how far it is and ends when asked to', async () => {
    const maps = randomMaps([1, 2, 4, 50], 9);
    const parts: number[] = [];
    await matcher.match(maps, maps, { onProgress: (done) => parts.push(done) });
    expect(parts).toEqual([...parts].sort((a, b) => a - b));
    expect(parts.at(-1)).toBe(1);
    const cause = new Error('enough');
    const signal = AbortSignal.abort(cause);
    await expect(matcher.match(maps, maps, { signal })).rejects.toMatchObject({ name: 'AbortError', cause });
  });

  it.each([
    ['channels that differ', [1, 3, 4, 4], [1, 2, 4, 4], {}, 'E_SHAPE', /3 channels .* 2/],
    ['numbers of pictures that differ', [3, 2, 4, 4], [2, 2, 4, 4], {}, 'E_SHAPE', /3 input maps .* 2/],
    ['an even patch', [1, 2, 4, 4], [1, 2, 4, 4], { patch: 4 }, 'E_ARGUMENT', /side 4/],
    ['a patch below 1', [1, 2, 4, 4], [1, 2, 4, 4], { patch: -1 }, 'E_ARGUMENT', /side -1/],
    ['a stride of 0', [1, 2, 4, 4], [1, 2, 4, 4], { stride: 0 }, 'E_ARGUMENT', /stride 0/],
    ['an empty map', [1, 2, 0, 4], [1, 2, 4, 4], {}, 'E_SHAPE', /\[1, 2, 0, 4\]/],
  ] as const)('refuses %s', async (_, a, b, options, code, message) => {
    await expect(matcher.match(randomMaps([...a], 1), randomMaps([...b], 2), options)).rejects.toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  it.each([NaN, Infinity])('refuses the value %f', async (value) => {
    const maps = randomMaps([1, 2, 4, 4], 1);
    const broken = { ...maps, values: maps.values.with(7, value) };
    await expect(matcher.match(maps, broken)).rejects.toThrow(
      expect.objectContaining({ code: 'E_NUMERIC', message: expect.stringMatching(/target map .* place 7/) }),
    );
  });
});
