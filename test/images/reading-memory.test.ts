import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readImageSize } from '../../src/images/codec.node.js';
import { readingMemory } from '../../src/images/reading-memory.js';

let folder: string;
let script: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pastiche-memory-'));
  script = join(folder, 'child.cjs');
  const contents = `
    import { readFileSync } from 'node:fs';
    import { readImage } from './src/images/codec.node.ts';
    const peak = () => 1024 * Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
    const [path, longSide] = process.argv.slice(2);
    const before = peak();
    readImage(path, longSide === undefined ? {} : { longSide: Number(longSide) }).then(() => console.log(peak() - before));`;
  await build({
    stdin: { contents, loader: 'ts', resolveDir: join(import.meta.dirname, '../..') },
    ...{ bundle: true, platform: 'node', format: 'cjs', packages: 'external', outfile: script },
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** How many bytes more than before a process has at its peak that reads a picture. */
async function measured(path: string, longSide?: number): Promise<number> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [script, path, ...(longSide === undefined ? [] : [String(longSide)])],
    { env: { ...process.env, NODE_PATH: join(import.meta.dirname, '../../node_modules') } },
  );
  return Number(stdout);
}

// Where the peak of a process can be asked for, and begins at its start.
describe.skipIf(process.platform !== 'linux')('readingMemory', () => {
  const noise = (width: number, height: number): Sharp =>
    sharp({
      create: {
        ...{ width, height, channels: 3, background: 'grey' },
        noise: { type: 'gaussian', mean: 128, sigma: 30 },
      },
      limitInputPixels: false,
    });
  const files: Record<string, (picture: Sharp) => Sharp> = {
    'a.jpg': (picture) => picture.jpeg(),
    'progressive.jpg': (picture) => picture.jpeg({ progressive: true }),
    'clear.png': (picture) => picture.ensureAlpha(0.5).png({ compressionLevel: 1 }),
    'a.tif': (picture) => picture.withMetadata({ orientation: 6 }).tiff({ compression: 'none' }),
  };

  for (const [name, encode] of Object.entries(files)) {
    it(`is within a quarter of what is measured, whole and reduced: ${name}`, async () => {
      const path = join(folder, name);
      await encode(noise(4000, 3000)).toFile(path);
      const size = (await readImageSize(path))!;
      for (const longSide of [undefined, 1000]) {
        const predicted = readingMemory(size, longSide === undefined ? {} : { longSide });
        const actual = await measured(path, longSide);
        expect(predicted / actual).toBeGreaterThan(0.75);
        expect(predicted / actual).toBeLessThan(1.25);
      }
    });
  }
});

describe('readingMemory of a size alone', () => {
  it('is that of a photograph as JPEG', async () => {
    const path = join(folder, 'photograph.jpg');
    await sharp({ create: { width: 3000, height: 2000, channels: 3, background: 'teal' } })
      .jpeg()
      .toFile(path);
    const { reading, ...size } = (await readImageSize(path))!;
    for (const options of [{}, { longSide: 500 }]) {
      const known = readingMemory({ ...size, reading: { ...reading, file: 3e6 } }, options);
      expect(readingMemory({ width: 3000, height: 2000 }, options)).toBe(known);
    }
  });

  it('grows with the picture, its bits and its alpha, and is smaller for a smaller picture', () => {
    const size = { width: 8064, height: 6048 };
    const whole = readingMemory(size);
    expect(readingMemory({ ...size, bitDepth: 16 })).toBeGreaterThan(whole);
    expect(readingMemory({ ...size, alpha: true })).toBeGreaterThan(whole);
    const reduced = readingMemory(size, { longSide: 512 });
    expect(reduced).toBeLessThan(whole / 3);
    expect(readingMemory(size, { longSide: 2048 })).toBeGreaterThan(reduced);
    expect(readingMemory(size, { longSide: 10_000 })).toBe(whole);
  });
});
