import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { splitPictures } from '../../src/training/picture-split.node.js';

let folder: string;
const at = (...names: string[]): string => join(folder, ...names);
const list = async (name: string, text: string): Promise<string> => {
  await writeFile(at(name), text);
  return at(name);
};
const two = (place: number): string => String(place).padStart(2, '0');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pastiche-lists-'));
  await mkdir(at('photos', 'more'), { recursive: true });
  await mkdir(at('few'));
  // Nothing is decoded here.
  for (let i = 0; i < 20; i += 1) await writeFile(at('photos', `${two(i)}.jpg`), '');
  await writeFile(at('photos', 'more', '03.jpg'), '');
  await writeFile(at('few', 'one.png'), '');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const names = (paths: readonly string[]): string[] => paths.map((path) => basename(path));

describe('the pictures of a training', () => {
  it('are all but every tenth where there are no lists', async () => {
    const { training, heldOut } = await splitPictures({ images: [at('photos')] });
    expect(names(heldOut)).toEqual(['09.jpg', '19.jpg']);
    expect([...training, ...heldOut].sort()).toHaveLength(21);
    expect(training.filter((path) => heldOut.includes(path))).toEqual([]);
  });

  it('are held out themselves where there are too few', async () => {
    const one = await splitPictures({ images: [at('few')] });
    expect(one).toEqual({ training: [at('few', 'one.png')], heldOut: [at('few', 'one.png')] });
  });

  it('are parted by lists of the ends of paths, with comments, empty lines and any line ends', async () => {
    const heldOut = await list('held-out.txt', '# for validation\r\n\r\nmore/03.jpg\r\n./05.jpg\r\n');
    const exclude = await list('exclude.txt', `07.jpg\n${at('photos', '08.jpg')}\n1.jpg\nhotos/02.jpg\n`);
    const warnings: string[] = [];
    const split = await splitPictures({ images: [at('photos')], heldOut, exclude }, (message) =>
      warnings.push(message),
    );
    expect(split.heldOut).toEqual([at('photos', '05.jpg'), at('photos', 'more', '03.jpg')]);
    expect(split.training).toHaveLength(17);
    // A line is whole names: 1.jpg is not 11.jpg.
    for (const kept of ['01', '02', '03', '11'])
      expect(split.training).toContain(at('photos', `${kept}.jpg`));
    for (const gone of ['07', '08']) expect(names(split.training)).not.toContain(`${gone}.jpg`);
    expect(warnings).toEqual([]);
  });

  it('are excluded before every tenth is taken', async () => {
    const exclude = await list('exclude-09.txt', '09.jpg\n');
    expect(names((await splitPictures({ images: [at('photos')], exclude })).heldOut)).toEqual([
      '10.jpg',
      '03.jpg',
    ]);
  });

  it('are told of lists that say nothing', async () => {
    const nothing = await list('nothing.txt', '# 03.jpg\nelsewhere/03.jpg\n');
    const warnings: string[] = [];
    const split = await splitPictures({ images: [at('photos')], exclude: nothing }, (message) =>
      warnings.push(message),
    );
    expect([...split.training, ...split.heldOut]).toHaveLength(21);
    expect(warnings).toEqual([expect.stringMatching(/nothing\.txt" names none of the 21 pictures/)]);
    await expect(splitPictures({ images: [at('photos')], heldOut: nothing })).rejects.toMatchObject({
      code: 'E_INPUT_MISSING',
      message: expect.stringContaining('nothing.txt') as string,
    });
  });

  it('are refused where lists leave nothing to train on, or can not be read', async () => {
    const all = await list('all.txt', 'one.png\n');
    for (const lists of [{ exclude: all }, { heldOut: all }]) {
      await expect(splitPictures({ images: [at('few')], ...lists })).rejects.toMatchObject({
        code: 'E_INPUT_MISSING',
        message: expect.stringContaining(at('few')) as string,
      });
    }
    for (const path of [at('missing.txt'), at('few')]) {
      await expect(splitPictures({ images: [at('few')], exclude: path })).rejects.toMatchObject({
        code: 'E_INPUT_MISSING',
        message: expect.stringContaining(path) as string,
      });
    }
  });
});
