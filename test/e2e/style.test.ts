import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeStyleDecoderModel } from '../../src/networks/style-decoder-model.js';
import { toyDecoderModel } from '../toy-any-style.js';
import { pasticheHere } from './command-here.js';
import { makeWorkplace } from './command-line.js';
import { readPixels, writePicture } from './pictures.js';

const folder = await makeWorkplace();
const at = (name: string): string => join(folder, name);
await mkdir(at('paintings'));
const painting = await writePicture(at('paintings/a.png'), 64, 48, 3);
await writePicture(at('paintings/b.png'), 48, 64, 4);
const photo = await writePicture(at('photo.png'), 50, 40, 5);

/** A network for any painting. */
async function writeModel(name: string, change = 0): Promise<string> {
  const model = toyDecoderModel();
  model.parameters['level1.output.bias']![0]! += change;
  await writeFile(at(name), encodeStyleDecoderModel(model));
  return at(name);
}
const model = await writeModel('any.onnx');
const run = (...args: string[]) => pasticheHere([...args, '--threads', '1']);

describe('style and apply', () => {
  it('read a painting once and paint with it what stylize --fast paints', async () => {
    const style = at('a.json');
    const read = await run('style', painting, '--model', model, '-o', style, '--json');
    expect({ code: read.code, stderr: read.stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(await readFile(style, 'utf8'))).toMatchObject({ name: 'a.png', model });
    expect(await run('apply', style, photo, '-o', at('applied.png'))).toMatchObject({ code: 0 });
    const fast = ['--fast', '--model', model, '-o', at('fast.png')];
    expect(await run('stylize', photo, painting, ...fast)).toMatchObject({ code: 0 });
    const [one, two] = [
      (await readPixels(at('applied.png'))).values,
      (await readPixels(at('fast.png'))).values,
    ];
    expect(one.every((value, i) => Math.abs(value - two[i]!) <= 1)).toBe(true);
  });

  it('read folders, and blend', async () => {
    const out = at('styles');
    expect(await run('style', at('paintings'), '--model', model, '-o', out)).toMatchObject({ code: 0 });
    const [a, b] = [join(out, 'a.json'), join(out, 'b.json')];
    const blend = `${a}:0.3,${b}:0.7`;
    expect(await run('apply', blend, photo, '-o', at('blend.png'))).toMatchObject({ code: 0 });
    const refused = await run('apply', `${a}:-1,${b}`, photo, '-o', at('blend.png'));
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/weights -1, 1/) as unknown });
  });

  it('say so where the style is not for this version of the network, or is no style', async () => {
    const other = await writeModel('other.onnx');
    const style = at('other.json');
    expect(await run('style', painting, '--model', other, '-o', style)).toMatchObject({ code: 0 });
    await writeModel('other.onnx', 0.1);
    const changed = await run('apply', style, photo, '-o', at('no.png'));
    expect(changed.stderr).toMatch(/another network or version/);
    await writeFile(at('cut.json'), '{"format": "past');
    const cut = await run('apply', at('cut.json'), photo, '-o', at('no.png'));
    expect(cut.stderr).toMatch(/"cut\.json" is no style of a painting/);
    const missing = await run('apply', at('missing.json'), photo, '-o', at('no.png'));
    expect(missing.stderr).toMatch(/no model file "[^"]*missing\.json"/);
    for (const { code } of [changed, cut, missing]) expect(code).toBeGreaterThan(0);
  });

  it('want a file that ends in .json, which the painting is not', async () => {
    const refused = await run('style', painting, '--model', model, '-o', at('a.png'));
    expect(refused.stderr).toMatch(/does not end in \.json/);
    expect(refused.code).toBeGreaterThan(0);
  });
});
