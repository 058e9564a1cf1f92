import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadMagenta } from '../../src/weights/load-magenta.node.js';
import { loadNetwork } from '../../src/weights/load-network.node.js';
import { findModel, listModels, verifyModel } from '../../src/weights/models.node.js';
import { goldenFolder } from '../golden-values.js';

let root: string;
let environment: NodeJS.ProcessEnv;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'pastiche-magenta-'));
  environment = { PASTICHE_CACHE: join(root, 'cache'), PASTICHE_MODELS: join(root, 'own') };
  await mkdir(join(root, 'own'));
  await mkdir(join(root, 'cache/models'), { recursive: true });
});
afterEach(() => rm(root, { recursive: true }));

/** Puts a toy where a file of Magenta's would be. */
const put = (toy: string, ...place: string[]): Promise<void> =>
  copyFile(join(goldenFolder, 'tflite', `${toy}.tflite`), join(root, ...place));
const failure = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);
const [predict, transfer] = ['style_predict_int8.tflite', 'style_transfer_f16.tflite'] as const;

describe('loadMagenta', () => {
  it('finds the two files in a folder', async () => {
    await put('prediction', 'own', predict);
    await put('transformer', 'own', transfer);
    expect(await loadMagenta(environment)).toMatchObject({ name: 'magenta', codeLength: 6 });
    expect(await findModel('magenta', environment)).toBe(join(root, 'own', predict));
    const listed = (await listModels(environment)).find(({ name }) => name === 'magenta');
    expect(listed!.path).toBe(join(root, 'own', predict));
  });

  it('takes them from one folder only', async () => {
    await put('prediction', 'own', predict);
    await put('transformer', 'cache/models', transfer);
    expect(await failure(loadMagenta(environment))).toMatchObject({
      name: 'StyleError',
      code: 'E_WEIGHTS_MISSING',
      option: 'model',
      message: expect.stringContaining('The network magenta is not installed; searched: ') as string,
      remedy: expect.stringMatching(
        /^Download it with pullModel\("magenta"\)\. .* put style_predict_int8\.tflite and style_transfer_f16\.tflite into/,
      ) as string,
    });
    await put('prediction', 'cache/models', predict);
    expect(await loadMagenta(environment)).toMatchObject({ codeLength: 6 });
  });

  it('refuses files that are others', async () => {
    await put('transformer', 'own', predict);
    await put('transformer', 'own', transfer);
    expect(await failure(loadMagenta(environment))).toMatchObject({
      code: 'E_WEIGHTS_CONTENT',
      message: expect.stringContaining(`"${predict}" is the transformer`) as string,
    });
  });
});

describe('the files of Magenta', () => {
  it('are verified both, and one by its path', async () => {
    await put('prediction', 'own', predict);
    await put('transformer', 'own', transfer);
    const path = join(root, 'own', predict);
    for (const nameOrPath of ['magenta', path, join(root, 'own', transfer)]) {
      expect(await failure(verifyModel(nameOrPath, environment))).toMatchObject({ code: 'E_DOWNLOAD_HASH' });
    }
    const elsewhere = join(root, 'mine.tflite');
    await put('transformer', 'mine.tflite');
    expect(await verifyModel(elsewhere, environment)).toMatchObject({
      matches: [],
      network: { architecture: 'magenta', part: 'transformer', text: "Magenta's transformer, 117 operators" },
    });
  });

  it('are no network to measure losses with', async () => {
    await put('prediction', 'own', predict);
    await put('transformer', 'own', transfer);
    expect(await failure(loadNetwork('magenta', environment))).toMatchObject({
      code: 'E_WEIGHTS_FORMAT',
      message: expect.stringContaining('is a TensorFlow Lite model') as string,
    });
  });
});
