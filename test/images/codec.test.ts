import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rm,
  stat,
  symlink,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkWritable, readImage, writeImage } from '../../src/images/codec.node.js';
import { imageSuffixes } from '../../src/images/codec.js';
import { createImage } from '../../src/images/image.js';
import {
  withoutLinks,
  withoutModes,
  withoutNameLimit,
  withoutPipes,
  withoutReplacingOpenFiles,
} from '../platform.js';
import { interleaved, scatter } from './fixtures.js';

const image = createImage(
  6,
  5,
  Float32Array.from(scatter(90, 256), (value) => value / 255),
);
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

/** Does something as a user whom permissions apply to, also when the tests run as root. */
async function withoutPrivileges(work: () => Promise<void>): Promise<void> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid!(65_534);
  try {
    await work();
  } finally {
    if (isRoot) process.seteuid!(0);
  }
}

describe('readImage', () => {
  it('reads a file', async () => {
    await writeImage(join(folder, 'a.png'), image);
    expect((await readImage(join(folder, 'a.png'))).rgb).toEqual(image.rgb);
  });

  it.skipIf(withoutPipes)('reads a file through a link and through a pipe', async () => {
    const file = join(folder, 'a.png');
    await writeImage(file, image);
    await symlink('a.png', join(folder, 'link.png'));
    expect((await readImage(join(folder, 'link.png'))).rgb).toEqual(image.rgb);
    const pipe = join(folder, 'pipe.png');
    execFileSync('mkfifo', [pipe]);
    const reading = readImage(pipe);
    createWriteStream(pipe).end(await readFile(file));
    expect((await reading).rgb).toEqual(image.rgb);
  });

  it('says that a file is missing', async () => {
    const file = join(folder, 'a.png');
    await writeImage(file, image);
    if (!withoutLinks) await symlink('nowhere.png', join(folder, 'dangling.png'));
    for (const path of [join(folder, 'b.png'), join(file, 'c.png'), join(folder, 'dangling.png'), '']) {
      const quoted = new RegExp(`"${path.replaceAll('\\', '\\\\')}"`);
      await expect(readImage(path)).rejects.toThrowError(failure('E_INPUT_MISSING', quoted));
    }
  });

  it('says that a folder is no picture', async () => {
    await expect(readImage(folder)).rejects.toThrowError(failure('E_INPUT_KIND', /is a folder/));
  });

  it.skipIf(withoutPipes)('says that a device is no picture', async () => {
    await expect(readImage('/dev/zero')).rejects.toThrowError(failure('E_INPUT_KIND', /is a device/));
  });

  it.skipIf(withoutModes)('says that a file may not be read', async () => {
    const file = join(folder, 'secret.png');
    await writeImage(file, image);
    await chmod(file, 0);
    await withoutPrivileges(async () => {
      await expect(readImage(file)).rejects.toThrowError(failure('E_INPUT_PERMISSION', /EACCES/));
    });
  });

  it('names the file that is no picture, or too large', async () => {
    const file = join(folder, 'text.png');
    await writeFile(file, 'this is text');
    await expect(readImage(file)).rejects.toThrowError(failure('E_IMAGE_DECODE', /text\.png/));
    await writeFile(file, '');
    await expect(readImage(file)).rejects.toThrowError(failure('E_IMAGE_DECODE', /text\.png.*empty/));
    await writeImage(file, image);
    await truncate(file, 2 ** 31);
    await expect(readImage(file)).rejects.toThrowError(
      failure('E_IMAGE_SIZE', /text\.png.*larger than 2 GB/),
    );
    await writeImage(file, image);
    await expect(readImage(file, { maxPixels: 29 })).rejects.toThrowError(
      failure('E_IMAGE_SIZE', /text\.png.*6x5/),
    );
  });
});

describe('writeImage', () => {
  it('writes the format of the suffix', async () => {
    for (const [suffix, format] of Object.entries(imageSuffixes)) {
      const path = join(folder, `out${suffix}`);
      await writeImage(path, image, { metadata: { software: 'Pastiche', description: 'test' } });
      expect((await sharp(await readFile(path)).metadata()).format).toBe(format === 'avif' ? 'heif' : format);
    }
    expect(await readdir(folder)).toHaveLength(Object.keys(imageSuffixes).length);
  });

  it('replaces a file and keeps its permissions', async () => {
    const path = join(folder, 'out.png');
    await writeFile(path, 'old');
    await chmod(path, 0o640);
    await writeImage(path, image);
    expect((await readImage(path)).rgb).toEqual(image.rgb);
    expect((await stat(path)).mode & 0o777).toBe(withoutModes ? 0o666 : 0o640);
    expect(await readdir(folder)).toEqual(['out.png']);
  });

  it.skipIf(withoutLinks)('writes the file behind a link, which need not exist', async () => {
    await mkdir(join(folder, 'deep'));
    await symlink(join('deep', 'real.png'), join(folder, 'second.png'));
    await symlink('second.png', join(folder, 'first.png'));
    for (let times = 0; times < 2; times++) {
      await checkWritable(join(folder, 'first.png'));
      await writeImage(join(folder, 'first.png'), image);
      expect(await readlink(join(folder, 'first.png'))).toBe('second.png');
      expect((await lstat(join(folder, 'deep', 'real.png'))).isFile()).toBe(true);
      expect(await readdir(join(folder, 'deep'))).toEqual(['real.png']);
    }
  });

  it.skipIf(withoutLinks)('goes through linked folders as the system does', async () => {
    await mkdir(join(folder, 'a', 'b'), { recursive: true });
    await symlink(join('a', 'b'), join(folder, 'short'));
    await writeImage(`${folder}/short/../out.png`, image);
    expect(await readdir(join(folder, 'a'))).toEqual(['b', 'out.png']);
    await symlink('../behind.png', join(folder, 'a', 'b', 'link.png'));
    await writeImage(join(folder, 'short', 'link.png'), image);
    expect(await readdir(join(folder, 'a'))).toEqual(['b', 'behind.png', 'out.png']);
  });

  it('leaves the old file alone when the picture can not be encoded', async () => {
    const path = join(folder, 'out.png');
    await writeFile(path, 'old');
    const broken = createImage(1, 1, Float32Array.of(0, NaN, 0));
    await expect(writeImage(path, broken)).rejects.toThrowError(failure('E_NUMERIC'));
    await expect(writeImage(join(folder, 'out.bmp'), image)).rejects.toThrowError(failure('E_IMAGE_FORMAT'));
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['out.png']);
  });

  it.skipIf(withoutReplacingOpenFiles)('is whole after many writers at once', async () => {
    const path = join(folder, 'out.png');
    const pictures = Array.from({ length: 12 }, (_, i) =>
      createImage(40, 30, new Float32Array(3600).fill(i / 255)),
    );
    await Promise.all(pictures.map((picture) => writeImage(path, picture)));
    const values = new Set(interleaved(await readImage(path), 255).map(Math.round));
    expect(values.size).toBe(1);
    expect(await readdir(folder)).toEqual(['out.png']);
  });
});

describe('a place that can not be written', () => {
  /** Both the check before a run and the writing after it must refuse, and leave the folder as it was. */
  async function expectRefused(path: string, message: RegExp, left: readonly string[]): Promise<void> {
    await expect(checkWritable(path)).rejects.toThrowError(failure('E_OUTPUT', message));
    await expect(writeImage(path, image)).rejects.toThrowError(failure('E_OUTPUT', message));
    expect((await readdir(folder)).sort()).toEqual(left);
  }

  it('has no folder', async () => {
    await expectRefused(join(folder, 'missing', 'out.png'), /folder does not exist/, []);
    await writeFile(join(folder, 'file'), '');
    await expectRefused(join(folder, 'file', 'out.png'), /should be its folder is a file/, ['file']);
  });

  it('is a folder', async () => {
    await mkdir(join(folder, 'out.png'));
    await expectRefused(join(folder, 'out.png'), /it is a folder/, ['out.png']);
  });

  it.skipIf(withoutLinks)('is a link to a device, or to itself', async () => {
    await symlink('/dev/null', join(folder, 'null.png'));
    await expectRefused(join(folder, 'null.png'), /it is a device/, ['null.png']);
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
    await unlink(join(folder, 'null.png'));
    await symlink('loop.png', join(folder, 'loop.png'));
    await expectRefused(join(folder, 'loop.png'), /links go round in a circle/, ['loop.png']);
  });

  it.skipIf(withoutNameLimit)('has too long a name', async () => {
    await expectRefused(join(folder, `${'x'.repeat(300)}.png`), /name is too long/, []);
  });

  it.skipIf(withoutModes)('is not permitted', async () => {
    await writeFile(join(folder, 'protected.png'), 'old');
    await chmod(join(folder, 'protected.png'), 0o444);
    await chmod(folder, 0o777);
    await withoutPrivileges(() =>
      expectRefused(join(folder, 'protected.png'), /permission is denied/, ['protected.png']),
    );
    await chmod(folder, 0o555);
    await withoutPrivileges(() =>
      expectRefused(join(folder, 'out.png'), /permission is denied/, ['protected.png']),
    );
    await chmod(folder, 0o755);
    expect(await readFile(join(folder, 'protected.png'), 'utf8')).toBe('old');
  });

  it.skipIf(withoutPipes)('takes no new files, not even from root', async () => {
    await expect(checkWritable('/dev/fd/out.png')).rejects.toThrowError(failure('E_OUTPUT'));
    await expect(writeImage('/dev/fd/out.png', image)).rejects.toThrowError(failure('E_OUTPUT'));
  });
});

describe('checkWritable', () => {
  it('leaves everything as it was', async () => {
    await checkWritable(join(folder, 'new.jpg'), { quality: 80 }, { width: 10, height: 10 });
    expect(await readdir(folder)).toEqual([]);
    await writeFile(join(folder, 'old.png'), 'old');
    await checkWritable(join(folder, 'old.png'), { bitDepth: 16 });
    expect(await readdir(folder)).toEqual(['old.png']);
    expect(await readFile(join(folder, 'old.png'), 'utf8')).toBe('old');
  });

  it('knows the formats and what they can hold', async () => {
    await expect(checkWritable(join(folder, 'a.bmp'))).rejects.toThrowError(failure('E_IMAGE_FORMAT'));
    await expect(checkWritable(join(folder, 'a.jpg'), { bitDepth: 16 })).rejects.toThrowError(
      failure('E_ARGUMENT'),
    );
    const size = { width: 20_000, height: 100 };
    await expect(checkWritable(join(folder, 'a.webp'), {}, size)).rejects.toThrowError(
      failure('E_IMAGE_SIZE'),
    );
  });
});
