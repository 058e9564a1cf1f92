import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { encodeStyleDecoderModel } from '../../src/networks/style-decoder-model.js';
import { toyDecoderModel } from '../toy-any-style.js';
import { toyTensors } from '../toy-tensors.js';

let folder: Promise<string> | undefined;

/**
 * Writes the toy networks, once for a test file: the perceptual one under the first name that the preset `default` looks for, and that
 * for any painting.
 * @returns its folder, for PASTICHE_MODELS
 */
export function writeToyNetwork(): Promise<string> {
  folder ??= mkdtemp(join(tmpdir(), 'pastiche-toy-')).then(async (path) => {
    await writeFile(join(path, 'pastiche-vgg.safetensors'), encodeSafetensors(toyTensors()));
    await writeFile(join(path, 'any-style.onnx'), encodeStyleDecoderModel(toyDecoderModel()));
    return path;
  });
  return folder;
}

afterAll(async () => {
  if (folder !== undefined) await rm(await folder, { recursive: true, force: true });
});
