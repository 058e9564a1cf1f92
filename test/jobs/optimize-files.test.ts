import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OptimizationFileProgress } from '../../src/jobs/optimize-file.node.js';
import {
  reconstructAllFiles,
  reconstructCommand,
  reconstructFiles,
} from '../../src/jobs/reconstruct-files.node.js';
import { textureCommand, textureFiles, type TextureOrder } from '../../src/jobs/texture-files.node.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { readPixels, writePicture } from '../e2e/pictures.js';
import { writeToyNetwork } from '../e2e/toy-network.js';

let folder: string;
let sample: string;
let common: Pick<TextureOrder, 'network' | 'runtime'>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pastiche-optimize-'));
  sample = await writePicture(join(folder, 'sample.png'), 64, 48);
  const network = join(await writeToyNetwork(), 'pastiche-vgg.safetensors');
  common = { network, runtime: createNativeRuntime({ threads: 1 }) };
});
afterAll(() => rm(folder, { recursive: true }));

const options = { width: 48, height: 32, scales: [48], iterations: 4 };

describe('a texture file', () => {
  it('is written with its page and the pictures on the way', async () => {
    const [output, report] = [join(folder, 'out.png'), join(folder, 'out.html')];
    const events: OptimizationFileProgress[] = [];
    const result = await textureFiles({
      ...{ ...common, sample, output, report, options, saveEvery: 2 },
      onProgress: (event) => void events.push(event),
    });
    expect(result).toMatchObject({ output, width: 48, height: 32, stopped: 'finished', iterations: 4 });
    expect(await readPixels(output)).toMatchObject({ width: 48, height: 32, channels: 3 });
    expect(result!.intermediates).toEqual([join(folder, 'out-000002.png'), join(folder, 'out-000004.png')]);
    const page = await readFile(report, 'utf8');
    expect(page).toContain('Texture of sample.png');
    expect(page).toContain('Finished after 4 iterations');
    expect(page).toContain('--size 48x32 --scales 48 --iterations 4');
    expect(events[0]).toMatchObject({ type: 'picture', content: sample, count: 1 });
  });

  it('is the best so far when the work is stopped, and none before the first step', async () => {
    const output = join(folder, 'stopped.png');
    const stop = new AbortController();
    const result = await textureFiles({
      ...{ ...common, sample, output, options, signal: stop.signal },
      onProgress: (event) => event.type === 'iteration' && stop.abort(),
    });
    expect(result).toMatchObject({ stopped: 'cancelled', iterations: 1 });
    expect(await readdir(folder)).toContain('stopped.png');
    const none = join(folder, 'none.png');
    const report = join(folder, 'none.html');
    expect(
      await textureFiles({ ...common, sample, output: none, report, options, signal: stop.signal }),
    ).toBe(undefined);
    expect((await readdir(folder)).filter((name) => name.startsWith('none'))).toEqual([]);
  });

  it('that does not fit into memory is refused with a size that does', async () => {
    const order = {
      ...common,
      sample,
      output: join(folder, 'large.png'),
      options: { width: 4096, height: 2048 },
    };
    const error = await textureFiles({ ...order, memoryLimit: 400e6 }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'E_MEMORY' });
    const size = /--size (\d+)x(\d+), which fits/.exec((error as { remedy: string }).remedy)!;
    expect(Number(size[1])).toBe(2 * Number(size[2]));
  });

  it.each<[name: string, code: string, more: Partial<TextureOrder>]>([
    ['missing.png', 'E_INPUT_MISSING', {}],
    ['sample.png', 'E_ARGUMENT', { saveEvery: 0 }],
    ['sample.png', 'E_WEIGHTS_MISSING', { network: 'no-such-network' }],
  ])('from %s is %s', async (name, code, more) => {
    const order = {
      ...common,
      sample: join(folder, name),
      output: join(folder, 'bad.png'),
      options,
      ...more,
    };
    await expect(textureFiles(order)).rejects.toMatchObject({ code });
  });

  it('has a command line', () => {
    const order = {
      sample: '-a b.png',
      output: 'c.png',
      options: { tileable: true, projection: false, seed: 3 },
    };
    expect(textureCommand(order)).toBe(
      "pastiche texture './-a b.png' -o c.png --tileable --seed 3 --projection off",
    );
  });
});

describe('a reconstruction file', () => {
  it('is written', async () => {
    const output = join(folder, 'layer.png');
    const own = { layer: 'relu2_1', from: 'style', size: 32, iterations: 2 } as const;
    const result = await reconstructFiles({ ...common, picture: sample, output, options: own });
    expect(result).toMatchObject({ width: 32, height: 24, iterations: 2, losses: { content: 0 } });
    expect(reconstructCommand({ picture: 'a.png', output, options: own })).toContain(
      '--layer relu2_1 --from style --size 32',
    );
  });

  it('of all layers is one sheet', async () => {
    const output = join(folder, 'sheet.png');
    const turns: string[] = [];
    const result = await reconstructAllFiles({
      ...{ ...common, picture: sample, output, options: { size: 32, iterations: 1 } },
      onProgress: (event) => event.type === 'picture' && turns.push(event.content),
    });
    expect(turns).toHaveLength(10);
    expect(result!.reconstructions.map(({ from, layer }) => `${from} ${layer}`)).toEqual(turns);
    expect(turns.at(-2)).toBe('content relu5_1');
    const { width, height } = await readPixels(output);
    expect([width, height]).toEqual([result!.width, result!.height]);
    expect(width).toBeGreaterThan(6 * 32);
  });

  it('of all layers has those that are done when the work is stopped', async () => {
    const stop = new AbortController();
    const result = await reconstructAllFiles({
      ...{
        ...common,
        picture: sample,
        output: join(folder, 'part.png'),
        options: { size: 32, iterations: 1 },
      },
      signal: stop.signal,
      onProgress: (event) => event.type === 'picture' && event.index === 3 && stop.abort(),
    });
    expect(result).toMatchObject({ stopped: 'cancelled' });
    expect(result!.reconstructions).toHaveLength(3);
  });
});
