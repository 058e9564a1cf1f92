import { afterAll, describe, expect, it } from 'vitest';
import { encodeNpy } from '../../../src/formats/npy.js';
import { createImage, type Image } from '../../../src/images/image.js';
import { resizeImage } from '../../../src/images/resize.js';
import { match, type MatchOptions } from '../../../src/methods/match/match-method.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { Grid } from '../../graph/grid.js';
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
      ...{ width: 88, height: 72, scales: [], operations: 0 },
    });
    const memory = (size: number) =>
      planMethod(match, weights, { picture: large, reference: large }, { size }).memoryBytes;
    expect(memory(88)).toBeGreaterThan(memory(32));
    const settings = match.resolve({});
    expect(match.resized!(settings, 32, { picture, reference })).toEqual({ ...settings, size: 32 });
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
    expect(await errorOf(matched({ layer: 'relu9_1' }))).toMatchObject({ code: 'E_LAYER' });
    const tiny = createImage(3, 3, new Float32Array(27));
    expect(await errorOf(matched({}, tiny))).toMatchObject({ code: 'E_IMAGE_SIZE' });
  });
});
