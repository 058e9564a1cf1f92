import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findPictures } from '../../src/training/picture-folders.node.js';
import { withoutLinks, withoutPipes } from '../platform.js';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'pastiche-pictures-'))));
afterEach(() => rm(folder, { recursive: true }));

async function touch(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), '');
  }
}
const found = async (...names: readonly string[]): Promise<string[]> =>
  (await findPictures(names.map((name) => join(folder, name)))).map((path) =>
    path
      .slice(folder.length + 1)
      .split(sep)
      .join('/'),
  );
const error = (code: string, ...parts: readonly string[]): unknown =>
  expect.objectContaining({
    name: 'StyleError',
    code,
    message: expect.stringContaining(parts[0]!) as unknown,
    remedy: expect.stringContaining(parts[1] ?? '') as unknown,
  });

describe('finding pictures', () => {
  it('takes all suffixes of pictures, in folders and below, in the order of code units', async () => {
    await touch('b/z.jpg', 'b/a.PNG', 'b-c.webp', 'b.tiff', 'ä.gif', 'Z.avif', 'a10.jpeg', 'a9.tif');
    await touch('notes.txt', 'b/jpg', '.hidden.jpg', '.thumbnails/x.jpg', 'x.jpg/inner.png');
    expect(await found('')).toEqual([
      'Z.avif',
      'a10.jpeg',
      'a9.tif',
      'b-c.webp',
      'b.tiff',
      'b/a.PNG',
      'b/z.jpg',
      'x.jpg/inner.png',
      'ä.gif',
    ]);
  });

  it('takes files that are named, whatever their suffix, and no file twice', async () => {
    await touch('one/a.jpg', 'one/b.jpg', 'two/scan');
    expect(await found('two/scan', 'one/b.jpg', 'one', 'one/../one/b.jpg')).toEqual([
      'one/a.jpg',
      'one/b.jpg',
      'two/scan',
    ]);
    expect(await found('one/b.jpg')).toEqual(['one/b.jpg']);
  });

  it.skipIf(withoutLinks)(
    'follows links, but not in a circle, and passes over those that lead nowhere',
    async () => {
      await touch('set/a.jpg', 'elsewhere/b.jpg');
      await symlink(join(folder, 'elsewhere'), join(folder, 'set/linked'));
      await symlink(join(folder, 'set'), join(folder, 'set/circle'));
      await symlink(join(folder, 'set/a.jpg'), join(folder, 'set/again.jpg'));
      await symlink(join(folder, 'gone.jpg'), join(folder, 'set/gone.jpg'));
      expect(await found('set')).toEqual(['set/a.jpg', 'set/again.jpg', 'set/linked/b.jpg']);
    },
  );

  it('says what is missing', async () => {
    await touch('full/a.jpg', 'notes/list.txt');
    await mkdir(join(folder, 'empty'));
    const missing = join(folder, 'nowhere');
    await expect(found('full', 'nowhere')).rejects.toEqual(error('E_INPUT_MISSING', missing));
    await expect(found('full/a.jpg/deeper')).rejects.toEqual(error('E_INPUT_MISSING', 'deeper'));
    for (const name of ['empty', 'notes']) {
      await expect(found('full', name)).rejects.toEqual(
        error('E_INPUT_MISSING', `no picture in the folder "${join(folder, name)}"`, '.jpg'),
      );
    }
  });

  it.skipIf(withoutPipes)('never opens a pipe', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe.jpg')]);
    await touch('a.jpg');
    expect(await found('')).toEqual(['a.jpg']);
    await expect(found('pipe.jpg')).rejects.toEqual(error('E_INPUT_KIND', 'pipe.jpg'));
  });
});
