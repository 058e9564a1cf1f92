import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { moveIntoPlace } from '../src/replace-file.node.js';

let folder: string;
const at = (name: string): string => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pastiche-move-'));
  await writeFile(at('finished'), 'new');
});
afterEach(() => rm(folder, { recursive: true }));

describe('a finished file', () => {
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
