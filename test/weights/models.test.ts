import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadNetwork } from '../../src/weights/load-network.node.js';
import { findModel, listModels, pullModel, verifyModel } from '../../src/weights/models.node.js';
import type { DownloadProgress } from '../../src/weights/models.js';
import { defaultNetworks, findModelRecord, modelRegistry } from '../../src/weights/registry.js';
import { file, FileServer } from './file-server.js';
import { asFile, ownTensors } from './narrow-vgg.js';

const network = asFile(ownTensors('vgg19'));
const names = 'pastiche-vgg, vgg19, vgg19-torchvision, vgg16, vgg19-16x';
let server: FileServer;
let root: string;
let environment: NodeJS.ProcessEnv;
beforeAll(async () => void (server = await FileServer.start()));
afterAll(() => server.close());
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'pastiche-names-'));
  environment = { PASTICHE_CACHE: join(root, 'cache'), PASTICHE_MODELS: join(root, 'own') };
  await mkdir(join(root, 'own'));
});
afterEach(() => rm(root, { recursive: true }));

const put = async (name: string, bytes: Uint8Array = network) => {
  await writeFile(join(root, 'own', name), bytes);
  return join(root, 'own', name);
};
const failure = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

describe('the networks that have names', () => {
  it('are listed with where they are', async () => {
    const path = await put('vgg16.safetensors');
    const models = await listModels(environment);
    expect(models.map(({ name }) => name).join(', ')).toBe(`${names}, magenta`);
    expect(models.find(({ name }) => name === 'vgg16')).toEqual({ ...findModelRecord('vgg16'), path });
    expect(models.find(({ name }) => name === 'vgg19')!.path).toBeUndefined();
    expect(models[0]!.path).toMatch(/pastiche-vgg\.safetensors$/);
  });

  it('are pulled into the cache and found there, or pulled into a folder', async () => {
    server.answerWith(file(network));
    const events: DownloadProgress['type'][] = [];
    const onProgress = ({ type }: DownloadProgress) => void events.push(type);
    const from = server.url();
    const pulled = await pullModel('vgg19-16x', { from, onProgress }, environment);
    const path = join(root, 'cache', 'models', 'vgg19-16x.safetensors');
    expect(pulled).toMatchObject({ path, size: network.length, present: false });
    expect(new Set(events)).toEqual(new Set(['bytes', 'verify']));
    expect(await findModel('vgg19-16x', environment)).toBe(path);
    expect(await pullModel('vgg19-16x', {}, environment).catch(({ code }) => code as string)).toBe(
      'E_DOWNLOAD',
    );

    const folder = join(root, 'elsewhere');
    expect(await pullModel('vgg19-16x', { from, folder }, environment)).toMatchObject({
      path: join(folder, 'vgg19-16x.safetensors'),
      sha256: pulled.sha256,
    });
  });

  it('are verified by name and by path, a published file also by its name', async () => {
    const path = await put('vgg19-16x.safetensors');
    const sound = { path, size: network.length, matches: [], network: { last: 'conv5_4' } };
    expect(await verifyModel('vgg19-16x', environment)).toMatchObject(sound);
    expect(await verifyModel(path, environment)).toMatchObject(sound);
    expect(await verifyModel('pastiche-vgg', environment)).toMatchObject({ matches: ['published'] });
    const published = await put(findModelRecord('vgg19')!.fileName);
    for (const nameOrPath of ['vgg19', published]) {
      expect(await failure(verifyModel(nameOrPath, environment))).toMatchObject({ code: 'E_DOWNLOAD_HASH' });
    }
  });

  it('are told where another is asked for', async () => {
    expect(await failure(pullModel('vgg20', {}, environment))).toMatchObject({
      name: 'StyleError',
      code: 'E_ARGUMENT',
      message: 'No model is named "vgg20".',
      remedy: `Known models: ${names}, magenta.`,
    });
    for (const find of [findModel, verifyModel, loadNetwork]) {
      const error = (await failure(find('vgg20', environment))) as Record<string, string>;
      expect(error).toMatchObject({ code: 'E_WEIGHTS_MISSING', option: 'network' });
      expect(error['message']).toContain('No network is named "vgg20"');
      expect(error['remedy']).toContain(`Known networks: ${names}; pullModel("vgg19") downloads one.`);
    }
  });
});

describe('loadNetwork', () => {
  it('takes the first of the default networks that is installed', async () => {
    const here = await loadNetwork(undefined, environment);
    expect(here.name).toBe(defaultNetworks[0]);
    expect(here.weights.source.name).toBe('pastiche-vgg.safetensors');
    expect(modelRegistry.map(({ name }) => name)).toEqual(expect.arrayContaining([...defaultNetworks]));
  });

  it('takes a name or a path', async () => {
    const path = await put('mine.safetensors', asFile(ownTensors('vgg16')));
    const mine = { weights: { architecture: 'vgg16', source: { name: 'mine.safetensors' } } };
    expect(await loadNetwork('mine', environment)).toMatchObject({ ...mine, name: 'mine' });
    expect(await loadNetwork(path, environment)).toMatchObject({ ...mine, name: 'mine.safetensors' });
  });

  it('says how to get a network that is not installed', async () => {
    expect(await failure(loadNetwork('vgg19', environment))).toMatchObject({
      code: 'E_WEIGHTS_MISSING',
      message: expect.stringContaining(`"${join(root, 'own')}", `) as string,
      remedy: expect.stringMatching(/^Download it with pullModel\("vgg19"\)\./) as string,
      option: 'network',
    });
  });
});
