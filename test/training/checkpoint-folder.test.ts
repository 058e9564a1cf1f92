import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TrainingCheckpoint } from '../../src/training/checkpoint.js';
import { CheckpointFolder, readCheckpoint } from '../../src/training/checkpoint-folder.node.js';
import { HistoryRecorder } from '../../src/training/training-history.js';
import { withoutShell } from '../platform.js';

const failure = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error;

let root: string;
let path: string;
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'pastiche-checkpoints-'))));
beforeEach(async () => void (path = join(await mkdtemp(join(root, 'test-')), 'new', 'checkpoints')));
afterAll(() => rm(root, { recursive: true, force: true }));

const history = new HistoryRecorder().history();
const checkpoint = (step: number, fingerprint = 'a'): TrainingCheckpoint => ({
  kind: 'fitting',
  fingerprint,
  step,
  history,
  state: { scalars: { step }, arrays: { weights: new Float32Array(100).fill(step) } },
});
const names = (...steps: number[]): string[] =>
  steps.map((step) => `step-${String(step).padStart(8, '0')}.safetensors`);

describe('a folder of checkpoints', () => {
  it('keeps the last few', async () => {
    const folder = new CheckpointFolder(path, { keep: 3 });
    expect(await folder.latest()).toEqual({ checkpoint: undefined, path: undefined, passedOver: [] });
    for (const [step, kept] of [
      [100, [100]],
      [200, [100, 200]],
      [300, [100, 200, 300]],
      [1200, [200, 300, 1200]],
      [123_456_789, [300, 1200, 123_456_789]],
    ] as const) {
      expect(await folder.write(checkpoint(step))).toBe(join(path, ...names(step)));
      expect((await readdir(path)).sort()).toEqual(names(...kept).sort());
      const latest = await folder.latest();
      expect(latest).toEqual({ checkpoint: checkpoint(step), path: folder.pathOf(step), passedOver: [] });
    }
  });

  it('deletes nothing of another training, nothing later and nothing that it can not read', async () => {
    const folder = new CheckpointFolder(path, { keep: 1 });
    await folder.write(checkpoint(100, 'b'));
    await folder.write(checkpoint(900));
    await writeFile(folder.pathOf(200), 'broken');
    await writeFile(join(path, 'notes.safetensors'), 'mine');
    await folder.write(checkpoint(300));
    await folder.write(checkpoint(400));
    expect((await readdir(path)).sort()).toEqual(['notes.safetensors', ...names(100, 200, 400, 900)]);
  });

  it('removes what killed processes have left, but not what may still be written', async () => {
    const folder = new CheckpointFolder(path, { keep: 1 });
    await mkdir(path, { recursive: true });
    const temporary = (digit: string): string =>
      `.pastiche-${'00000000-0000-0000-0000-000000000000'.replaceAll('0', digit)}.tmp`;
    for (const digit of ['1', '2']) await writeFile(join(path, temporary(digit)), 'half');
    await utimes(join(path, temporary('1')), 0, Date.now() / 1000 - 3600);
    await folder.write(checkpoint(1));
    expect((await readdir(path)).sort()).toEqual([temporary('2'), ...names(1)]);
  });

  it('passes over newer files that are cut off or something else, and says so', async () => {
    const folder = new CheckpointFolder(path, { keep: 5 });
    for (const step of [100, 200, 300]) await folder.write(checkpoint(step));
    await writeFile(folder.pathOf(300), (await readFile(folder.pathOf(300))).subarray(0, -10));
    await writeFile(folder.pathOf(400), '<!doctype html>');
    await mkdir(folder.pathOf(500));
    const latest = await folder.latest();
    expect(latest.checkpoint).toEqual(checkpoint(200));
    expect(latest.passedOver).toEqual([
      expect.stringMatching(/step-00000500.*can't be read/),
      expect.stringMatching(/step-00000400.*is not a valid safetensors file/),
      expect.stringMatching(
        /step-00000300.*is not a valid safetensors file.*weights is the first that is not complete/,
      ),
    ]);
  });

  it('names what is wrong', async () => {
    expect(() => new CheckpointFolder(path, { keep: 0 })).toThrow(failure('E_ARGUMENT', /keep can't be 0/));
    await mkdir(join(path, '..'));
    await writeFile(path, 'a file');
    const folder = new CheckpointFolder(path, { keep: 1 });
    await expect(folder.write(checkpoint(1))).rejects.toThrow(failure('E_OUTPUT', /can't be created/));
    await expect(folder.latest()).rejects.toThrow(failure('E_INPUT_KIND', /as a folder of checkpoints/));
    await expect(readCheckpoint(join(root, 'none'))).rejects.toThrow(
      failure('E_INPUT_MISSING', /no checkpoint ".*none"/),
    );
  });
});

describe('other processes', () => {
  let script: string;
  beforeAll(async () => {
    script = join(root, 'child.cjs');
    const contents = `
      import { CheckpointFolder } from './src/training/checkpoint-folder.node.ts';
      import { HistoryRecorder } from './src/training/training-history.ts';
      import { trainingLoop } from './src/training/training-loop.ts';
      const [, , path, keep, size, from, steps] = process.argv;
      const folder = new CheckpointFolder(path, { keep: Number(keep) });
      let done = Number(from);
      // Every number of a checkpoint is its step: one of two halves would show.
      const task = {
        kind: 'fitting',
        fingerprint: 'a',
        step: async () => { done += 1; return { total: 1, terms: {}, gradientNorm: 1 }; },
        validate: async () => ({ losses: { total: 1 }, pictures: [] }),
        state: () => ({ scalars: { done }, arrays: { weights: new Float32Array(Number(size)).fill(done) } }),
        restore: () => undefined,
      };
      trainingLoop(task, {
        steps: Number(steps), startAt: done, validateEvery: 1e9, checkpointEvery: 1,
        onProgress: ({ type, message }) => { if (type === 'warning') console.log('warning', message); },
        saveCheckpoint: async (checkpoint) => { await folder.write(checkpoint); },
      }).catch(({ code, message }) => console.log(code, message));`;
    await build({
      stdin: { contents, loader: 'ts', resolveDir: join(import.meta.dirname, '../..') },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      packages: 'external',
      outfile: script,
    });
  });
  const env = { ...process.env, NODE_PATH: join(import.meta.dirname, '../../node_modules') };

  it('that are killed in the middle of writing leave a whole latest checkpoint', async () => {
    const folder = new CheckpointFolder(path, { keep: 2 });
    let from = 0;
    for (let round = 0; round < 4; round += 1) {
      const child = spawn(process.execPath, [script, path, '2', '1000000', String(from), '1000000'], { env });
      const exit = once(child, 'exit');
      // Not before there is a checkpoint of this process, and then as soon as a file is being written.
      const halfWritten = async (): Promise<boolean> => {
        const files = await readdir(path).catch(() => []);
        const own = files.some((name) => name.startsWith('step-') && name > names(from)[0]!);
        const fresh = await Promise.all(
          files
            .filter((name) => name.startsWith('.'))
            .map(async (name) => stat(join(path, name)).catch(() => undefined)),
        );
        return own && fresh.some((file) => file !== undefined && Date.now() - file.mtimeMs < 50);
      };
      while (!(await halfWritten())) await new Promise((resolve) => setTimeout(resolve, 1));
      child.kill('SIGKILL');
      expect((await exit)[1]).toBe('SIGKILL');
      const { checkpoint: found, passedOver } = await folder.latest();
      expect(passedOver).toEqual([]);
      expect(found!.step).toBeGreaterThan(from);
      expect(found!.state.scalars['done']).toBe(found!.step);
      expect(found!.state.arrays['weights']!.every((value) => value === found!.step)).toBe(true);
      from = found!.step;
    }
  });

  it.skipIf(withoutShell)(
    'whose disk is full keep the last good checkpoint, go on, and say so at the end',
    async () => {
      const folder = new CheckpointFolder(path, { keep: 1 });
      await folder.write(checkpoint(1));
      // A limit of the system that cuts a write short, as a full disk does, and needs no root.
      const { stdout } = await promisify(execFile)(
        'sh',
        ['-c', 'ulimit -f 32; exec "$@"', 'sh', process.execPath, script, path, '1', '100000', '1', '4'],
        { env },
      );
      const lines = stdout.trim().split('\n');
      expect(lines).toHaveLength(3);
      expect(lines[0]).toMatch(
        /^warning The checkpoint of step 2 could not be saved\. ".*00000002.*" can't be written/,
      );
      expect(lines[1]).toMatch(/^warning The checkpoint of step 3 could not be saved/);
      expect(lines[2]).toMatch(/^E_OUTPUT ".*00000004.*" can't be written: .*larger than this system allows/);
      expect(await readdir(path)).toEqual(names(1));
      expect((await folder.latest()).checkpoint).toEqual(checkpoint(1));
    },
  );
});
