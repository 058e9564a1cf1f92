import { afterAll, describe, expect, it } from 'vitest';
import { encodeNpy } from '../../../src/formats/npy.js';
import { createImage, type Image } from '../../../src/images/image.js';
import { resizeImage } from '../../../src/images/resize.js';
import { match, type MatchOptions } from '../../../src/methods/match/match-method.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { Grid } from '../../graph/grid.js';
import { estimateCost } from '../../../src/graph/index.js';
import { pictureOf } from '../../../src/methods/optimization/graph-inputs.js';
import { vggFeatures } from '../../../src/networks/vgg.js';
import { narrowVgg, referenceFeatures } from '../../networks/reference-vgg.js';
import { errorOf, planMethod, randomPicture, runMethod, thrownBy, type RunControl } from '../method-runs.js';
import { bruteForceMatch } from '../../patch-match/brute-force.js';
import type { FeatureMaps } from '../../../src/patch-match/feature-maps.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());
const weights = narrowVgg('vgg19');
const [picture, reference] = [randomPicture(22, 18, 1), randomPicture(20, 16, 2)];
const matched = (options: MatchOptions, of = picture, among = reference, control: RunControl = {}) =>
  runMethod(match, { runtime, weights }, { picture: of, reference: among }, options, control);

describe('match', () => {
  it.each<MatchOptions>([
    { layer: 'relu2_1' },
    { layer: 'relu2_1', patch: 5, stride: 2, pooling: 'average' },
  ])('finds what loops find: %j', async (options) => {
    const { patch = 3, stride = 1, pooling = 'max' } = options;
    const mapsOf = ({ width, height, rgb }: Image): FeatureMaps => {
      const features = referenceFeatures(new Grid([3, height, width], rgb), weights, pooling, 'zero');
      const { shape, data } = features['relu2_1']!;
      return { shape: [1, shape[0]!, shape[1]!, shape[2]!], values: Float32Array.from(data) };
    };
    const found = await matched(options);
    expect(found).toMatchObject({
      width: 11,
      height: 9,
      targetWidth: 10,
      targetHeight: 8,
      stopped: 'finished',
    });
    const expected = bruteForceMatch(mapsOf(picture), mapsOf(reference), patch, stride, { tie: 1e-6 });
    expect([...found.field]).toEqual(expected.flatMap(({ row, column }) => [row, column]));
    found.scores.forEach((score, i) => expect(score).toBeCloseTo(expected[i]!.score, 4));
  });

  it('rebuilds a picture from itself as it is', async () => {
    const { rebuilt, scores, fieldPicture, scorePicture } = await matched(
      { layer: 'relu1_2' },
      picture,
      picture,
    );
    rebuilt.rgb.forEach((value, i) => expect(value).toBeCloseTo(picture.rgb[i]!, 5));
    scores.forEach((score) => expect(score).toBeCloseTo(1, 5));
    for (const drawn of [fieldPicture, scorePicture]) {
      expect(drawn).toMatchObject({ width: 22, height: 18 });
      drawn.rgb.forEach((value) => expect(value).toBeCloseTo(1, 4));
    }
  });

  it('looks at large pictures made smaller, and rebuilds them at their own size', async () => {
    const large = resizeImage(picture, 88, 72);
    const found = await matched({ layer: 'relu2_1', size: 22 }, large);
    expect(found).toMatchObject({ width: 11, height: 9 });
    expect(found.rebuilt).toMatchObject({ width: 88, height: 72 });
    expect(planMethod(match, weights, { picture: large, reference }, { size: 22 })).toMatchObject({
      ...{ width: 88, height: 72, scales: [] },
    });
    const memory = (size: number) =>
      planMethod(match, weights, { picture: large, reference: large }, { size }).memoryBytes;
    expect(memory(88)).toBeGreaterThan(memory(32));
    const settings = match.resolve({});
    expect(match.resized!(settings, 32, { picture, reference })).toEqual({ ...settings, size: 32 });
  });

  it('looks for matches as it is told to, and finds the same by the same seed', async () => {
    const large = [randomPicture(80, 90, 3), randomPicture(84, 78, 4)] as const;
    const options = { layer: 'relu1_1', search: 'approximate' } as const;
    const exact = await matched({ layer: 'relu1_1' }, ...large);
    const near = await matched(options, ...large);
    expect(near.field).not.toEqual(exact.field);
    near.scores.forEach((score, i) => expect(score).toBeLessThan(exact.scores[i]! + 1e-5));
    const mean = ({ scores }: typeof near) => scores.reduce((sum, score) => sum + score, 0) / scores.length;
    expect(mean(near)).toBeGreaterThan(0.9 * mean(exact));
    expect((await matched({ ...options, seed: 0 }, ...large)).field).toEqual(near.field);
    expect((await matched({ ...options, seed: 1 }, ...large)).field).not.toEqual(near.field);
  });

  it('plans what the search takes', () => {
    const [first, second] = [resizeImage(picture, 300, 200), resizeImage(picture, 240, 280)];
    const plan = (options: MatchOptions) =>
      planMethod(match, weights, { picture: first, reference: second }, { layer: 'relu1_1', ...options });
    const graphs = [first, second].map((image) =>
      vggFeatures(pictureOf(image), weights, ['relu1_1'], { pooling: 'max' }),
    );
    const channels = graphs[0]!['relu1_1']!.shape[1]!;
    const features = graphs.reduce((sum, graph) => sum + estimateCost(graph).operations, 0);
    const exact = plan({});
    // Each product of two positions once.
    expect(exact.operations - features).toBe(2 * channels * (300 * 200) * (240 * 280));
    const near = plan({ search: 'approximate' });
    expect(near.operations - features).toBeGreaterThan(0);
    expect(near.operations).toBeLessThan(exact.operations / 100);
    for (const { memoryBytes } of [exact, near]) {
      expect(memoryBytes).toBeGreaterThan(plan({ size: 100 }).memoryBytes + 4 * channels * (300 * 200));
    }
  });

  it('tells how it was looked for', () => {
    const search = (options: MatchOptions) =>
      match
        .describe(match.resolve(options), { picture: ['a'], reference: ['b'] }, undefined as never)
        .facts.find(([name]) => name === 'Search');
    expect(search({})).toEqual(['Search', 'exact']);
    expect(search({ search: 'approximate', seed: 3 })).toEqual(['Search', 'approximate, seed 3']);
  });

  it('tells how far it is, and ends when it is told to', async () => {
    const parts: number[] = [];
    await matched({ layer: 'relu1_1' }, picture, reference, {
      onProgress: (event) => event.type === 'part' && parts.push(event.done),
    });
    expect(parts.at(-1)).toBe(1);
    expect(parts).toEqual([...parts].sort((a, b) => a - b));
    const cause = new Error('enough');
    const error = await errorOf(matched({}, picture, reference, { signal: AbortSignal.abort(cause) }));
    expect(error).toMatchObject({ name: 'AbortError', cause });
  });

  it('is written as numbers and pictures, and told in numbers', async () => {
    const found = await matched({ layer: 'relu2_1' });
    const { output } = match;
    if (output.kind !== 'folder') throw new Error('There is no folder.');
    const files = output.files(found);
    expect(Object.keys(files).sort()).toEqual([...output.names].sort());
    expect(files['correspondence.npy']).toEqual(encodeNpy(found.field, [9, 11, 2]));
    expect(files['scores.npy']).toEqual(encodeNpy(found.scores, [9, 11]));
    expect(files['rebuilt.png']).toBe(found.rebuilt);
    const used = new Set(
      Array.from({ length: 99 }, (_, i) => `${found.field[2 * i]} ${found.field[2 * i + 1]}`),
    );
    const record = match.record!(found) as { meanScore: number; coverage: number };
    expect(record).toMatchObject({ map: { width: 11, height: 9 }, referenceMap: { width: 10, height: 8 } });
    expect(record.coverage).toBeCloseTo(used.size / 80, 9);
    expect(record.meanScore).toBeCloseTo(found.scores.reduce((total, score) => total + score, 0) / 99, 6);
    expect(match.summarize!(found)[0]).toEqual(['patches', '11x9 among 10x8']);
  });

  it('refuses what it can not use', async () => {
    expect(thrownBy(() => match.resolve({ patch: 4 }))).toMatchObject({ code: 'E_ARGUMENT' });
    expect(thrownBy(() => match.resolve({ seed: 3 }))).toMatchObject({
      ...{ code: 'E_ARGUMENT', option: 'seed' },
      message: expect.stringContaining('seed is 3') as string,
    });
    expect(await errorOf(matched({ layer: 'relu9_1' }))).toMatchObject({ code: 'E_LAYER' });
    const tiny = createImage(3, 3, new Float32Array(27));
    expect(await errorOf(matched({}, tiny))).toMatchObject({ code: 'E_IMAGE_SIZE' });
  });
});
