import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeEnlargingModel } from '../../src/networks/enlarging-model.js';
import { loadEnlargingModel, loadModel } from '../../src/weights/load-model.node.js';
import { errorOf } from '../methods/method-runs.js';
import { toyEnlargingModel } from '../networks/toy-enlarging-model.js';

const folder = await mkdtemp(join(tmpdir(), 'pastiche-models-'));
afterAll(() => rm(folder, { recursive: true }));
const model = toyEnlargingModel();
await writeFile(join(folder, 'large.onnx'), encodeEnlargingModel(model));
const environment = { PASTICHE_MODELS: folder, PASTICHE_CACHE: folder };

describe('a model that makes pictures larger', () => {
  it('is found by its name or its path', async () => {
    for (const name of ['large', join(folder, 'large.onnx')])
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
