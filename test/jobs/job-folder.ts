import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { createNativeRuntime, type NativeRuntime } from '../../src/runtime/native.node.js';
import { writePicture } from '../e2e/pictures.js';
import { writeToyNetwork } from '../e2e/toy-network.js';

/** What jobs are tried with: removed when the tests of a file are over. */
export interface JobFolder {
  /** What every request has: a network and a runtime. */
  readonly common: { readonly network: string; readonly runtime: NativeRuntime };
  readonly photo: string;
  readonly painting: string;
  at(...names: string[]): string;
  /** A folder for the outputs of a test. */
  outputFolder(name: string): Promise<(file: string) => string>;
}

/** Makes a folder with a photograph and a painting. */
export async function makeJobFolder(): Promise<JobFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'pastiche-jobs-'));
  const runtime = createNativeRuntime({ threads: 1 });
  afterAll(async () => {
    await runtime.dispose();
    await rm(folder, { recursive: true });
  });
  const at = (...names: string[]): string => join(folder, ...names);
  return {
    common: { network: join(await writeToyNetwork(), 'pastiche-vgg.safetensors'), runtime },
    photo: await writePicture(at('photo.png'), 40, 32),
    painting: await writePicture(at('painting.png'), 50, 30, 1),
    at,
    async outputFolder(name) {
      await mkdir(at(name));
      return (file) => at(name, file);
    },
  };
}
