import { execFile, execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readImage, writeImage } from '../src/images/codec.node.js';
import { createImage } from '../src/images/image.js';
import { checkReplaceable, moveIntoPlace, replaceFile } from '../src/replace-file.node.js';
import { interleaved } from './images/fixtures.js';
import { canMount, withoutReplacingOpenFiles, withoutShell } from './platform.js';

const run = promisify(execFile);
const failure = (code: string, message?: RegExp) =>
  expect.objectContaining({
    name: 'StyleError',
    code,
    remedy: expect.stringMatching(/\S/) as string,
    ...(message && { message: expect.stringMatching(message) as string }),
  });

let root: string;
let folder: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pastiche-images-'));
  await chmod(root, 0o755);
});
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'test-'));
  await chmod(folder, 0o777);
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('a file system of its own', () => {
  it.skipIf(!canMount())('that is full, or read-only, is named so, with nothing left behind', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
    try {
      const path = join(folder, 'out.png');
      await replaceFile(path, new Uint8Array(10_000).fill(1));
      await checkReplaceable(path);
      // Larger than the disk: the first part of it can be written, and is.
      await expect(replaceFile(path, new Uint8Array(100_000))).rejects.toThrowError(
        failure('E_OUTPUT', /disk is full/),
      );
      expect(await readdir(folder)).toEqual(['out.png']);
      expect(await readFile(path)).toEqual(Buffer.alloc(10_000, 1));
      await writeFile(join(folder, 'filler'), new Uint8Array(48_000));
      await writeFile(join(folder, 'rest'), new Uint8Array(100_000)).catch(() => undefined);
      await expect(checkReplaceable(path)).rejects.toThrowError(failure('E_OUTPUT', /disk is full/));
      execFileSync('mount', ['-o', 'remount,ro', folder]);
      await expect(checkReplaceable(path)).rejects.toThrowError(failure('E_OUTPUT', /read-only/));
      await expect(replaceFile(path, new Uint8Array(10))).rejects.toThrowError(
        failure('E_OUTPUT', /read-only/),
      );
      expect((await readdir(folder)).sort()).toEqual(['filler', 'out.png', 'rest']);
    } finally {
      execFileSync('umount', [folder]);
    }
  });
});

describe('other processes', () => {
  let script: string;
  const env = { ...process.env, NODE_PATH: join(import.meta.dirname, '../node_modules') };
  const child = (...arguments_: string[]) => run(process.execPath, [script, ...arguments_], { env });

  beforeAll(async () => {
    script = join(root, 'child.cjs');
    const contents = `
      import { readdirSync } from 'node:fs';
      import { dirname } from 'node:path';
      import { writeImage } from './src/images/codec.node.ts';
      import { replaceFile } from './src/replace-file.node.ts';
      const [task, path, value] = process.argv.slice(2);
      const image = { width: 200, height: 150, rgb: new Float32Array(90000).fill(Number(value) / 255) };
      async function main() {
        if (task === 'often') for (let i = 0; i < 15; i++) await writeImage(path, image);
        if (task === 'large') await replaceFile(path, new Uint8Array(200_000)).catch((error) => console.log(error.code, error.message));
        if (task === 'leave') {
          const exit = () => (readdirSync(dirname(path)).length > 0 ? process.exit(7) : setImmediate(exit));
          exit();
          await replaceFile(path, new Uint8Array(1e8));
        }
      }
      main();`;
    await build({
      stdin: { contents, loader: 'ts', resolveDir: join(import.meta.dirname, '..') },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      packages: 'external',
      outfile: script,
    });
  });

  it.skipIf(withoutReplacingOpenFiles)(
    'that write the same file leave a whole one, at any time',
    async () => {
      const path = join(folder, 'out.png');
      await writeImage(path, createImage(200, 150, new Float32Array(90_000)));
      const writers = Promise.all(['50', '100'].map((value) => child('often', path, value)));
      let done = false;
      const finished = writers.finally(() => (done = true));
      while (!done) {
        const seen = new Set(interleaved(await readImage(path), 255).map(Math.round));
        expect(seen.size).toBe(1);
      }
      await finished;
      expect([50, 100]).toContain(Math.round(255 * (await readImage(path)).rgb[0]!));
      expect(await readdir(folder)).toEqual(['out.png']);
    },
  );

  it.skipIf(withoutShell)('that may not write so large a file say so and leave nothing', async () => {
    // A limit of the system that cuts a write short, as a full disk does, and needs no root.
    const limited = ['-c', 'ulimit -f 32; exec "$@"', 'sh', process.execPath, script];
    const { stdout } = await run('sh', [...limited, 'large', join(folder, 'out.png')], { env });
    expect(stdout).toMatch(/^E_OUTPUT .*larger than this system allows/);
    expect(await readdir(folder)).toEqual([]);
  });

  it('that exit in the middle of writing leave nothing', async () => {
    await expect(child('leave', join(folder, 'out.png'))).rejects.toMatchObject({ code: 7 });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a finished file', () => {
  const at = (name: string): string => join(folder, name);
  beforeEach(() => writeFile(at('finished'), 'new'));

  it('takes a new name', async () => {
    await moveIntoPlace(at('finished'), at('file'));
    expect(await readdir(folder)).toEqual(['file']);
    expect(await readFile(at('file'), 'utf8')).toBe('new');
  });

  it('takes the place of another, with its permissions, also behind a link', async () => {
    await writeFile(at('old'), 'old');
    await chmod(at('old'), 0o640);
    await symlink('old', at('link'));
    await moveIntoPlace(at('finished'), at('link'));
    expect(await readdir(folder)).toEqual(['link', 'old']);
    expect(await readFile(at('old'), 'utf8')).toBe('new');
    expect((await stat(at('old'))).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o640);
  });

  it('stays where it is when the place is a folder', async () => {
    await mkdir(at('taken'));
    await expect(moveIntoPlace(at('finished'), at('taken'))).rejects.toMatchObject({
      code: 'E_OUTPUT',
      message: `"${at('taken')}" can't be written: it is a folder.`,
    });
    expect(await readFile(at('finished'), 'utf8')).toBe('new');
  });
});
