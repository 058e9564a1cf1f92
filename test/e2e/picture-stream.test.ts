import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cropSquare, PictureOrder } from '../../src/training/picture-crops.js';
import { findPictures } from '../../src/training/picture-folders.node.js';
import type * as Stream from '../../src/training/picture-stream.node.js';

// A worker thread needs compiled files: the stream comes from the build, which the test command makes first.
const built = new URL('../../dist/training/picture-stream.node.js', import.meta.url).href;
const { PictureStream } = (await import(built)) as typeof Stream;

let root: string;
const at = (...names: readonly string[]): string => join(root, ...names);
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pastiche-stream-'));
  await mkdir(at('good'));
  await mkdir(at('mixed'));
  for (const i of range(7)) await writeCoordinates(at('good', `${i}.png`), 40 + 9 * i, 70 - 5 * i, i);
  for (const i of range(3)) await copyFile(at('good', `${i}.png`), at('mixed', `${i}.png`));
  const noise = Uint8Array.from({ length: 3 * 64 * 64 }, (_, i) => Math.imul(i, 2654435761) >>> 24);
  const jpeg = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
    .jpeg()
    .toBuffer();
  await writeFile(at('mixed', 'cut-off.jpg'), jpeg.subarray(0, jpeg.length / 2));
  await writeFile(at('mixed', 'empty.png'), '');
  await writeFile(at('mixed', 'text.webp'), 'not a picture');
});
afterAll(() => rm(root, { recursive: true }));

const opened: Stream.PictureStream[] = [];
afterEach(async () => void (await Promise.all(opened.splice(0).map((stream) => stream.close()))));

async function open(
  folder: string,
  options: Partial<Stream.PictureStreamOptions> = {},
): Promise<Stream.PictureStream> {
  const stream = await PictureStream.open({
    pictures: [at(folder)],
    size: 24,
    batch: 3,
    seed: 5,
    ...options,
  });
  opened.push(stream);
  return stream;
}

async function take(stream: Stream.PictureStream, count: number): Promise<Stream.PictureBatch[]> {
  const batches: Stream.PictureBatch[] = [];
  while (batches.length < count) batches.push(await stream.next());
  return batches;
}

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

/** Red is the column, green the row, blue the picture's number. */
async function writeCoordinates(path: string, width: number, height: number, number: number): Promise<void> {
  const pixels = range(width * height).flatMap((i) => [i % width, Math.floor(i / width), 10 * number]);
  await sharp(Uint8Array.from(pixels), { raw: { width, height, channels: 3 } }).toFile(path);
}

const error = (code: string, ...messages: readonly string[]): unknown =>
  expect.objectContaining({
    name: 'StyleError',
    code,
    message: expect.stringMatching(messages.map((part) => `(?=.*${part})`).join('')) as unknown,
    remedy: expect.stringMatching(/\w/) as unknown,
  });

describe('a stream of pictures', () => {
  it('hands over crops of the pictures whose turn it is, where the order says', async () => {
    // Crops of a single pixel of the file: nothing is resampled.
    const stream = await open('good', { scales: [0.01, 0.01], size: 1, batch: 14 });
    expect(stream.pictures).toBe(7);
    const { index, values } = await stream.next();
    expect(index).toBe(0);
    expect(values.length).toBe(14 * 3);
    const order = new PictureOrder(5, 7);
    for (const position of range(14)) {
      const picture = order.picture(position);
      const draw = order.crop(position);
      const square = cropSquare(draw, { width: 40 + 9 * picture, height: 70 - 5 * picture }, 1, [0.01, 0.01]);
      const colour = [...values.subarray(3 * position, 3 * position + 3)].map((value) => value * 255);
      expect(colour.map(Math.round)).toEqual([square.left, square.top, 10 * picture]);
    }
  });

  it('shows parts of the pictures, mirrored or not', async () => {
    const size = 24;
    const order = new PictureOrder(5, 7);
    for (const flip of [true, false]) {
      const stream = await open('good', { size, batch: 7, scales: [0.01, 0.01 + size / 40], flip });
      const batches = await take(stream, 3);
      for (const position of range(21)) {
        const planes = batches[Math.floor(position / 7)]!.values.subarray(
          (position % 7) * 3 * size * size,
          ((position % 7) + 1) * 3 * size * size,
        );
        const picture = order.picture(position);
        const draw = order.crop(position);
        const [width, height] = [40 + 9 * picture, 70 - 5 * picture];
        const { left, top, side } = cropSquare(draw, { width, height }, size, [0.01, 0.01 + size / 40]);
        const colour = (row: number, column: number) =>
          range(3).map((channel) => planes[(channel * size + row) * size + column]! * 255);
        // In the middle, a quarter from the edges: the ramps of red and green go on over the square's pixels.
        for (const [row, column] of [
          [6, 6],
          [12, 17],
          [17, 8],
        ] as const) {
          const across = flip && draw.flipped ? size - 1 - column : column;
          const [red, green, blue] = colour(row, column);
          expect(Math.abs(red! - (left + ((across + 0.5) * side) / size - 0.5))).toBeLessThan(0.6);
          expect(Math.abs(green! - (top + ((row + 0.5) * side) / size - 0.5))).toBeLessThan(0.6);
          expect(Math.abs(blue! - 10 * picture)).toBeLessThan(0.01);
        }
      }
    }
  });

  it('gives batch i the same from any start and with any number of workers, with broken files too', async () => {
    for (const folder of ['good', 'mixed']) {
      const all = await take(await open(folder), 8);
      expect(all.map(({ index }) => index)).toEqual(range(8));
      expect(await take(await open(folder, { start: 5, ahead: 1 }), 3)).toEqual(all.slice(5));
      expect(await take(await open(folder, { workers: 3, ahead: 7 }), 8)).toEqual(all);
      const other = await take(await open(folder, { seed: 6 }), 1);
      expect(other[0]!.values).not.toEqual(all[0]!.values);
    }
  });

  it('hands batches in their order to all who ask at once', async () => {
    const stream = await open('good', { ahead: 1, workers: 2 });
    const batches = await Promise.all(range(6).map(() => stream.next()));
    expect(batches).toEqual(await take(await open('good'), 6));
  });

  it('leaves out broken files, names each once, and has good ones in their places', async () => {
    const stream = await open('mixed', { size: 4, batch: 6, workers: 2 });
    const shown = (await take(stream, 2)).flatMap(({ values }) =>
      range(6).map((i) => Math.round((values[i * 48 + 32]! * 255) / 10)),
    );
    // For a broken one stands in the next good one of the epoch; good ones are named by their number.
    const names = (await findPictures([at('mixed')])).map((path) => basename(path));
    const order = new PictureOrder(5, 6);
    const expected = range(12).map((position) => {
      const candidates = range(6).map((candidate) => names[order.picture(position, candidate)]!);
      return Number.parseInt(candidates.find((name) => /^\d/.test(name))!);
    });
    expect(shown).toEqual(expected);
    const skipped = [...stream.skipped].sort((a, b) => (a.path < b.path ? -1 : 1));
    expect(skipped).toEqual([
      { path: at('mixed', 'cut-off.jpg'), reason: expect.stringContaining('cut-off.jpg') as unknown },
      { path: at('mixed', 'empty.png'), reason: expect.stringContaining('it is empty') as unknown },
      { path: at('mixed', 'text.webp'), reason: expect.stringContaining('text.webp') as unknown },
    ]);
  });

  it('works with one picture only, also with one pixel, one column, and 16 bits of grey', async () => {
    const pictures: [name: string, width: number, height: number, depth: 'uchar' | 'ushort'][] = [
      ['pixel.png', 1, 1, 'uchar'],
      ['column.png', 1, 300, 'uchar'],
      ['deep.png', 50, 20, 'ushort'],
    ];
    for (const [name, width, height, depth] of pictures) {
      const grey = new (depth === 'ushort' ? Uint16Array : Uint8Array)(width * height).fill(51);
      let picture = sharp(grey, { raw: { width, height, channels: 1 } });
      if (depth === 'ushort') picture = picture.toColourspace('grey16');
      await picture.toFile(at(name));
      const stream = await open(name);
      for (const { values } of await take(stream, 2)) {
        expect(values.length).toBe(3 * 3 * 24 * 24);
        const expected = depth === 'ushort' ? 51 / 65_535 : 51 / 255;
        expect(Math.max(...values.map((value) => Math.abs(value - expected)))).toBeLessThan(1e-6);
      }
      expect([stream.pictures, stream.skipped]).toEqual([1, []]);
    }
  });

  it('leaves out what is excluded', async () => {
    const stream = await open('good', { exclude: (path) => !path.endsWith('4.png'), batch: 9, size: 2 });
    const { values } = await stream.next();
    expect(stream.pictures).toBe(1);
    expect(range(9).map((i) => Math.round(values[i * 12 + 8]! * 255))).toEqual(range(9).map(() => 40));
  });

  it('prepares no more batches than it was told to', async () => {
    await mkdir(at('changing'));
    const paint = (value: number): Promise<unknown> =>
      sharp({ create: { width: 8, height: 8, channels: 3, background: { r: value, g: 0, b: 0 } } }).toFile(
        at('changing', 'a.png'),
      );
    await paint(100);
    const stream = await open('changing', { size: 2, batch: 1, ahead: 3 });
    await stream.next();
    // Far more time than a hundred such batches take, if anything made them.
    await pause(400);
    await paint(200);
    const red = (await take(stream, 6)).map(({ values }) => Math.round(values[0]! * 255));
    expect(red.slice(3)).toEqual([200, 200, 200]);
  });

  it('counts the time that was spent waiting', async () => {
    const stream = await open('good');
    expect(stream.waited).toBe(0);
    await stream.next();
    expect(stream.waited).toBeGreaterThan(0);
  });
});

describe('a stream of pictures that can’t go on', () => {
  it('says which option is wrong', async () => {
    const wrong: [Partial<Stream.PictureStreamOptions>, string][] = [
      [{ size: 0 }, 'size 0'],
      [{ size: 12.5 }, 'size 12.5'],
      [{ batch: Number.NaN }, 'batch NaN'],
      [{ workers: 0 }, 'workers 0'],
      [{ ahead: 0 }, 'ahead 0'],
      [{ start: -1 }, 'start -1'],
      [{ seed: 0.5 }, 'seed 0.5'],
      [{ scales: [0, 1] }, '0 to 1'],
      [{ scales: [0.5, 0.4] }, '0.5 to 0.4'],
      [{ scales: [0.5, 1.1] }, '0.5 to 1.1'],
      [{ pictures: [] }, 'No folder'],
    ];
    for (const [options, message] of wrong) {
      await expect(open('good', options)).rejects.toEqual(error('E_ARGUMENT', message));
    }
  });

  it('says what pictures are missing', async () => {
    await mkdir(at('nothing'));
    await expect(open('nowhere')).rejects.toEqual(error('E_INPUT_MISSING', 'nowhere'));
    await expect(open('nothing')).rejects.toEqual(error('E_INPUT_MISSING', 'no picture', 'nothing'));
    await expect(open('good', { exclude: () => true })).rejects.toEqual(
      error('E_INPUT_MISSING', 'All 7 pictures', 'good', 'excluded'),
    );
  });

  it('says so when no picture can be read, with the first reason', async () => {
    const stream = await open('mixed', { exclude: (path) => /\d\.png$/.test(path) });
    const first = await stream.next().catch((reason: unknown) => reason);
    expect(first).toEqual(error('E_IMAGE_DECODE', 'None of the 3 pictures', 'as a picture: '));
    await expect(stream.next()).rejects.toEqual(error('E_IMAGE_DECODE', 'None of the 3 pictures'));
  });

  it('rejects when a worker dies, and from then on', async () => {
    const stream = await open('good', { workers: 2 });
    await stream.next();
    const waiting = Promise.all(range(40).map(() => stream.next()));
    await stream['workers'][1]!.terminate();
    await expect(waiting).rejects.toEqual(error('E_RUNTIME', 'ended too early', 'exit code'));
    await expect(stream.next()).rejects.toEqual(error('E_RUNTIME', 'ended too early'));
    await stream.close();
  });

  it('says so when a batch does not fit into memory', async () => {
    const stream = await open('good', { size: 200_000, batch: 100 });
    await expect(stream.next()).rejects.toEqual(error('E_MEMORY', 'out of memory'));
  });

  it('ends its threads and rejects who waits when it is closed, once or twice', async () => {
    const stream = await open('good', { workers: 2, ahead: 50 });
    const threads = [...stream['workers']];
    const waiting = range(60).map(() => stream.next().catch((reason: unknown) => reason));
    await Promise.all([stream.close(), stream.close()]);
    expect(threads.map(({ threadId }) => threadId)).toEqual([-1, -1]);
    expect(await waiting[59]).toEqual(error('E_RUNTIME', 'closed'));
    await expect(stream.next()).rejects.toEqual(error('E_RUNTIME', 'closed'));
  });

  it('neither keeps a program alive nor ends it with an error, closed or not', async () => {
    const programs = {
      'left open': 'await stream.next();',
      'closed while it waits': 'stream.next().catch(() => {}); await stream.close();',
      'ended in the middle': 'await stream.next(); process.exit();',
      'of broken files, and never asked': 'await new Promise((resolve) => setTimeout(resolve, 300));',
    };
    const run = promisify(execFile);
    for (const [name, use] of Object.entries(programs)) {
      const pictures = name.includes('broken') ? ['cut-off.jpg', 'empty.png'] : ['0.png', '1.png'];
      const options = { pictures: pictures.map((file) => at('mixed', file)), size: 64, batch: 20, seed: 1 };
      const program = `import { PictureStream } from '${built}';
        const stream = await PictureStream.open(${JSON.stringify({ ...options, workers: 2 })});
        ${use}`;
      const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', program]);
      expect([name, stdout, stderr]).toEqual([name, '', '']);
    }
  });
});
