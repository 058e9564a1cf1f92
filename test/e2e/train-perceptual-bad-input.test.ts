import { chmod, cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../src/training/checkpoint-folder.node.js';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { withoutLinks, withoutModes } from '../platform.js';
import type { Outcome } from './command-line.js';
import { writePicture } from './pictures.js';
import { checkpointsIn, eventsOf, expectRefusal, few, makeTrainingPlace } from './training-place.js';

const { at, teacher, photos, outputFolder, writeTeacher, trainHere: train } = await makeTrainingPlace();

describe('checkpoints that are not this training’s', () => {
  it('are refused with what differs, and stay as they are', async () => {
    const out = await outputFolder('foreign');
    const path = join(out, 'net.safetensors');
    const run = (...more: string[]): Promise<Outcome> => train([...photos, '-o', path, ...few, ...more]);
    expect((await run('--quiet', '--widths', '8,8,8,8,8')).code).toBe(0);
    const [file] = await checkpointsIn(join(out, 'net.checkpoints'));
    const before = await readFile(join(out, 'net.checkpoints', file!));
    const made = await readFile(path);
    const other = await writeTeacher('other.safetensors', { widths: [8, 8, 16, 8, 8], seed: 9 });
    await mkdir(at('not-a-training'));
    const [old, wide, taught, padded, none, noFolder, shorter] = await Promise.all([
      run('--widths', '8,8,8,8,8'),
      run('--resume', '--widths', '8,8,16,8,8'),
      run('--resume', '--widths', '8,8,8,8,8', '--teacher', other),
      run('--resume', '--widths', '8,8,8,8,8', '--padding', 'reflect', '--seed', '5'),
      run('--resume', '--checkpoints', at('not-a-training')),
      run('--checkpoints', teacher),
      run('--resume', '--widths', '8,8,8,8,8', '--steps', '3'),
    ]);
    expectRefusal(
      old,
      'E_STATE',
      /net\.checkpoints" has the checkpoint of an earlier training, of step 4\.\n.*--resume, .*--checkpoints, /,
    );
    expectRefusal(wide, 'E_STATE', /widths ".*8,8,8.*", and not ".*16/);
    expectRefusal(taught, 'E_STATE', /teacher/);
    expectRefusal(padded, 'E_STATE', /padding "zero", and not "reflect"; .*seed 0, and not 5/);
    expectRefusal(none, 'E_STATE', /no checkpoint in ".*not-a-training"/);
    expectRefusal(noFolder, 'E_OUTPUT', /teacher\.safetensors.*should be its folder is a file/);
    expectRefusal(shorter, 'E_ARGUMENT', /A training of 3 steps can't be resumed after step 4/);
    expect(await checkpointsIn(join(out, 'net.checkpoints'))).toEqual([file]);
    expect((await readFile(join(out, 'net.checkpoints', file!))).equals(before)).toBe(true);
    expect((await readFile(path)).equals(made)).toBe(true);
    expect((await readCheckpoint(join(out, 'net.checkpoints', file!))).step).toBe(4);
  });
});

describe('pictures', () => {
  it('that are one, or smaller than the crop, are learnt from all the same', async () => {
    const out = await outputFolder('small');
    await mkdir(at('one'));
    await writePicture(at('one', 'dot.png'), 9, 5);
    const outcome = await train([
      '--images',
      at('one'),
      '-o',
      join(out, 'net.safetensors'),
      ...few,
      '--json',
    ]);
    expect({ code: outcome.code, stderr: outcome.stderr }).toEqual({ code: 0, stderr: '' });
    expect(eventsOf(outcome).result).toMatchObject({ pictures: 1, heldOut: 1, skipped: [], step: 4 });
  });

  it('that are broken are skipped and counted', async () => {
    const out = await outputFolder('skipped');
    await cp(at('photos'), at('some-broken'), { recursive: true });
    await writeFile(at('some-broken', 'text.jpg'), 'no picture');
    await writeFile(at('some-broken', 'empty.png'), '');
    if (!withoutLinks) await symlink(at('nowhere.png'), at('some-broken', 'dangling.png'));
    const args = ['--images', at('some-broken'), ...few, '--steps', '8'];
    const outcome = await train([
      ...args,
      '-o',
      join(out, 'net.safetensors'),
      '--json',
      '--log',
      join(out, 'log.json'),
    ]);
    expect({ code: outcome.code, stderr: outcome.stderr }).toEqual({ code: 0, stderr: '' });
    const { result } = eventsOf(outcome);
    const skipped = result['skipped'] as { path: string; reason: string }[];
    expect(skipped.map(({ path }) => path).sort()).toEqual([
      at('some-broken', 'empty.png'),
      at('some-broken', 'text.jpg'),
    ]);
    for (const { reason } of skipped) expect(reason).toMatch(/\.$/);
    const log = JSON.parse(await readFile(join(out, 'log.json'), 'utf8')) as { skipped: unknown };
    expect(log.skipped).toEqual(skipped);
  });

  it('that can not be had are told', async () => {
    const out = await outputFolder('refused');
    const path = join(out, 'net.safetensors');
    await mkdir(at('empty'));
    await mkdir(at('all-broken'));
    await writeFile(at('all-broken', 'a.png'), 'no picture');
    await writeFile(at('list.txt'), 'elsewhere/0.png\n');
    await writeFile(at('everything.txt'), '0.png\n1.png\n2.png\n3.png\n4.png\nmore/deep.jpg\n');
    const run = (images: string, ...more: string[]) =>
      train(['--images', images, '-o', path, ...few, ...more]);
    const [missing, empty, broken, list, none, all] = await Promise.all([
      run(at('nowhere')),
      run(at('empty')),
      run(at('all-broken')),
      run(at('photos'), '--exclude', at('no-list.txt')),
      run(at('photos'), '--held-out', at('list.txt')),
      run(at('photos'), '--exclude', at('everything.txt')),
    ]);
    expectRefusal(missing, 'E_INPUT_MISSING', /There is no file or folder ".*nowhere"/);
    expectRefusal(empty, 'E_INPUT_MISSING', /no picture in the folder ".*empty"/);
    expectRefusal(broken, 'E_IMAGE_DECODE', /a\.png/);
    expectRefusal(list, 'E_INPUT_MISSING', /no-list\.txt" can't be read/);
    expectRefusal(none, 'E_INPUT_MISSING', /list\.txt" names none of the pictures/);
    expectRefusal(all, 'E_INPUT_MISSING', /leave none of the pictures/);
    expect(await readdir(out)).toEqual([]);
  });

  it.skipIf(withoutModes)('of a folder that may not be read are told', async () => {
    await mkdir(at('closed'));
    await chmod(at('closed'), 0o000);
    // Root may read every folder, so there a name that the system refuses to look up stands in for one.
    const images = process.geteuid?.() === 0 ? at('n'.repeat(300)) : at('closed');
    const outcome = await train(['--images', images, '-o', at('never.safetensors'), ...few]);
    await chmod(at('closed'), 0o700);
    expectRefusal(outcome, 'E_INPUT_PERMISSION', /may not be read/);
  });

  it('are parted by lists', async () => {
    const out = await outputFolder('lists');
    await writeFile(at('held-out.txt'), 'more/deep.jpg\n4.png\n');
    await writeFile(at('exclude.txt'), '# not these\n0.png\n');
    const outcome = await train([
      ...[...photos, '-o', join(out, 'net.safetensors'), ...few, '--json'],
      ...['--held-out', at('held-out.txt'), '--exclude', at('exclude.txt')],
    ]);
    expect(outcome.code).toBe(0);
    expect(eventsOf(outcome).result).toMatchObject({ pictures: 3, heldOut: 2 });
  });
});

describe('teachers, widths and places that can’t be used', () => {
  it('are told before the training', async () => {
    const out = await outputFolder('none');
    const path = join(out, 'net.safetensors');
    const short = await writeTeacher('short.safetensors', { last: 'conv4_4' });
    await writeFile(
      at('other-kind.safetensors'),
      encodeSafetensors({ a: { dtype: 'F32', shape: [1], data: [1] } }),
    );
    const run = (...more: string[]) => train([...photos, '-o', path, ...few, ...more]);
    const [lacking, kind, missing, wide, odd, four, place, report, log, checkpoint, itself] =
      await Promise.all([
        run('--teacher', short),
        run('--teacher', at('other-kind.safetensors')),
        run('--teacher', at('nowhere.safetensors')),
        run('--widths', '16,16,16,16,16'),
        run('--widths', '8,8,9,8,8'),
        run('--widths', '8,8,8,8'),
        run('-o', at('nowhere', 'net.safetensors')),
        run('--report', at('nowhere', 'page.html')),
        run('--log', at('nowhere', 'log.json')),
        run('--checkpoints', join(teacher, 'checkpoints')),
        run('-o', teacher),
      ]);
    expectRefusal(lacking, 'E_LAYER', /conv5_1/);
    expectRefusal(kind, 'E_WEIGHTS_CONTENT', /other-kind/);
    expectRefusal(missing, 'E_INPUT_MISSING', /nowhere\.safetensors/);
    expectRefusal(wide, 'E_ARGUMENT', /widths 16, 16, 16, 16, 16[^]*8, 8, 16, 8, 8/);
    expectRefusal(odd, 'E_ARGUMENT', /--widths can't be "8,8,9,8,8"/);
    expectRefusal(four, 'E_ARGUMENT', /--widths can't be "8,8,8,8"/);
    for (const [outcome, name] of [
      [place, /net\.safetensors/],
      [report, /page\.html/],
      [log, /log\.json/],
    ] as const) {
      expectRefusal(outcome, 'E_OUTPUT', name);
      expect(outcome.stderr).toContain('its folder does not exist');
    }
    expectRefusal(checkpoint, 'E_OUTPUT', /should be its folder is a file/);
    expectRefusal(itself, 'E_ARGUMENT', /is the teacher and would be overwritten/);
    expect(await readdir(out)).toEqual([]);
    expect(await readdir(dirname(teacher))).not.toContain('nowhere');
  });

  it('are an object on stdout as well with --json', async () => {
    const { code, stdout, stderr } = await train([
      '--images',
      at('nowhere'),
      '-o',
      at('x.safetensors'),
      '--json',
    ]);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string; remedy: string } };
    expect(code).toBe(2);
    expect(stderr).toBe(`error [${error.code}]: ${error.message}\n${error.remedy}\n`);
  });
});
