import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluateFiles } from '../../src/jobs/evaluate-files.node.js';
import { planFiles } from '../../src/jobs/plan-files.node.js';
import { stylizeFiles } from '../../src/jobs/stylize-files.node.js';
import type { StylizeFilesProgress, StylizeOrder } from '../../src/jobs/stylize-order.js';
import { decodeState } from '../../src/methods/stylize/saved-state.js';
import { createNativeRuntime, type NativeRuntime } from '../../src/runtime/native.node.js';
import { writePicture } from '../e2e/pictures.js';
import { writeToyNetwork } from '../e2e/toy-network.js';

let folder: string;
let runtime: NativeRuntime;
let order: StylizeOrder;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pastiche-jobs-'));
  runtime = createNativeRuntime({ threads: 1 });
  order = {
    content: await writePicture(join(folder, 'photo.png'), 40, 32),
    styles: [await writePicture(join(folder, 'painting.png'), 50, 30, 1)],
    output: join(folder, 'out.png'),
    options: { scales: [32, 40], iterations: [3, 4] },
    network: join(await writeToyNetwork(), 'pastiche-vgg.safetensors'),
    runtime,
  };
});
afterAll(async () => {
  await runtime.dispose();
  await rm(folder, { recursive: true });
});

describe('stylizeFiles', () => {
  it('tells what happens in its order, and leaves the runtime that it was lent', async () => {
    const events: StylizeFilesProgress[] = [];
    const result = await stylizeFiles({ ...order, saveEvery: 4, onProgress: (event) => events.push(event) });
    const names = events.map((event) =>
      event.type === 'stage' ? event.stage : event.type === 'saved' ? event.kind : event.type,
    );
    const saved = ['intermediate', 'state'];
    expect(names.filter((name) => !saved.includes(name))).toEqual([
      ...['picture', 'targets', 'compile', 'optimize', 'iteration', 'iteration', 'iteration'],
      ...['targets', 'compile', 'optimize', 'iteration', 'iteration', 'iteration', 'iteration'],
    ]);
    expect(names.filter((name) => saved.includes(name))).toEqual(saved);
    expect(events[0]).toMatchObject({ type: 'picture', index: 0, count: 1, output: order.output });
    expect(result).toMatchObject({
      ...{
        batch: false,
        failures: [],
        left: [],
        network: 'pastiche-vgg.safetensors',
        device: 'cpu',
        threads: 1,
      },
      pictures: [{ iterations: 7, width: 40, height: 32, stopped: 'finished', state: undefined }],
    });
    expect(result.pictures[0]!.curve).toHaveLength(7);
    expect((await readdir(folder)).sort()).toEqual([
      'out-000004.png',
      'out.png',
      'painting.png',
      'photo.png',
    ]);
    await evaluateFiles({
      ...order,
      picture: order.output,
      content: order.content as string,
      style: order.styles[0]!,
    });
  });

  it('saves picture and state when it is stopped, and the page says so', async () => {
    const controller = new AbortController();
    const report = join(folder, 'page.html');
    const result = await stylizeFiles({
      ...order,
      report,
      output: join(folder, 'stopped.png'),
      signal: controller.signal,
      onProgress: (event) => {
        if (event.type === 'iteration' && event.iteration === 5) controller.abort();
      },
    });
    const state = join(folder, 'stopped.state.safetensors');
    expect(result.pictures).toMatchObject([{ stopped: 'cancelled', iterations: 5, state }]);
    expect(decodeState(await readFile(state), state)).toMatchObject({ scale: 1, step: 2 });
    const page = await readFile(report, 'utf8');
    expect(page).toContain('<strong>Stopped</strong> after 5 of 7 iterations');
    expect(page).not.toContain('http-equiv="refresh"');
    const resumed = await stylizeFiles({ ...order, output: join(folder, 'stopped.png'), resume: state });
    expect(resumed.pictures).toMatchObject([{ stopped: 'finished', iterations: 7 }]);
    expect(await readdir(folder)).not.toContain('stopped.state.safetensors');
  });

  it('writes nothing when it is stopped before the first step', async () => {
    const output = join(folder, 'never.png');
    const result = await stylizeFiles({ ...order, output, signal: AbortSignal.abort() });
    expect(result).toMatchObject({ pictures: [], left: [order.content] });
    expect(await readdir(folder)).not.toContain('never.png');
  });

  it('removes the page of work that fails', async () => {
    const listener = (event: StylizeFilesProgress): void => {
      if (event.type === 'iteration') throw new Error('The listener failed.');
    };
    const failing = stylizeFiles({
      ...order,
      output: join(folder, 'failed.png'),
      report: join(folder, 'failed.html'),
      onProgress: listener,
    });
    await expect(failing).rejects.toThrowError('The listener failed.');
    expect((await readdir(folder)).filter((name) => name.startsWith('failed'))).toEqual([]);
  });
});

describe('planFiles', () => {
  it('agrees with the work', async () => {
    const plan = await planFiles({ ...order, output: join(folder, 'planned', 'out.png') });
    const [picture] = plan.pictures;
    expect(picture!.plan.scales).toMatchObject([
      { width: 32, height: 26, iterations: 3 },
      { width: 40, height: 32, iterations: 4 },
    ]);
    // And what it takes to get the two scales ready.
    expect(picture!.seconds).toBeGreaterThan(picture!.operations / plan.operationsPerSecond);
    expect(plan.operationsPerSecond).toBeGreaterThan(1e6);
    expect(await readdir(folder)).not.toContain('planned');
  });
});
