import { execFileSync, type ChildProcess } from 'node:child_process';
import { mkdir, open, readdir, readFile, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { withoutSignals } from '../platform.js';
import { appears, makeWorkplace, pastiche, type RunOptions } from './command-line.js';
import { readPixels, writePicture } from './pictures.js';

const folder = await makeWorkplace();
const at = (...names: string[]): string => join(folder, ...names);
const painting = await writePicture(at('painting.png'), 48, 40, 1);
const composite = await writePicture(at('composite.png'), 48, 40, 2);
const mask = at('mask.png');
const white = { create: { width: 24, height: 20, channels: 3 as const, background: '#fff' } };
await sharp({ create: { width: 48, height: 40, channels: 3, background: '#000' } })
  .composite([{ input: await sharp(white).png().toBuffer(), left: 12, top: 10 }])
  .toFile(mask);

const makeFolder = async (name: string): Promise<string> => {
  await mkdir(at(name));
  return at(name);
};

/** Interrupts when stderr says that a step is done. */
const atFirstStep: RunOptions = {
  onStderr: (text, child) => void (/ of \d+ /.test(text) && child.kill('SIGINT')),
};

/**
 * A pipe in a picture's place: interrupts whoever begins to read it, and lets them have the picture once they have said
 * that they are stopping.
 */
async function pipeOf(picture: string, name: string): Promise<{ path: string; interrupting: RunOptions }> {
  const path = at(name);
  execFileSync('mkfifo', [path]);
  const bytes = await readFile(picture);
  let writer: Promise<FileHandle> | undefined;
  const onStart = (child: ChildProcess): void => {
    writer = open(path, 'w');
    void writer.then(() => child.kill('SIGINT'));
    // Their end closes the pipe for those who say nothing.
    child.on('exit', () => void writer?.then((handle) => handle.close()).catch(() => undefined));
  };
  const onStderr = (text: string): void => {
    if (text.includes('Stopping'))
      void writer?.then((handle) => handle.writeFile(bytes).then(() => handle.close()));
  };
  return { path, interrupting: { onStart, onStderr } };
}

describe.skipIf(withoutSignals)('Ctrl-C', () => {
  it.each([
    ['harmonize', [painting, composite, '--mask', mask, '--size', '48', '--iterations', '100000,100000']],
    ['texture', [painting, '--size', '48x40', '--scales', '48', '--iterations', '100000']],
    ['reconstruct', [painting, '--layer', 'relu1_2', '--size', '48', '--iterations', '100000']],
  ])('ends %s after a step, with the best picture so far written whole', async (command, args) => {
    const out = await makeFolder(command);
    const all = [command, ...args, '-o', join(out, 'out.png'), '--threads', '1'];
    const { code, stdout, stderr } = await pastiche(all, atFirstStep);
    expect(code).toBe(130);
    expect(stdout).toMatch(/out\.png: 48x40, \d+ iterations/);
    expect(stderr).toContain('Stopping after this step; Ctrl-C again quits at once.\n');
    expect(stderr).toMatch(/Stopped after \d+ iterations; the best picture so far is in .*out\.png\.\n/);
    expect(stderr).toMatch(
      new RegExp(`\\nTo go on: pastiche ${command} .*--resume .*out\\.state\\.safetensors\\n$`),
    );
    expect((await readdir(out)).sort()).toEqual(['out.png', 'out.state.safetensors']);
    expect(await readPixels(join(out, 'out.png'))).toMatchObject({ width: 48, height: 40 });
  });

  it('before the first step of harmonize leaves what was there', async () => {
    const out = await makeFolder('before');
    await writeFile(join(out, 'out.png'), 'old');
    const { path, interrupting } = await pipeOf(mask, 'mask-pipe.png');
    const args = ['harmonize', painting, composite, '--mask', path, '-o', join(out, 'out.png')];
    const { code, stdout, stderr } = await pastiche(args, interrupting);
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toMatch(/^Stopping .*\nStopped; nothing was written\.\n$/);
    expect(await readdir(out)).toEqual(['out.png']);
    expect(await readFile(join(out, 'out.png'), 'utf8')).toBe('old');
  });

  it('ends match with no folder made', async () => {
    const large = [await writePicture(at('a.png'), 500, 400), await writePicture(at('b.png'), 400, 500, 1)];
    const out = at('matched');
    const args = ['match', ...large, '-o', out, '--layer', 'relu1_1', '--threads', '1'];
    const { code, stdout, stderr } = await pastiche(args, {
      // The folder is made when the work begins, which would take minutes.
      onStart: (child) => void appears(out).then(() => child.kill('SIGINT')),
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toBe(
      'Stopping; nothing is written. Ctrl-C again quits at once.\nStopped; nothing was written.\n',
    );
    expect(await readdir(folder)).not.toContain('matched');
  });

  it('ends match with the results of before in their folder', async () => {
    const out = await makeFolder('matched-before');
    await writeFile(join(out, 'scores.npy'), 'old');
    const { path, interrupting } = await pipeOf(composite, 'reference-pipe.png');
    const args = ['match', painting, path, '-o', out, '--layer', 'relu1_1'];
    const { code, stdout } = await pastiche(args, interrupting);
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(await readdir(out)).toEqual(['scores.npy']);
    expect(await readFile(join(out, 'scores.npy'), 'utf8')).toBe('old');
  });

  it('ends match-colors at once, with nothing written', async () => {
    const out = await makeFolder('colors');
    await writeFile(join(out, 'out.png'), 'old');
    const { path, interrupting } = await pipeOf(composite, 'colors-pipe.png');
    const args = ['match-colors', painting, path, '-o', join(out, 'out.png')];
    const { code, signal, stdout, stderr } = await pastiche(args, interrupting);
    expect({ code, signal, stdout, stderr }).toEqual({
      code: 130,
      signal: null,
      stdout: '',
      stderr: 'Stopping; nothing is written. Ctrl-C again quits at once.\nStopped; nothing was written.\n',
    });
    expect(await readdir(out)).toEqual(['out.png']);
    expect(await readFile(join(out, 'out.png'), 'utf8')).toBe('old');
  });
});
