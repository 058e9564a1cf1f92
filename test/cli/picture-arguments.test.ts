import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readInitialFiles, readPictures } from '../../src/cli/picture-arguments.js';
import { evaluate } from '../../src/methods/evaluate/evaluate-method.js';
import { harmonize } from '../../src/methods/harmonize/harmonize-method.js';
import { matchColors } from '../../src/methods/match-colors/match-colors-method.js';
import type { AnyMethod } from '../../src/methods/method.js';
import { stylize } from '../../src/methods/stylize/stylize-method.js';
import { texture } from '../../src/methods/texture/texture-method.js';

const read = (method: AnyMethod, args: string[], flags: Record<string, string | string[]> = {}) =>
  readPictures(method, args, ({ name }) => flags[name]);

const refusal = (message: RegExp, remedy: RegExp) =>
  expect.objectContaining({
    code: 'E_ARGUMENT',
    message: expect.stringMatching(message) as string,
    remedy: expect.stringMatching(remedy) as string,
  }) as Error;

describe('pictures', () => {
  it('have their roles by their places', () => {
    expect(read(stylize, ['a', 'b'])).toEqual({ content: 'a', styles: ['b'] });
    expect(read(stylize, ['a', 'b', 'c'])).toEqual({ content: 'a', styles: ['b', 'c'] });
    expect(read(harmonize, ['a', 'b'], { mask: 'm' })).toEqual({ painting: 'a', composite: 'b', mask: 'm' });
    expect(read(matchColors, ['a', 'b'])).toEqual({ picture: 'a', reference: 'b' });
    expect(read(texture, ['a'])).toEqual({ sample: 'a' });
  });

  it('are all of the first role where the others are named by flags', () => {
    expect(read(stylize, ['a', 'b', 'c'], { styles: ['s'] })).toEqual({
      content: ['a', 'b', 'c'],
      styles: ['s'],
    });
    expect(read(matchColors, ['a', 'b'], { reference: 'r' })).toEqual({
      picture: ['a', 'b'],
      reference: 'r',
    });
    expect(read(texture, ['a', 'b'])).toEqual({ sample: ['a', 'b'] });
    expect(read(evaluate, ['a'], { content: 'c', style: 's' })).toEqual({
      picture: 'a',
      content: 'c',
      style: 's',
    });
  });

  it('are refused where there are too few or too many', () => {
    expect(() => read(stylize, [])).toThrow(refusal(/No picture is named/, /photograph.*stylize --help/));
    expect(() => read(stylize, ['a'])).toThrow(refusal(/No style is named beside "a"/, /the painting/));
    expect(() => read(matchColors, ['a', 'b', 'c'])).toThrow(
      refusal(/3 pictures.*takes 2/, /--reference FILE/),
    );
    expect(() => read(harmonize, ['a', 'b', 'c'])).toThrow(
      refusal(/3 pictures.*takes 2/, /one picture for each/),
    );
  });
});

describe('an option whose value may be a picture', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pastiche-arguments-'));
    await writeFile(join(folder, 'start'), '');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is one of its names, or a file', async () => {
    expect(await readInitialFiles(stylize, { init: ['grey'], seed: 3 })).toEqual({
      initial: {},
      options: { init: 'grey', seed: 3 },
    });
    for (const file of ['no-such.png', join('folder', 'none'), join(folder, 'start')]) {
      expect(await readInitialFiles(stylize, { init: [file], seed: 3 })).toEqual({
        initial: { initial: file },
        options: { seed: 3 },
      });
    }
    expect(await readInitialFiles(stylize, { seed: 3 })).toEqual({ initial: {}, options: { seed: 3 } });
  });

  it('is the last that was given', async () => {
    const { options } = await readInitialFiles(stylize, { init: ['grey', 'noise'] });
    expect(options).toEqual({ init: 'noise' });
    const { initial } = await readInitialFiles(stylize, { init: ['a.png', 'b.png'] });
    expect(initial).toEqual({ initial: 'b.png' });
  });

  it.each([
    [['chaos'], /--init can't be "chaos"/, /content, noise, style, grey, or the file/],
    // It stands for a picture, which is to be named.
    [['picture'], /--init can't be "picture"/, /content, noise, style, grey, or the file/],
    [['noise', 'a.png'], /--init names the picture "a\.png" and noise/, /Leave one/],
    [['a.png', 'content'], /--init names the picture "a\.png" and content/, /Leave one/],
  ])('is refused as %j', async (init, message, remedy) => {
    await expect(readInitialFiles(stylize, { init })).rejects.toThrow(refusal(message, remedy));
  });
});
