import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { encodeImage } from '../../src/images/codec.node.js';
import { createImage, type Image } from '../../src/images/image.js';
import { randomPicture } from '../methods/method-runs.js';

/** A picture whose values a PNG of 8 bits holds exactly. */
function roundPicture(width: number, height: number, seed: number): Image {
  const { rgb } = randomPicture(width, height, seed);
  return createImage(
    width,
    height,
    rgb.map((value) => Math.fround(Math.round(value * 255) / 255)),
  );
}

/** What calls are tried with, in memory and as files that are removed when the tests of a file are over. */
export interface CallPictures {
  readonly folder: string;
  readonly content: Image;
  readonly painting: Image;
  readonly photo: string;
  readonly painted: string;
}

/** Few steps at small sizes. */
export const few = {
  scales: [24, 32],
  iterations: [2, 2],
  styleLayers: ['relu1_1'],
  contentLayers: ['relu2_1'],
};

/** Makes a photograph and a painting. */
export async function makeCallPictures(): Promise<CallPictures> {
  const folder = await mkdtemp(join(tmpdir(), 'pastiche-function-'));
  afterAll(() => rm(folder, { recursive: true }));
  const [content, painting] = [roundPicture(40, 32, 1), roundPicture(36, 44, 2)];
  const [photo, painted] = [join(folder, 'photo.png'), join(folder, 'painting.png')];
  await writeFile(photo, await encodeImage(content, 'png'));
  await writeFile(painted, await encodeImage(painting, 'png'));
  return { folder, content, painting, photo, painted };
}
