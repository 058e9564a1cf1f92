import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { readVggWeights } from '../src/weights/vgg-files.js';
import { parseSafetensors } from '../src/formats/safetensors.js';
import type { VggWeights } from '../src/networks/vgg-weights.js';
import { shared } from './shared.js';

/** A tensor of test/golden, which an independent implementation in PyTorch computed. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Reads a file of golden tensors; `golden('x')` is its tensor x. */
export async function readGolden(name: string): Promise<(tensor: string) => GoldenTensor> {
  const file = parseSafetensors(await readFile(new URL(`golden/${name}`, import.meta.url)), name);
  return (tensor) => {
    const found = file.tensor(tensor);
    return { shape: found.shape, values: found.float32() };
  };
}

export async function readGoldenJson(name: string): Promise<unknown> {
  return JSON.parse(await readFile(new URL(`golden/${name}`, import.meta.url), 'utf8'));
}

/** The quarter-width VGG-19 that the golden values were computed with. */
export async function readGoldenNetwork(): Promise<VggWeights> {
  const path = shared('models/vgg19-16x.safetensors');
  return readVggWeights(await readFile(path), path);
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
