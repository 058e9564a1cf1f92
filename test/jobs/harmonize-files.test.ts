import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  harmonizeCommand,
  harmonizeFiles,
  type HarmonizeOrder,
} from '../../src/jobs/harmonize-files.node.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { readPixels, writePicture } from '../e2e/pictures.js';
import { writeToyNetwork } from '../e2e/toy-network.js';

let folder: string;
let order: HarmonizeOrder;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pastiche-harmonize-'));
  const white = await sharp({ create: { width: 32, height: 32, channels: 3, background: '#fff' } })
    .png()
    .toBuffer();
  const mask = join(folder, 'mask.png');
  await sharp({ create: { width: 64, height: 48, channels: 3, background: '#000' } })
    .composite([{ input: white, left: 16, top: 8 }])
    .removeAlpha()
    .toFile(mask);
  order = {
    painting: await writePicture(join(folder, 'painting.png'), 64, 48),
    composite: await writePicture(join(folder, 'composite.png'), 64, 48, 3),
    mask,
    output: join(folder, 'out.png'),
    options: { iterations: [3, 2] },
    network: join(await writeToyNetwork(), 'pastiche-vgg.safetensors'),
    runtime: createNativeRuntime({ threads: 1 }),
  };
});
afterAll(async () => {
  await order.runtime!.dispose();
  await rm(folder, { recursive: true });
});

describe('a harmonised file', () => {
  it('is the painting outside of the mask, and has its page', async () => {
    const report = join(folder, 'out.html');
    const result = await harmonizeFiles({ ...order, report });
    expect(result).toMatchObject({ width: 64, height: 48, stopped: 'finished', iterations: 5 });
    const [made, painting, mask] = [
      await readPixels(order.output),
      await readPixels(order.painting),
      await readPixels(order.mask),
    ];
    const outside = mask.values.map((value) => (value === 0 ? 1 : 0));
    expect(made.values.filter((_, i) => outside[i] === 1)).toEqual(
      painting.values.filter((_, i) => outside[i] === 1),
    );
    expect(made.values).not.toEqual(painting.values);
    const page = await readFile(report, 'utf8');
    expect(page).toContain('composite.png harmonised');
    expect(page).toContain('--iterations 3,2');
  });

  it('is not written when the work is stopped before its first step', async () => {
    const output = join(folder, 'none.png');
    expect(await harmonizeFiles({ ...order, output, signal: AbortSignal.abort() })).toBe(undefined);
    expect(await readdir(folder)).not.toContain('none.png');
  });

  it('that does not fit into memory is refused', async () => {
    await expect(harmonizeFiles({ ...order, memoryLimit: 1e6 })).rejects.toMatchObject({ code: 'E_MEMORY' });
  });

  it('is refused with a mask that is not there, and nothing is written', async () => {
    const output = join(folder, 'refused.png');
    const wrong = { ...order, output, mask: join(folder, 'no-such.png') };
    await expect(harmonizeFiles(wrong)).rejects.toMatchObject({ code: 'E_INPUT_MISSING' });
    expect(await readdir(folder)).not.toContain('refused.png');
  });

  it('has a command line that makes it again', () => {
    expect(
      harmonizeCommand({
        ...{ painting: 'a.jpg', composite: '-b.png', mask: 'm.png', output: 'out.png', threads: 2 },
        options: { contentWeight: 0.2, coarseLayers: ['relu3_1', 'relu4_1:2'] },
      }),
    ).toBe(
      'pastiche harmonize a.jpg ./-b.png -o out.png --mask m.png --content-weight 0.2 ' +
        '--coarse-layers relu3_1,relu4_1:2 --threads 2',
    );
  });
});
