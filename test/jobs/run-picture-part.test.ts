import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { parseSafetensors } from '../../src/formats/safetensors.js';
import { joinParts, runPicturePart } from '../../src/jobs/run-picture-part.node.js';
import { runFiles } from '../../src/jobs/run-files.node.js';
import { SharedPictures } from '../../src/jobs/shared-pictures.node.js';
import { apply } from '../../src/methods/apply/apply-method.js';
import { encodeStyleModel } from '../../src/networks/style-model.js';
import { replaceFile } from '../../src/replace-file.node.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { toyStyleModel } from '../toy-style-model.js';

const folder = await mkdtemp(join(tmpdir(), 'pastiche-parts-'));
const runtime = createNativeRuntime({ threads: 1 });
afterAll(async () => {
  await runtime.dispose();
  await rm(folder, { recursive: true });
});

describe('parts of a picture', () => {
  it('are those of the whole, with its transparency, mask and strength', async () => {
    const [picture, mask, network] = ['picture.png', 'mask.png', 'toy.onnx'].map((name) =>
      join(folder, name),
    );
    await replaceFile(network!, encodeStyleModel(toyStyleModel({ form: 'johnson' })));
    const [width, height] = [150, 131];
    const values = Uint8Array.from({ length: 4 * width * height }, (_, i) =>
      i % 4 === 3 ? 255 - (i % 97) : 128 + 100 * Math.sin((i % (4 * width)) / (9 + (i % 4)) + i / 9000),
    );
    await sharp(values, { raw: { width, height, channels: 4 } }).toFile(picture!);
    const marks = Uint8Array.from({ length: width * height }, (_, i) => (i % width > 40 ? 255 : 0));
    await sharp(marks, { raw: { width, height, channels: 1 } }).toFile(mask!);
    const request = {
      ...{ pictures: { picture, mask }, network, runtime },
      options: { tile: 64, strength: 0.8, feather: 9, preserveColors: 'luminance' },
    };
    const [whole, joined] = ['whole.png', 'joined.png'].map((name) => join(folder, name));
    await runFiles(apply, { ...request, output: whole });
    const keeper = new SharedPictures();
    // Johnson's form with one block has seven normalisations.
    const [rounds, count] = [7, 2];
    let before: string[] = [];
    for (let round = 0; round <= rounds; round++) {
      const files: string[] = [];
      for (let number = 1; number <= count; number++) {
        const output = join(folder, `${round}-${number}.safetensors`);
        const part = { number, count, round, rounds, before };
        await runPicturePart(apply, request, part, { output, suffix: '.png' }, keeper);
        files.push(output);
      }
      before = files;
    }
    // Nine tiles in two parts.
    const tiles = await Promise.all(
      before.map(async (path) => parseSafetensors(await readFile(path), path).tensors.size),
    );
    expect(tiles).toEqual([4, 5]);
    await joinParts(joined!, before);
    const [one, other] = await Promise.all([whole, joined].map((path) => sharp(path).raw().toBuffer()));
    expect(other!.length).toBe(4 * width * height);
    expect(one!.reduce((most, value, i) => Math.max(most, Math.abs(value - other![i]!)), 0)).toBeLessThan(2);
  });
});
