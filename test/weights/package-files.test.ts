import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageFiles } from '../../src/weights/package-files.browser.js';

const models = join(import.meta.dirname, '../../models');

it('names every file of weights in the package by what it holds', async () => {
  const files = (await readdir(models)).filter((name) => /\.(onnx|safetensors)$/.test(name));
  expect(Object.keys(packageFiles).sort()).toEqual(files.sort());
  for (const file of files) {
    const hash = createHash('sha256').update(await readFile(join(models, file)));
    expect([file, packageFiles[file]!.sha256]).toEqual([file, hash.digest('hex')]);
  }
});
