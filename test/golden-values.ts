import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readVggWeights } from '../src/weights/vgg-files.js';
import { parseSafetensors } from '../src/formats/safetensors.js';
import type { VggWeights } from '../src/networks/vgg-weights.js';

/** The folder of golden values; as PASTICHE_MODELS it has the network `vgg19-16x`. */
export const goldenFolder = join(import.meta.dirname, 'golden');

/** File of the quarter-width VGG-19 that the golden values were computed with (its notice: golden/NOTICE.md). */
export const goldenNetworkFile = join(goldenFolder, 'vgg19-16x.safetensors');

/** A tensor of test/golden, which an independent implementation in PyTorch computed. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Reads a file of golden tensors; `golden('x')` is its tensor x. */
export async function readGolden(name: string): Promise<(tensor: string) => GoldenTensor> {
  const file = parseSafetensors(await readFile(join(goldenFolder, name)), name);
  return (tensor) => {
    const found = file.tensor(tensor);
    return { shape: found.shape, values: found.float32() };
  };
}

export async function readGoldenJson(name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(goldenFolder, name), 'utf8'));
}

/** The network of {@link goldenNetworkFile}. */
export async function readGoldenNetwork(): Promise<VggWeights> {
  return readVggWeights(await readFile(goldenNetworkFile), goldenNetworkFile);
}

/** The distance between two tensors, relative to the norm of the expected one. */
export function relativeDistance(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  let [difference, norm] = [0, 0];
  for (let i = 0; i < expected.length; i += 1) {
    difference += (found[i]! - expected[i]!) ** 2;
    norm += expected[i]! ** 2;
  }
  return Math.sqrt(difference / norm);
}
