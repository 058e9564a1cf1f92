import { readdir, readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandLine } from '../../src/cli/command-line.js';
import type { FilesRequest, FilesResult } from '../../src/jobs/files-request.js';
import { runFiles } from '../../src/jobs/run-files.node.js';
import type { OptimizedPicture } from '../../src/methods/optimization/walk-method.js';
import { decodeWalkState } from '../../src/methods/optimization/walk-state.js';
import type { Progress } from '../../src/methods/progress.js';
import { texture } from '../../src/methods/texture/texture-method.js';
import { readPixels, writePicture } from '../e2e/pictures.js';
import { makeJobFolder } from './job-folder.js';

const { common, photo, painting, at, outputFolder } = await makeJobFolder();

const optimized = ({ results }: FilesResult): OptimizedPicture => results[0]!.outcome as OptimizedPicture;

/** A run that is stopped once it has come to something. */
function stopAt(reached: (event: Progress) => boolean): Pick<FilesRequest, 'signal' | 'onProgress'> {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    onProgress: (event) => void (reached(event) && controller.abort()),
  };
}

describe('a stylised file', () => {
  const request = (): FilesRequest => ({
    ...common,
    pictures: { content: photo, styles: [painting] },
    options: { scales: [32, 40], iterations: [3, 4] },
  });

  it('tells what happens in its order, and leaves the runtime that it was lent', async () => {
    const out = await outputFolder('plain');
    const events: Progress[] = [];
    const result = await runFiles('stylize', {
      ...request(),
      output: out('out.png'),
      saveEvery: 4,
      onProgress: (event) => events.push(event),
    });
    const names = events.map((event) =>
      event.type === 'stage' ? event.stage : event.type === 'saved' ? event.kind : event.type,
    );
    const saved = ['intermediate', 'state'];
    expect(names.filter((name) => !saved.includes(name))).toEqual([
      ...['picture', 'targets', 'compile', 'optimize', 'iteration', 'iteration', 'iteration'],
      ...['targets', 'compile', 'optimize', 'iteration', 'iteration', 'iteration', 'iteration'],
    ]);
    expect(names.filter((name) => saved.includes(name))).toEqual(saved);
    expect(events[0]).toMatchObject({
      ...{ type: 'picture', index: 0, count: 1, input: photo, output: out('out.png') },
    });
    expect(result).toMatchObject({
      ...{ batch: false, failures: [], remaining: [], method: 'stylize', device: 'cpu', threads: 1 },
      network: 'pastiche-vgg.safetensors',
      results: [{ width: 40, height: 32, state: undefined, outcome: { stopped: 'finished', iterations: 7 } }],
    });
    expect(optimized(result).curve).toHaveLength(7);
    expect(result.results[0]!.intermediates).toEqual([out('out-000004.png')]);
    expect((await readdir(at('plain'))).sort()).toEqual(['out-000004.png', 'out.png']);
    await runFiles('evaluate', {
      ...common,
      pictures: { picture: out('out.png'), content: photo, style: painting },
    });
  });

  it('has picture and state when it is stopped, and the page says so', async () => {
    const out = await outputFolder('stopped');
    const [output, report] = [out('out.png'), out('page.html')];
    const stop = stopAt((event) => event.type === 'iteration' && event.iteration === 5);
    const result = await runFiles('stylize', { ...request(), output, report, ...stop });
    const state = out('out.state.safetensors');
    expect(result.results).toMatchObject([{ state, outcome: { stopped: 'cancelled', iterations: 5 } }]);
    expect(decodeWalkState('gram', await readFile(state))).toMatchObject({ scale: 1, step: 2 });
    const page = await readFile(report, 'utf8');
    expect(page).toContain('<strong>Stopped</strong> after 5 of 7 iterations');
    expect(page).not.toContain('http-equiv="refresh"');
    const resumed = await runFiles('stylize', { ...request(), output, resume: state });
    expect(resumed.results).toMatchObject([{ outcome: { stopped: 'finished', iterations: 7 } }]);
    expect((await readdir(at('stopped'))).sort()).toEqual(['out.png', 'page.html']);
  });

  it('is not written when it is stopped before the first step', async () => {
    await outputFolder('never');
    const never = runFiles('stylize', {
      ...request(),
      output: at('never', 'out.png'),
      report: at('never', 'page.html'),
      signal: AbortSignal.abort(),
    });
    await expect(never).rejects.toMatchObject({ name: 'AbortError' });
    expect(await readdir(at('never'))).toEqual([]);
  });

  it('has no page when it fails on the way', async () => {
    await outputFolder('failed');
    const failing = runFiles('stylize', {
      ...request(),
      output: at('failed', 'out.png'),
      report: at('failed', 'page.html'),
      onProgress(event) {
        if (event.type === 'iteration') throw new Error('The listener failed.');
      },
    });
    await expect(failing).rejects.toThrowError('The listener failed.');
    expect(await readdir(at('failed'))).toEqual([]);
  });

  it('has its trace, with the losses of every step', async () => {
    const out = await outputFolder('traced');
    const [output, trace] = [out('out.png'), out('trace.json')];
    const command = 'pastiche stylize and so on';
    const result = await runFiles('stylize', { ...request(), output, trace, command });
    const { curve, ...record } = JSON.parse(await readFile(trace, 'utf8')) as Record<string, unknown> & {
      curve: unknown[];
    };
    const { losses, evaluations } = optimized(result);
    expect(record).toMatchObject({
      ...{ format: 'pastiche trace 2', command, output, method: 'stylize', device: 'cpu', threads: 1 },
      ...{ pictures: { content: photo, styles: [painting] }, network: 'pastiche-vgg.safetensors' },
      ...{ plan: { width: 40, height: 32 }, stopped: 'finished', losses, iterations: 7, evaluations },
      settings: { preset: 'default', seed: 0 },
      versions: result.versions,
    });
    expect(curve).toEqual(JSON.parse(JSON.stringify(optimized(result).curve)));
    // One point a line.
    expect((await readFile(trace, 'utf8')).match(/^ {4}\{"/gm)).toHaveLength(7);
  });
});

describe('a harmonised file', () => {
  let mask: string;
  let pair: { painting: string; composite: string };
  beforeAll(async () => {
    const white = await sharp({ create: { width: 32, height: 32, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    mask = at('mask.png');
    await sharp({ create: { width: 64, height: 48, channels: 3, background: '#000' } })
      .composite([{ input: white, left: 16, top: 8 }])
      .removeAlpha()
      .toFile(mask);
    pair = {
      painting: await writePicture(at('wide.png'), 64, 48),
      composite: await writePicture(at('composite.png'), 64, 48, 3),
    };
  });
  const request = (output: string): FilesRequest => ({
    ...common,
    pictures: { ...pair, mask },
    output,
    options: { iterations: [3, 2] },
  });

  it('is the painting outside of the mask, and has its page', async () => {
    const out = await outputFolder('harmonized');
    const [output, report] = [out('out.png'), out('out.html')];
    const command = 'pastiche harmonize --iterations 3,2';
    const result = await runFiles('harmonize', { ...request(output), report, command });
    expect(result.results).toMatchObject([
      { width: 64, height: 48, outcome: { stopped: 'finished', iterations: 5 } },
    ]);
    const [made, before, where] = [
      await readPixels(output),
      await readPixels(pair.painting),
      await readPixels(mask),
    ];
    const outside = where.values.map((value) => (value === 0 ? 1 : 0));
    expect(made.values.filter((_, i) => outside[i] === 1)).toEqual(
      before.values.filter((_, i) => outside[i] === 1),
    );
    expect(made.values).not.toEqual(before.values);
    const page = await readFile(report, 'utf8');
    expect(page).toContain('composite.png harmonised with wide.png');
    expect(page).toContain('--iterations 3,2');
  });

  it('is not written when the work is stopped before its first step', async () => {
    await outputFolder('not-harmonized');
    const stopped = runFiles('harmonize', {
      ...request(at('not-harmonized', 'out.png')),
      signal: AbortSignal.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    expect(await readdir(at('not-harmonized'))).toEqual([]);
  });

  it('that does not fit into memory is refused', async () => {
    await expect(
      runFiles('harmonize', { ...request(at('large.png')), memoryLimit: 1e6 }),
    ).rejects.toMatchObject({ code: 'E_MEMORY' });
  });

  it('is refused with a mask that is not there, and nothing is written', async () => {
    await outputFolder('refused');
    const wrong = { ...request(at('refused', 'out.png')), pictures: { ...pair, mask: at('no-such.png') } };
    await expect(runFiles('harmonize', wrong)).rejects.toMatchObject({ code: 'E_INPUT_MISSING' });
    expect(await readdir(at('refused'))).toEqual([]);
  });
});

describe('a texture file', () => {
  const options = { size: '48x32', scales: [48], iterations: 4 };
  const request = (output: string): FilesRequest => ({
    ...common,
    pictures: { sample: photo },
    output,
    options,
  });

  it('is written with its page and the pictures on the way', async () => {
    const out = await outputFolder('texture');
    const [output, report] = [out('out.png'), out('out.html')];
    const events: Progress[] = [];
    const whole = { ...request(output), report, saveEvery: 2 };
    const result = await runFiles('texture', {
      ...whole,
      command: commandLine(texture, whole),
      onProgress: (event) => void events.push(event),
    });
    expect(result.results).toMatchObject([
      { output, width: 48, height: 32, outcome: { stopped: 'finished', iterations: 4 } },
    ]);
    expect(await readPixels(output)).toMatchObject({ width: 48, height: 32, channels: 3 });
    expect(result.results[0]!.intermediates).toEqual([out('out-000002.png'), out('out-000004.png')]);
    const page = await readFile(report, 'utf8');
    expect(page).toContain('Texture of photo.png');
    expect(page).toContain('Finished after 4 iterations');
    expect(page).toContain('--size 48x32 --scales 48 --iterations 4');
    expect(events[0]).toMatchObject({ type: 'picture', input: photo, count: 1 });
  });

  it('is the best so far when the work is stopped, and none before the first step', async () => {
    const out = await outputFolder('texture-stopped');
    const stop = stopAt((event) => event.type === 'iteration');
    const result = await runFiles('texture', { ...request(out('stopped.png')), ...stop });
    expect(optimized(result)).toMatchObject({ stopped: 'cancelled', iterations: 1 });
    expect(await readdir(at('texture-stopped'))).toContain('stopped.png');
    const { signal } = stop;
    await expect(
      runFiles('texture', { ...request(out('none.png')), report: out('none.html'), signal }),
    ).rejects.toMatchObject({ name: 'AbortError' });
    expect((await readdir(at('texture-stopped'))).filter((name) => name.startsWith('none'))).toEqual([]);
  });

  it('that does not fit into memory is refused with a size that does', async () => {
    const large = { ...request(at('large.png')), options: { size: '4096x2048' } };
    const error = await runFiles('texture', { ...large, memoryLimit: 400e6 }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'E_MEMORY', option: 'size' });
    const size = /size (\d+)x(\d+), which fits/.exec((error as { remedy: string }).remedy)!;
    expect(Number(size[1])).toBe(2 * Number(size[2]));
  });

  it.each<[name: string, code: string, more: Partial<FilesRequest>]>([
    ['missing.png', 'E_INPUT_MISSING', {}],
    ['photo.png', 'E_ARGUMENT', { saveEvery: 0 }],
    ['photo.png', 'E_WEIGHTS_MISSING', { network: 'no-such-network' }],
  ])('from %s is %s', async (name, code, more) => {
    const bad = { ...request(at('bad.png')), pictures: { sample: at(name) }, ...more };
    await expect(runFiles('texture', bad)).rejects.toMatchObject({ code });
  });
});

describe('a reconstruction file', () => {
  const request = (output: string, options: object): FilesRequest => ({
    ...common,
    pictures: { picture: photo },
    output,
    options: { size: 32, ...options },
  });

  it('is written', async () => {
    const own = { layer: 'relu2_1', from: 'style', iterations: 2 } as const;
    const result = await runFiles('reconstruct', request(at('layer.png'), own));
    expect(result.results).toMatchObject([{ width: 32, height: 26, outcome: { iterations: 2 } }]);
    // What the style is reconstructed from has no content.
    expect(Object.keys(optimized(result).losses).sort()).toEqual(['style', 'total', 'totalVariation']);
    expect(await readPixels(at('layer.png'))).toMatchObject({ width: 32, height: 26 });
  });

  it('of all layers is one sheet, one after the other', async () => {
    const turns: string[] = [];
    let labels: readonly (string | undefined)[] = [];
    const result = await runFiles('reconstruct', {
      ...request(at('sheet.png'), { allLayers: true, iterations: 1 }),
      onProgress(event) {
        if (event.type === 'picture') labels = event.plan.scales.map(({ label }) => label);
        else if (event.type === 'iteration') turns.push(labels[event.scale]!);
      },
    });
    expect(turns).toHaveLength(10);
    expect(turns).toEqual(labels);
    expect(turns.at(-2)).toBe('content relu5_1');
    const { width, height } = await readPixels(at('sheet.png'));
    expect([width, height]).toEqual([result.results[0]!.width, result.results[0]!.height]);
    expect(width).toBeGreaterThan(6 * 32);
  });

  it('of all layers has those that are done when the work is stopped, and goes on from there', async () => {
    const out = await outputFolder('sheets');
    const options = { allLayers: true, iterations: 1 };
    const stop = stopAt((event) => event.type === 'stage' && event.scale === 3);
    const stopped = await runFiles('reconstruct', { ...request(out('part.png'), options), ...stop });
    expect(optimized(stopped)).toMatchObject({ stopped: 'cancelled', iterations: 3 });
    const state = out('part.state.safetensors');
    expect(stopped.results[0]!.state).toBe(state);
    const resumed = await runFiles('reconstruct', { ...request(out('part.png'), options), resume: state });
    expect(optimized(resumed)).toMatchObject({ stopped: 'finished', iterations: 10 });
    await runFiles('reconstruct', request(out('whole.png'), options));
    expect((await readPixels(out('part.png'))).values).toEqual((await readPixels(out('whole.png'))).values);
    expect((await readdir(at('sheets'))).sort()).toEqual(['part.png', 'whole.png']);
  });
});
