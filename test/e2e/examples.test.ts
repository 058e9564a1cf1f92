import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readImage } from '../../src/images/codec.node.js';

const examples = join(import.meta.dirname, '../../examples');
let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pastiche-examples-'))));
afterAll(() => rm(folder, { recursive: true }));

const run = async (script: string, ...args: string[]): Promise<string> => {
  const env = { ...process.env, PASTICHE_MODELS: '' };
  return (
    await promisify(execFile)(process.execPath, [join(examples, script), ...args], { cwd: folder, env })
  ).stdout;
};

describe('the examples', () => {
  it('your-own-loss.mjs takes most of the noise away', async () => {
    const printed = await run('your-own-loss.mjs');
    const losses = [...printed.matchAll(/loss ([\d.]+)/g)].map(([, loss]) => Number(loss));
    expect(losses).toHaveLength(3);
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
    const [, before, after] = /error ([\d.]+) before, ([\d.]+) after/.exec(printed)!;
    expect(Number(after)).toBeLessThan(0.6 * Number(before));
    expect(await readdir(folder)).toEqual(expect.arrayContaining(['out-noisy.png', 'out-smooth.png']));
  });

  it('stylize-file.mjs repaints a picture, and says what is wrong', async () => {
    expect(await run('stylize-file.mjs')).toMatch(/scale 2 of 2: 320x[\s\S]*out-stylize-file\.png: 320x/);
    expect((await readImage(join(folder, 'out-stylize-file.png'))).width).toBe(320);
    await expect(run('stylize-file.mjs', 'nowhere.jpg')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^[^\n]*nowhere\.jpg[^\n]*\n[^\n]+\n$/) as string,
    });
  });

  it('stylize-in-memory.mjs stops in time with a picture', async () => {
    expect(await run('stylize-in-memory.mjs', '2')).toMatch(
      /^cancelled after \d+ iterations with [\w-]+, loss /,
    );
    const { width, height } = await readImage(join(folder, 'out-stylize-in-memory.png'));
    expect(Math.max(width, height)).toBe(384);
  });
});
