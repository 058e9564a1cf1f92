import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  cacheFolder,
  findModel,
  findModelByName,
  loadVggWeights,
  modelFolders,
} from '../../src/weights/model-files.node.js';
import { findModelRecord, modelRegistry } from '../../src/weights/registry.js';
import { readingError } from '../../src/weights/weights-file.node.js';
import { goldenFolder } from '../golden-values.js';
import { withoutModes } from '../platform.js';
import { asFile, ownTensors } from './narrow-vgg.js';

let root: string;
let environment: NodeJS.ProcessEnv;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'pastiche-models-'));
  environment = {
    PASTICHE_CACHE: join(root, 'cache'),
    PASTICHE_MODELS: ['a', 'b'].map((name) => join(root, name)).join(delimiter),
  };
  for (const folder of ['a', 'b', 'cache/models']) await mkdir(join(root, folder), { recursive: true });
});
afterEach(() => rm(root, { recursive: true }));

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => 'it was found',
    (error: unknown) => error,
  );

describe('where models are looked up', () => {
  it('is PASTICHE_MODELS, then the package, then the cache', () => {
    const folders = modelFolders(environment);
    expect(folders).toHaveLength(4);
    expect(folders.slice(0, 2)).toEqual([join(root, 'a'), join(root, 'b')]);
    expect(folders[2]).toMatch(/[\\/]models$/);
    expect(folders[3]).toBe(join(root, 'cache', 'models'));
    expect(modelFolders({ PASTICHE_MODELS: '' })).toHaveLength(2);
    expect(cacheFolder({})).toMatch(/pastiche.*models$/);
  });

  it('takes the first folder that has NAME.safetensors or the published file name', async () => {
    expect(await findModelByName('vgg19', environment)).toBeUndefined();
    const cached = join(root, 'cache', 'models', 'vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5');
    await writeFile(cached, '');
    expect(await findModel('vgg19', environment)).toBe(cached);
    await writeFile(join(root, 'b', 'vgg19.safetensors'), '');
    expect(await findModel('vgg19', environment)).toBe(join(root, 'b', 'vgg19.safetensors'));
    await mkdir(join(root, 'a', 'vgg19.safetensors'));
    expect(await findModel('vgg19', environment)).toBe(join(root, 'b', 'vgg19.safetensors'));
  });

  it('knows names that no registry has', async () => {
    await writeFile(join(root, 'a', 'mine.safetensors'), asFile(ownTensors('vgg16')));
    const weights = await loadVggWeights('mine', environment);
    expect(weights).toMatchObject({ architecture: 'vgg16', source: { name: 'mine.safetensors' } });
  });

  it('leaves paths alone', async () => {
    for (const path of ['./vgg19', 'folder/vgg19', 'C:\\vgg19', 'vgg19.h5', 'net.safetensors', '/vgg19']) {
      expect(await findModel(path, environment)).toBe(path);
    }
  });
});

describe('a model that is not there', () => {
  it('is got by a command that the error tells, with the folders searched', async () => {
    const error = await failure(loadVggWeights('vgg19', environment));
    expect(error).toMatchObject({ name: 'StyleError', code: 'E_WEIGHTS_MISSING', option: 'network' });
    const { message, remedy } = error as { message: string; remedy: string };
    for (const folder of modelFolders(environment)) expect(message).toContain(`"${folder}"`);
    expect(remedy).toContain('Download it with pullModel("vgg19").');
    expect(remedy).toContain(
      'put vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5 into a folder and set PASTICHE_MODELS',
    );
  });

  it('may have no address to be got from, or be unknown', async () => {
    expect(await failure(findModel('vgg19-16x', environment))).toMatchObject({
      code: 'E_WEIGHTS_MISSING',
      remedy: expect.stringContaining('Put vgg19-16x.safetensors into a folder') as string,
    });
    expect(await failure(findModel('vgg20', environment))).toMatchObject({
      code: 'E_WEIGHTS_MISSING',
      message: expect.stringContaining('No network is named "vgg20"') as string,
      remedy: expect.stringContaining(
        'Known networks: pastiche-vgg, vgg19, vgg19-torchvision, vgg16, vgg19-16x',
      ) as string,
    });
  });

  it('is a missing file, a folder, or a file that may not be read', async () => {
    expect(await failure(loadVggWeights(join(root, 'no.h5'), environment))).toMatchObject({
      code: 'E_INPUT_MISSING',
      message: `There is no weights file "${join(root, 'no.h5')}".`,
    });
    expect(await failure(loadVggWeights(join(root, 'a'), environment))).toMatchObject({
      code: 'E_INPUT_KIND',
    });
    expect(await failure(loadVggWeights(join(root, 'a', 'x'.repeat(300)), environment))).toMatchObject({
      code: 'E_INPUT_MISSING',
    });
    const secret = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    expect(readingError('secret.h5', secret)).toMatchObject({
      code: 'E_INPUT_PERMISSION',
      message: 'The weights file "secret.h5" can\'t be read: EACCES: permission denied.',
    });
  });

  it.skipIf(withoutModes)('may be one that only an administrator may read', async () => {
    // An administrator may read everything, so that only others meet the error itself.
    const locked = join(root, 'locked.safetensors');
    await writeFile(locked, asFile(ownTensors('vgg16')));
    await chmod(locked, 0o000);
    const outcome = await loadVggWeights(locked, environment).then(
      ({ architecture }) => architecture,
      (error: { code: string }) => error.code,
    );
    expect(outcome).toBe(process.getuid?.() === 0 ? 'vgg16' : 'E_INPUT_PERMISSION');
  });

  it('is a file that is no network', async () => {
    const path = join(root, 'photo.safetensors');
    await writeFile(path, 'not weights at all');
    expect(await failure(loadVggWeights(path, environment))).toMatchObject({
      code: 'E_WEIGHTS_FORMAT',
      message: expect.stringContaining('photo.safetensors') as string,
    });
  });
});

describe('the registry', () => {
  it('has what a person needs to know of every model', () => {
    for (const record of modelRegistry) {
      expect(findModelRecord(record.name)).toBe(record);
      expect(record.licence).not.toBe('');
      expect(record.size).toBeGreaterThan(1e6);
      if (record.source.kind !== 'none') expect(new URL(record.source.url).protocol).toBe('https:');
      if (record.hash) expect(record.hash.digest).toMatch(/^[0-9a-f]+$/);
    }
    expect(findModelRecord('vgg19')!.hash!.digest).toBe('253f8cb515780f3b799900260a226db6');
    expect(findModelRecord('nothing')).toBeUndefined();
  });

  it('has sizes that fit the networks: four bytes for each number of their convolutions', () => {
    const blocks = (counts: number[]) => {
      let inputs = 3;
      let numbers = 0;
      counts.forEach((count, block) => {
        const outputs = [64, 128, 256, 512, 512][block]!;
        for (let at = 0; at < count; at++) {
          numbers += outputs * inputs * 9 + outputs;
          inputs = outputs;
        }
      });
      return numbers * 4;
    };
    for (const [name, counts] of [
      ['vgg19', [2, 2, 4, 4, 4]],
      ['vgg19-torchvision', [2, 2, 4, 4, 4]],
      ['vgg16', [2, 2, 3, 3, 3]],
    ] as const) {
      const { size } = findModelRecord(name)!;
      expect(size).toBeGreaterThan(blocks([...counts]));
      expect(size).toBeLessThan(blocks([...counts]) + 50_000);
    }
  });
});

describe('the quarter-width network', () => {
  it('is found by its name in PASTICHE_MODELS', async () => {
    const weights = await loadVggWeights('vgg19-16x', { PASTICHE_MODELS: goldenFolder });
    expect(weights.source).toEqual({ name: 'vgg19-16x.safetensors', format: 'Pastiche safetensors' });
  });
});
