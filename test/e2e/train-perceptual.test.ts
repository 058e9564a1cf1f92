import { execFileSync } from 'node:child_process';
import { open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type * as Jobs from '../../src/jobs/train.node.js';
import { loadVggWeights } from '../../src/weights/model-files.node.js';
import { withoutSignals } from '../platform.js';
import { pasticheHere } from './command-here.js';
import { main, runProcess } from './command-line.js';
import { readPixels } from './pictures.js';
import { checkpointsIn, eventsOf, expectRefusal, few, makeTrainingPlace, tiny } from './training-place.js';

const { at, teacher, photos, outputFolder, train, trainHere } = await makeTrainingPlace();

describe('train perceptual', () => {
  it('makes a network that stylize works with, and tells how', async () => {
    const out = await outputFolder('whole');
    const network = join(out, 'small.safetensors');
    const outcome = await train([
      ...[...photos, '-o', network, '--widths', '8,8,8,8,8', ...few, '--json'],
      ...['--checkpoint-every', '1', '--keep', '2', '--validate-every', '2', '--seed', '1234567891'],
      ...['--report', join(out, 'page.html'), '--log', join(out, 'log.json')],
    ]);
    expect({ code: outcome.code, stderr: outcome.stderr }).toEqual({ code: 0, stderr: '' });
    const { events, result } = eventsOf(outcome);
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => type === 'validation')).toHaveLength(3);
    expect(types.filter((type) => type === 'checkpoint')).toHaveLength(4);
    expect(new Set(types)).toEqual(new Set(['step', 'validation', 'checkpoint', 'result']));
    expect(result).toMatchObject({
      ...{
        type: 'result',
        stopped: 'finished',
        step: 4,
        output: network,
        pictures: 6,
        heldOut: 6,
        skipped: [],
      },
      ...{ widths: [8, 8, 8, 8, 8], bytes: (await stat(network)).size },
      settings: { seed: 1234567891, steps: 4 },
    });
    expect((result['losses'] as { total: number }).total).toBeGreaterThan(0);
    expect(await checkpointsIn(join(out, 'small.checkpoints'))).toEqual([
      'step-00000003.safetensors',
      'step-00000004.safetensors',
    ]);

    const weights = await loadVggWeights(network);
    expect(weights.architecture).toBe('vgg19');
    expect(Object.values(weights.convolutions).map(({ outputChannels }) => outputChannels)).toEqual(
      new Array(13).fill(8),
    );
    // Only block 3 is narrower than the teacher's.
    expect(Object.keys(weights.projections)).toEqual(['relu3_1']);
    expect(weights.projections['relu3_1']).toMatchObject({ inputChannels: 8, outputChannels: 16 });

    expect(await readFile(join(out, 'page.html'), 'utf8')).toContain('small.safetensors, distilled from');
    const log = JSON.parse(await readFile(join(out, 'log.json'), 'utf8')) as Record<string, unknown>;
    expect(log).toMatchObject({ settings: { seed: 1234567891, widths: '8, 8, 8, 8, 8' } });
    expect(log['validations']).toHaveLength(3);
    expect(log['command']).toContain('--seed 1234567891');

    const picture = join(out, 'out.png');
    const painted = await pasticheHere([
      ...['stylize', at('photos', '0.png'), at('photos', '1.png'), '-o', picture, '--network', network],
      ...['--size', '48', '--iterations', '3', '--threads', '1', '--quiet'],
    ]);
    expect({ code: painted.code, stderr: painted.stderr }).toEqual({ code: 0, stderr: '' });
    expect(await readPixels(picture)).toMatchObject({ width: 48, height: 40 });
  });

  it('is quiet when told so, and tells a person about losses otherwise', async () => {
    const out = await outputFolder('words');
    const quiet = await trainHere([...photos, '-o', join(out, 'quiet.safetensors'), ...few, '--quiet']);
    expect(quiet).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const told = await trainHere([...photos, '-o', join(out, 'told.safetensors'), ...few]);
    expect(told.code).toBe(0);
    expect(told.stdout).toMatch(/^4 steps in \d+ s/);
    expect(told.stdout).toContain('told.safetensors (');
    for (const layer of ['total', 'relu1_1', 'relu5_1']) expect(told.stdout).toContain(`\n${layer} `);
    expect(told.stderr).toMatch(/^4 of 4 /m);
    expect(await readFile(join(out, 'told.safetensors'))).not.toHaveLength(0);
  });

  it("counts only the steps' waiting for pictures, not that of the statistics", async () => {
    // Its threads need compiled files.
    const built = new URL('../../dist/jobs/train.node.js', import.meta.url).href;
    const { train: trainHere } = (await import(built)) as typeof Jobs;
    const out = await outputFolder('waiting');
    const controller = new AbortController();
    const result = await trainHere('perceptual', {
      ...{ inputs: { teacher }, images: [photos[1]], output: join(out, 'net.safetensors'), threads: 1 },
      options: { size: 32, batch: 2, statisticsBatches: 2, steps: 4, widths: [8, 8, 8, 8, 8] },
      signal: controller.signal,
      onProgress: ({ type }) => type === 'validation' && controller.abort(),
    });
    expect(result).toMatchObject({ stopped: 'cancelled', step: 0, waited: 0 });
  });

  it('shows what there is', async () => {
    const [help, none, wrong] = await Promise.all([
      pasticheHere(['train', 'perceptual', '--help']),
      pasticheHere(['train']),
      pasticheHere(['train', 'everything']),
    ]);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('--layerwise-share <number>');
    expect(none).toMatchObject({ code: 2, stdout: '' });
    expect(none.stderr).toContain('perceptual');
    expectRefusal(wrong, 'E_ARGUMENT', /everything/);
  });
});

// Several processes each, one after the other.
describe.skipIf(withoutSignals)('a training that is stopped', { timeout: 300_000 }, () => {
  /** Long enough to be stopped in both halves. */
  const long = [...tiny, '--steps', '40', '--layerwise-share', '0.5', '--widths', '8,8,8,8,8'];
  const every = ['--checkpoint-every', '5', '--validate-every', '20'];
  const whole = (async () => {
    const path = at('undisturbed.safetensors');
    const outcome = await trainHere([...photos, '-o', path, ...long, '--quiet']);
    expect({ code: outcome.code, stderr: outcome.stderr }).toEqual({ code: 0, stderr: '' });
    return path;
  })();
  afterAll(() => whole);
  /** The numbers of a file; its metadata holds the name of the output nowhere, so that whole files can be compared. */
  const expectSame = async (path: string): Promise<void> => {
    expect((await readFile(path)).equals(await readFile(await whole))).toBe(true);
  };
  /** Runs until there is the checkpoint of a step, and sends a signal then. */
  const stopAt = (path: string, step: number, signal: NodeJS.Signals, more: readonly string[] = []) => {
    const file = join(
      path.replace(/\.safetensors$/, '.checkpoints'),
      `step-${String(step).padStart(8, '0')}.safetensors`,
    );
    const args = [...photos, '-o', path, ...long, ...every, '--keep', '20', ...more];
    return train(args, {
      onStart: (child) => {
        const timer = setInterval(() => {
          void stat(file).then(
            () => {
              clearInterval(timer);
              child.kill(signal);
            },
            () => undefined,
          );
        }, 3);
        child.on('exit', () => clearInterval(timer));
      },
    });
  };

  it('by Ctrl-C before its first step leaves nothing', async () => {
    const out = await outputFolder('early');
    // Whoever reads the list is ready for Ctrl-C, and has not begun with the statistics.
    const list = at('excluded.pipe');
    execFileSync('mkfifo', [list]);
    const args = [
      '-o',
      join(out, 'net.safetensors'),
      ...tiny,
      '--statistics-batches',
      '1000',
      '--exclude',
      list,
    ];
    const { code, stdout, stderr } = await train([...photos, ...args], {
      onStart: (child) => {
        void open(list, 'w').then(async (handle) => {
          await handle.close();
          child.kill('SIGINT');
        });
      },
    });
    expect(code).toBe(130);
    expect(stdout).toMatch(/^0 steps in \d+ s/);
    // The list names no picture, and that warning comes before or after the signal.
    expect(stderr).toMatch(/^Stopping /m);
    expect(stderr).toMatch(/^Stopped before the first step; there is nothing to go on from\.$/m);
    expect(await readdir(out)).toEqual([]);
  });

  it('by Ctrl-C and then by force goes on to the same bytes as one that was not', async () => {
    const out = await outputFolder('stopped');
    const path = join(out, 'net.safetensors');
    const stopped = await stopAt(path, 5, 'SIGINT');
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('Stopping after this step; Ctrl-C again quits at once.');
    const step = Number(
      /^Stopped after step (\d+)\. The same command with --resume goes on from /m.exec(stopped.stderr)![1],
    );
    expect(step).toBeGreaterThanOrEqual(5);
    expect(step).toBeLessThan(40);
    const saved = await checkpointsIn(join(out, 'net.checkpoints'));
    expect(saved.at(-1)).toBe(`step-${String(step).padStart(8, '0')}.safetensors`);
    expect(await readdir(out)).toEqual(['net.checkpoints']);

    const killed = await stopAt(path, 25, 'SIGKILL', ['--resume']);
    expect(killed.signal).toBe('SIGKILL');
    const resumed = await trainHere([...photos, '-o', path, ...long, ...every, '--resume', '--json']);
    expect({ code: resumed.code, stderr: resumed.stderr }).toEqual({ code: 0, stderr: '' });
    const { events, result } = eventsOf(resumed);
    expect(events.find(({ type }) => type === 'step')!['step']).toBeGreaterThan(20);
    expect(result).toMatchObject({ stopped: 'finished', step: 40 });
    await expectSame(path);

    // Resumed once more it has nothing to do but to write the file again.
    await rm(path);
    const again = await trainHere([...photos, '-o', path, ...long, ...every, '--resume', '--quiet']);
    expect({ code: again.code, stderr: again.stderr }).toEqual({ code: 0, stderr: '' });
    await expectSame(path);
  });

  it('by a full disk keeps its last good checkpoint, says so, and goes on from it', async () => {
    const out = await outputFolder('full');
    const path = join(out, 'net.safetensors');
    expect((await stopAt(path, 5, 'SIGTERM')).code).toBe(143);
    const before = await checkpointsIn(join(out, 'net.checkpoints'));
    const bytes = await Promise.all(before.map((name) => readFile(join(out, 'net.checkpoints', name))));
    const args = [
      'train',
      'perceptual',
      '--teacher',
      teacher,
      ...photos,
      '-o',
      path,
      ...long,
      ...every,
      '--resume',
    ];
    // A limit of the system that cuts a write short, as a full disk does, and needs no root.
    const script = 'ulimit -f 64; exec "$@"';
    const full = await runProcess('sh', ['-c', script, 'sh', process.execPath, main, ...args, '--quiet']);
    expectRefusal(
      full,
      'E_OUTPUT',
      /step-00000040\.safetensors" can't be written: .*larger than this system allows/,
    );
    expect(full.stderr).toMatch(/^Warning: The checkpoint of step \d+ could not be saved\./m);
    expect(await checkpointsIn(join(out, 'net.checkpoints'))).toEqual(before);
    for (const [index, name] of before.entries()) {
      expect((await readFile(join(out, 'net.checkpoints', name))).equals(bytes[index]!)).toBe(true);
    }
    expect(await readdir(out)).toEqual(['net.checkpoints']);
    const resumed = await pasticheHere([...args, '--quiet']);
    expect({ code: resumed.code, stderr: resumed.stderr }).toEqual({ code: 0, stderr: '' });
    await expectSame(path);
  });

  it('passes over a checkpoint that is broken, with a warning', async () => {
    const out = await outputFolder('broken');
    const path = join(out, 'net.safetensors');
    expect((await stopAt(path, 5, 'SIGINT')).code).toBe(130);
    const later = join(out, 'net.checkpoints', 'step-00000039.safetensors');
    await writeFile(later, 'half a checkpoint');
    const resumed = await trainHere([...photos, '-o', path, ...long, ...every, '--resume', '--json']);
    expect(resumed.code).toBe(0);
    const { events, result } = eventsOf(resumed);
    expect(events[0]).toMatchObject({
      type: 'warning',
      message: expect.stringContaining('00000039') as string,
    });
    expect(result).toMatchObject({ stopped: 'finished', step: 40 });
    await expectSame(path);
  });
});
