import { mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type * as MethodFunction from '../../src/api/method-function.js';
import type * as NodePlatform from '../../src/api/platform.node.js';
import type * as MethodCommand from '../../src/cli/method-command.js';
import type { IterationProgress } from '../../src/index.js';
import { fakeTerminal, type FakeTerminalOptions } from '../cli/fake-terminal.js';
import { makeWorkplace } from './command-line.js';
import { readPixels, writePicture } from './pictures.js';
import { brighten } from './toy-method.js';
import { writeToyNetwork } from './toy-network.js';

/*
 * The proof of the design: a method is one value. No other file knows of the one in toy-method.ts, and yet it has
 * everything that the methods of the package have.
 */

const dist = (path: string): string => new URL(`../../dist/${path}`, import.meta.url).href;
const { methodCommand } = (await import(dist('cli/method-command.js'))) as typeof MethodCommand;
const { methodFunction } = (await import(dist('api/method-function.js'))) as typeof MethodFunction;
const { nodePlatform } = (await import(dist('api/platform.node.js'))) as typeof NodePlatform;

const folder = await makeWorkplace();
const network = join(await writeToyNetwork(), 'pastiche-vgg.safetensors');
const picture = await writePicture(join(folder, 'dark.png'), 40, 30);
const second = await writePicture(join(folder, 'other.png'), 24, 36, 2);
const computing = ['--network', network, '--threads', '1'];

let out: string;
let count = 0;
const at = (name: string): string => join(out, name);
beforeEach(async () => {
  out = join(folder, `out-${++count}`);
  await mkdir(out);
});

interface Outcome {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
  readonly error?: unknown;
}

/** Runs `pastiche brighten` in this process. */
async function run(args: readonly string[], options: FakeTerminalOptions = {}): Promise<Outcome> {
  const terminal = fakeTerminal(options);
  const command = methodCommand(brighten, terminal)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: () => undefined,
      getOutHelpWidth: () => 120,
    });
  const error: unknown = await command.parseAsync(args, { from: 'user' }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const { stdout, stderr } = terminal.written;
  return { code: terminal.exitCode(), stdout, stderr, ...(error === undefined ? {} : { error }) };
}

/** The means of the channels of a picture file, 0 to 1. */
async function meansOf(path: string): Promise<number[]> {
  const { values, width, height, channels } = await readPixels(path);
  return [0, 1, 2].map(
    (channel) =>
      values.reduce((sum, value, i) => sum + (i % channels === channel ? value : 0), 0) /
      (255 * width * height),
  );
}
const pixels = async (path: string): Promise<Uint8Array> => (await readPixels(path)).values;

describe('the command of a method of sixty lines', () => {
  it('is what the file of the method says in sixty lines', async () => {
    const text = await readFile(join(import.meta.dirname, 'toy-method.ts'), 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
  });

  it('has help', async () => {
    const { stdout, error } = await run(['--help']);
    expect(error).toMatchObject({ exitCode: 0 });
    expect(stdout).toMatch(
      /^Usage: brighten PICTURE -o OUT \[options\]\n\nmake the colours of a picture lighter/,
    );
    expect(stdout).toMatch(/--target <number> +the mean of each channel to reach \(default: 0\.75\)/);
    expect(stdout).toMatch(/--iterations <N> +optimiser steps \(default: 40\)/);
    for (const flag of [
      '--save-every',
      '--resume',
      '--trace',
      '--report',
      '--network',
      '--dry-run',
      '--json',
    ]) {
      expect(stdout).toContain(flag);
    }
    expect(stdout).toContain('$ pastiche brighten dark.jpg -o light.png --target 0.9');
    expect(stdout).toContain('Ctrl-C ends the run after the current step');
  });

  it('does what it says, and tells how it goes', async () => {
    const { code, stdout, stderr, error } = await run([picture, '-o', at('out.png'), ...computing]);
    expect({ code, error }).toEqual({ code: 0, error: undefined });
    expect(stderr).toMatch(
      /^40x30 {2}1 of 40 {2}loss [\d.e-]+ \(content [\d.e-]+\) {2}[\d.]+ it\/s, \d+ s left\n/,
    );
    expect(stdout).toMatch(/out\.png: 40x30, 40 iterations in \d+ s, loss [\d.e-]+ \(content [\d.e-]+\)\n$/);
    const [before, after] = [await meansOf(picture), await meansOf(at('out.png'))];
    for (const [channel, mean] of after.entries()) {
      expect(Math.abs(mean - 0.75)).toBeLessThan(0.1 * Math.abs(before[channel]! - 0.75));
    }
    expect(await readdir(out)).toEqual(['out.png']);
  });

  it('checks its options, in flags', async () => {
    const refused = async (...args: string[]): Promise<unknown> =>
      (await run([picture, '-o', at('out.png'), ...computing, ...args])).error;
    expect(await refused('--target', '2')).toMatchObject({
      ...{ code: 'E_ARGUMENT', message: '--target can\'t be "2".', remedy: 'It takes a number from 0 to 1.' },
    });
    expect(await refused('--rate', '0')).toMatchObject({ message: '--rate can\'t be "0".' });
    expect(await refused('--iterations', '1.5')).toMatchObject({ message: '--iterations can\'t be "1.5".' });
    expect(await refused('--gram', 'chw')).toMatchObject({ code: 'commander.unknownOption' });
    expect((await run(['-o', at('out.png')])).error).toMatchObject({ code: 'commander.missingArgument' });
    expect((await run([picture, '-o', picture])).error).toMatchObject({
      ...{ code: 'E_ARGUMENT', message: expect.stringContaining('would be overwritten') as string },
    });
    expect((await run([picture, '-o', at('out.png'), '--network', 'none'])).error).toMatchObject({
      ...{ code: 'E_WEIGHTS_MISSING', remedy: expect.stringContaining('npx pastiche models pull') as string },
    });
    const limit = { environment: { PASTICHE_MEMORY_LIMIT: '1' } };
    expect((await run([picture, '-o', at('out.png'), ...computing], limit)).error).toMatchObject({
      code: 'E_MEMORY',
    });
    expect(await readdir(out)).toEqual([]);
  });

  it('has --dry-run', async () => {
    const args = [picture, '-o', at('out.png'), ...computing, '--dry-run'];
    expect((await run(args)).stdout).toMatch(
      /dark\.png -> .*out\.png, 40x30\n {2}scales {3}40x30 \(40 iterations\)\n {2}memory {3}about [\d.]+ GB of the/,
    );
    const plan = JSON.parse((await run([...args, '--json'])).stdout) as { memoryMb: number };
    expect(plan).toMatchObject({
      ...{ dryRun: true, method: 'brighten', size: { width: 40, height: 30 }, fits: true, threads: 1 },
      ...{ settings: { target: 0.75, iterations: 40, rate: 0.02 }, network: basename(network) },
      scales: [{ width: 40, height: 30, iterations: 40 }],
    });
    expect(plan.memoryMb).toBeGreaterThan(10);
    expect(await readdir(out)).toEqual([]);
  });

  it('has --save-every', async () => {
    const args = [picture, '-o', at('out.png'), ...computing, '--save-every', '15', '--json'];
    const { stdout } = await run(args);
    const intermediates = ['out-000015.png', 'out-000030.png'];
    expect(JSON.parse(stdout)).toMatchObject({ intermediates: intermediates.map(at) });
    expect((await readdir(out)).sort()).toEqual([...intermediates, 'out.png']);
    const means = await Promise.all(
      ['out-000015.png', 'out-000030.png', 'out.png'].map((name) => meansOf(at(name))),
    );
    const distances = means.map((mean) => Math.hypot(...mean.map((value) => value - 0.75)));
    expect(distances).toEqual([...distances].sort((a, b) => b - a));
  });

  it('has --resume, which ends at the same bits as a run that was not stopped', async () => {
    await run([picture, '-o', at('whole.png'), ...computing, '--quiet']);
    const onStderr = (text: string): void =>
      void (/ 1 of 40 /.test(text) && process.emit('SIGINT', 'SIGINT'));
    const stopped = await run([picture, '-o', at('out.png'), ...computing], { onStderr });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('Stopping after this step; Ctrl-C again quits at once.\n');
    const [, command] = /^To go on: pastiche brighten (.*)$/m.exec(stopped.stderr)!;
    expect((await readdir(out)).sort()).toEqual(['out.png', 'out.state.safetensors', 'whole.png']);
    expect(await pixels(at('out.png'))).not.toEqual(await pixels(at('whole.png')));
    const other = await run([...command!.split(' '), '--target', '0.5']);
    expect(other.error).toMatchObject({ code: 'E_STATE' });
    const resumed = await run(command!.split(' '));
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringContaining('40 iterations') as string });
    expect(await pixels(at('out.png'))).toEqual(await pixels(at('whole.png')));
    expect((await readdir(out)).sort()).toEqual(['out.png', 'whole.png']);
  });

  it('has --trace, --report, --json and --quiet', async () => {
    const files = ['--trace', at('trace.json'), '--report', at('page.html')];
    const { stdout, stderr } = await run([picture, '-o', at('out.png'), ...computing, ...files, '--json']);
    expect(stderr).toBe('');
    const result = JSON.parse(stdout) as { losses: { content: number; total: number } };
    expect(result).toMatchObject({
      ...{ input: picture, output: at('out.png'), size: { width: 40, height: 30 }, stopped: 'finished' },
      ...{ iterations: 40, method: 'brighten', settings: { target: 0.75 }, threads: 1, device: 'cpu' },
      ...{ pictures: { picture }, trace: at('trace.json'), report: at('page.html') },
    });
    expect(Object.keys(result.losses)).toEqual(['content', 'total']);
    const trace = JSON.parse(await readFile(at('trace.json'), 'utf8')) as Record<string, unknown> & {
      curve: { iteration: number; total: number }[];
    };
    expect(trace).toMatchObject({ format: 'pastiche trace 2', method: 'brighten', iterations: 40 });
    expect(trace['command']).toMatch(/^pastiche brighten .*dark\.png -o .*out\.png --network /);
    expect(trace.curve.map(({ iteration }) => iteration)).toEqual(
      Array.from({ length: 40 }, (_, k) => k + 1),
    );
    expect(trace.curve.at(-1)!.total).toBeLessThan(0.01 * trace.curve[0]!.total);
    const page = await readFile(at('page.html'), 'utf8');
    for (const text of [
      '<h1>dark.png brightened</h1>',
      'Finished after 40 iterations',
      'alt="out.png"',
      'Target',
    ]) {
      expect(page).toContain(text);
    }
    expect(await run([picture, '-o', at('quiet.png'), ...computing, '--quiet'])).toEqual({
      ...{ code: 0, stdout: '', stderr: '' },
    });
    expect((await run([picture, '-o', at('a.png'), '--quiet', '--json'])).error).toMatchObject({
      code: 'commander.conflictingOption',
    });
  });

  it('does all pictures of a folder, and several files', async () => {
    const photos = at('photos');
    await mkdir(photos);
    await writePicture(join(photos, 'a.png'), 20, 16);
    await writePicture(join(photos, 'b.jpg'), 16, 20, 1);
    const few = [...computing, '--iterations', '3'];
    const whole = await run([photos, '-o', at('light'), ...few]);
    expect(whole.code).toBe(0);
    expect(whole.stderr).toMatch(
      /^\[1\/2\] a\.png {2}20x16 {2}1 of 3 [^]*^\[2\/2\] b\.jpg {2}16x20 {2}1 of 3 /m,
    );
    expect((await readdir(at('light'))).sort()).toEqual(['a.png', 'b.jpg']);
    const { code, stdout } = await run([picture, second, '-o', at('both'), ...few, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ method: 'brighten', remaining: [] },
      results: [
        { input: picture, output: at('both/dark.png'), iterations: 3 },
        { input: second, output: at('both/other.png'), iterations: 3 },
      ],
    });
    await run([second, '-o', at('alone.png'), ...few, '--quiet']);
    expect(await pixels(at('both/other.png'))).toEqual(await pixels(at('alone.png')));
  });
});

describe('the function of a method of sixty lines', () => {
  const lighten = methodFunction(brighten, nodePlatform);

  it('makes the same picture as the command, from a file or from memory', async () => {
    await run([picture, '-o', at('command.png'), ...computing, '--target', '0.9', '--quiet']);
    const result = await lighten({ picture, target: 0.9, network }, { threads: 1 });
    expect(result).toMatchObject({ stopped: 'finished', iterations: 40, settings: { target: 0.9 } });
    await result.write(at('function.png'));
    expect(await pixels(at('function.png'))).toEqual(await pixels(at('command.png')));
    const again = await lighten({ picture: result.image, iterations: 1, network }, { threads: 1 });
    expect(again.image).toMatchObject({ width: 40, height: 30 });
  });

  it('can be planned, followed, stopped and resumed', async () => {
    const request = { picture, network, iterations: 6 };
    const plan = await lighten.plan(request);
    expect(plan).toMatchObject({ width: 40, height: 30, scales: [{ iterations: 6 }] });
    const whole = await lighten(request, { threads: 1 });
    const stop = new AbortController();
    const steps: IterationProgress[] = [];
    const stopping = lighten(request, { threads: 1, signal: stop.signal });
    for await (const event of stopping) {
      if (event.type !== 'iteration') continue;
      steps.push(event);
      if (event.iteration === 2) stop.abort();
    }
    const stopped = await stopping;
    expect(stopped.stopped).toBe('cancelled');
    expect(steps.length).toBeGreaterThanOrEqual(2);
    const resumed = await lighten(request, { threads: 1, resume: stopped.state() });
    expect(resumed).toMatchObject({ stopped: 'finished', iterations: 6 });
    expect(resumed.image.rgb).toEqual(whole.image.rgb);
  });

  it('checks what it is given', async () => {
    await expect(lighten({ picture, network, target: 2 })).rejects.toMatchObject({
      ...{ code: 'E_ARGUMENT', option: 'target' },
    });
    // @ts-expect-error there is no such option
    await expect(lighten({ picture, network, gram: 'chw' })).rejects.toMatchObject({ option: 'gram' });
    // @ts-expect-error a picture is needed
    await expect(lighten({ network })).rejects.toMatchObject({ option: 'picture' });
  });
});
