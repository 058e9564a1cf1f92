import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FilesRequest } from '../../src/jobs/files-request.js';
import { planFiles } from '../../src/jobs/plan-files.node.js';
import { createNativeRuntime, type NativeRuntime } from '../../src/runtime/native.node.js';
import { writePicture } from '../e2e/pictures.js';
import { writeToyNetwork } from '../e2e/toy-network.js';

let folder: string;
let runtime: NativeRuntime;
let request: FilesRequest;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pastiche-plan-'));
  runtime = createNativeRuntime({ threads: 1 });
  request = {
    pictures: {
      content: await writePicture(join(folder, 'photo.png'), 40, 32),
      styles: [await writePicture(join(folder, 'painting.png'), 50, 30, 1)],
    },
    output: join(folder, 'planned', 'out.png'),
    options: { scales: [32, 40], iterations: [3, 4] },
    network: join(await writeToyNetwork(), 'pastiche-vgg.safetensors'),
    runtime,
  };
});
afterAll(async () => {
  await runtime.dispose();
  await rm(folder, { recursive: true });
});

describe('a plan', () => {
  it('agrees with the work, and writes nothing', async () => {
    const plan = await planFiles('stylize', request);
    const [file] = plan.files;
    expect(file!.plan.scales).toMatchObject([
      { width: 32, height: 26, iterations: 3 },
      { width: 40, height: 32, iterations: 4 },
    ]);
    // And what it takes to get the two scales ready.
    expect(file!.seconds).toBeGreaterThan(file!.plan.operations / plan.operationsPerSecond!);
    expect(plan.operationsPerSecond).toBeGreaterThan(1e6);
    expect(plan).toMatchObject({ method: 'stylize', device: 'cpu', threads: 1, batch: false });
    expect((await readdir(folder)).sort()).toEqual(['painting.png', 'photo.png']);
  });

  it('of what does not fit has no time', async () => {
    const plan = await planFiles('stylize', { ...request, memoryLimit: 1e6 });
    expect(plan).toMatchObject({ availableBytes: 1e6, operationsPerSecond: undefined });
    expect(plan.files).toMatchObject([{ seconds: undefined }]);
  });

  it('of a method without steps has memory only', async () => {
    const { content, styles } = request.pictures;
    const plan = await planFiles('match-colors', {
      pictures: { picture: [content as string, styles![0]!], reference: styles![0]! },
      output: join(folder, 'planned'),
    });
    expect(plan).toMatchObject({ batch: true, network: undefined, operationsPerSecond: undefined });
    expect(plan.files).toMatchObject([
      { output: join(folder, 'planned', 'photo.png'), plan: { width: 40, height: 32, scales: [] } },
      { output: join(folder, 'planned', 'painting.png'), plan: { width: 50, height: 30, scales: [] } },
    ]);
    expect(await readdir(folder)).not.toContain('planned');
  });
});
