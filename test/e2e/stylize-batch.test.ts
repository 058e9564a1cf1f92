import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withoutSignals } from '../platform.js';
import { pasticheHere } from './command-here.js';
import { makeWorkplace, pastiche } from './command-line.js';
import { readPixels, writePicture } from './pictures.js';

const folder = await makeWorkplace();
const at = (...names: string[]): string => join(folder, ...names);
const style = await writePicture(at('painting.jpg'), 80, 50, 1);
await mkdir(at('photos'));
await writePicture(at('photos', 'a.png'), 48, 40);
await writePicture(at('photos', 'c.JPG'), 37, 52, 2);
await writeFile(at('photos', 'notes.txt'), 'not a picture, and not called one');
await mkdir(at('photos', 'folder.png'));
const few = ['--iterations', '6', '--threads', '1'];

describe('several photographs', () => {
  it('in a folder are done one by one, into a folder that is made, under their names', async () => {
    const { code, stdout, stderr } = await pasticheHere([
      'stylize',
      at('photos'),
      style,
      '-o',
      at('painted'),
      ...few,
    ]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^\[1\/2\] a\.png {2}48x40 {2}1 of 6 .*\n\[2\/2\] c\.JPG {2}37x52 {2}1 of 6 /);
    expect(stdout.match(/: \d+x\d+, 6 iterations/g)).toEqual([
      ': 48x40, 6 iterations',
      ': 37x52, 6 iterations',
    ]);
    expect((await readdir(at('painted'))).sort()).toEqual(['a.png', 'c.JPG']);
    await pasticheHere(['stylize', at('photos', 'a.png'), style, '-o', at('alone.png'), '--quiet', ...few]);
    const values = async (path: string) => (await readPixels(path)).values;
    expect(await values(at('painted', 'a.png'))).toEqual(await values(at('alone.png')));
  });

  it('of which one fails are done all the same, and the failure is told at the end', async () => {
    await mkdir(at('mixed'));
    const [first, broken, last] = [at('mixed', '1.png'), at('mixed', '2.png'), at('mixed', '3.png')];
    await copyFile(at('photos', 'a.png'), first);
    await writeFile(broken, 'text');
    await copyFile(at('photos', 'a.png'), last);
    await mkdir(at('out'));
    const args = [
      'stylize',
      first,
      broken,
      at('missing.png'),
      last,
      '--style',
      style,
      '-o',
      at('out'),
      ...few,
    ];
    const { code, stdout, stderr } = await pasticheHere([...args, '--json']);
    expect(code).toBe(2);
    expect((await readdir(at('out'))).sort()).toEqual(['1.png', '3.png']);
    const result = JSON.parse(stdout) as { results: Record<string, unknown>[] };
    expect(result).toMatchObject({ method: 'stylize', network: 'pastiche-vgg', remaining: [] });
    expect(result.results).toMatchObject([
      { output: at('out', '1.png'), iterations: 6, stopped: 'finished' },
      { output: at('out', '3.png'), iterations: 6, stopped: 'finished' },
      { input: broken, error: { code: 'E_IMAGE_DECODE' } },
      { input: at('missing.png'), error: { code: 'E_INPUT_MISSING' } },
    ]);
    expect(stderr).toContain(`error [E_IMAGE_DECODE]: ${broken}: `);
    expect(stderr).toContain(`error [E_INPUT_MISSING]: ${at('missing.png')}: `);
    expect(stderr).not.toContain('    at ');
  });

  it.skipIf(withoutSignals)(
    'that are stopped on the way leave a picture, its state, and the names of the rest',
    async () => {
      await mkdir(at('many'));
      for (const name of ['1', '2', '3']) await copyFile(at('photos', 'a.png'), at('many', `${name}.png`));
      const work = ['--iterations', '400', '--threads', '1', '--normalize', 'off'];
      const { code, stderr } = await pastiche(['stylize', at('many'), style, '-o', at('few'), ...work], {
        onStderr: (text, child) => {
          if (text.includes('[2/3]')) child.kill('SIGINT');
        },
      });
      expect(code).toBe(130);
      expect((await readdir(at('few'))).sort()).toEqual(['1.png', '2.png', '2.state.safetensors']);
      expect(stderr).toContain(
        `To go on: pastiche stylize ${at('many', '2.png')} ${style} -o ${at('few', '2.png')} --iterations 400`,
      );
      expect(stderr).toContain(`Not begun: ${at('many', '3.png')}\n`);
    },
  );

  it('are not mixed up with one another, nor with their sources', async () => {
    await mkdir(at('other'));
    await copyFile(at('photos', 'a.png'), at('other', 'a.png'));
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await pasticheHere(['stylize', ...args, ...few]);
      return { code, stdout, stderr };
    };
    const refusal = (code: string, text: string) => ({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^error \\[${code}\\]: .*${text}.*\\n.+\\n$`)) as string,
    });
    const a = at('photos', 'a.png');
    const results = await Promise.all([
      run(a, at('other', 'a.png'), '--style', style, '-o', at('other')),
      run(at('photos'), style, '-o', at('photos')),
      run(at('photos'), style, '-o', at('new.png')),
      run(at('photos'), style, '-o', at('painting.jpg')),
      run(at('photos'), style, '-o', at('nowhere', 'out')),
      run(at('photos'), style, '-o', at('reported'), '--report', at('page.html')),
      run(at('photos', 'folder.png'), style, '-o', at('empty')),
    ]);
    expect(results).toEqual([
      refusal('E_ARGUMENT', 'would be overwritten'),
      refusal('E_ARGUMENT', 'would be overwritten'),
      refusal('E_INPUT_KIND', "can't go into the one file"),
      refusal('E_INPUT_KIND', "can't go into the one file"),
      refusal('E_OUTPUT', 'does not exist'),
      refusal('E_ARGUMENT', '--report is for one picture, and there are 2'),
      refusal('E_INPUT_MISSING', 'no picture in the folder'),
    ]);
    expect(await readdir(folder)).not.toContain('reported');
    expect((await readdir(at('photos'))).sort()).toEqual(['a.png', 'c.JPG', 'folder.png', 'notes.txt']);
  });
});
