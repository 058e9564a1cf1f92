import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeOnnx, input, subtract } from '../../src/graph/index.js';
import { encodeEnlargingModel } from '../../src/networks/enlarging-model.js';
import { loadEnlargingModel, loadModel } from '../../src/weights/load-model.node.js';
import { errorOf } from '../methods/method-runs.js';
import { toyEnlargingModel } from '../networks/toy-enlarging-model.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pastiche-models-'));
  const { bytes } = encodeOnnx({ y: subtract(1, input('x', [1, 3, 8, 8])) });
  await writeFile(join(folder, 'negative.onnx'), bytes);
});
afterAll(() => rm(folder, { recursive: true }));

describe('a model of somebody else', () => {
  it('is found by its path, and by its name in a folder of models', async () => {
    const byPath = await loadModel(join(folder, 'negative.onnx'));
    expect(byPath).toMatchObject({ name: 'negative', weights: { name: 'negative.onnx' } });
    const byName = await loadModel('negative', { PASTICHE_MODELS: folder });
    expect(byName.name).toBe('negative');
    await expect(loadModel('no-such-style', { PASTICHE_MODELS: folder })).rejects.toMatchObject({
      code: 'E_WEIGHTS_MISSING',
      remedy: expect.stringMatching(/\bnegative\b/) as unknown,
    });
  });

  it('that is cut off is refused by its name', async () => {
    const path = join(folder, 'half.onnx');
    await writeFile(path, new Uint8Array(50));
    await expect(loadModel(path)).rejects.toMatchObject({
      code: 'E_WEIGHTS_FORMAT',
      message: expect.stringMatching(/"half\.onnx"/) as unknown,
      option: 'model',
    });
  });
});

describe('a style that several models have', () => {
  it('is that of the one without weights to adjust; the other is asked for by its own name', async () => {
    const own = { PASTICHE_MODELS: '' };
    expect(await loadModel('wave', own)).toMatchObject({ name: 'styles, wave', weights: { knobs: [] } });
    const { name, weights } = await loadModel('adjustable', own);
    expect([name, 'knobs' in weights && weights.knobs.length]).toEqual(['adjustable', 6]);
  });
});

const place = await mkdtemp(join(tmpdir(), 'pastiche-models-'));
afterAll(() => rm(place, { recursive: true }));
const model = toyEnlargingModel();
await writeFile(join(place, 'large.onnx'), encodeEnlargingModel(model));
const environment = { PASTICHE_MODELS: place, PASTICHE_CACHE: place };

describe('a model that makes pictures larger', () => {
  it('is found by its name or its path', async () => {
    for (const name of ['large', join(place, 'large.onnx')])
      expect(await loadEnlargingModel(name, environment)).toEqual({ name: 'large', weights: model });
  });

  it('stands in no way of styles that are looked up in all models', async () => {
    expect(await errorOf(loadModel('no-such-style', environment))).toMatchObject({
      code: 'E_WEIGHTS_MISSING',
    });
  });

  it('is no model with styles', async () => {
    expect(await errorOf(loadModel('large', environment))).toMatchObject({ code: 'E_WEIGHTS_FORMAT' });
  });
});
