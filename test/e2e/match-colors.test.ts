import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { matchColors } from '../../src/images/color-matching.js';
import { readImage } from '../../src/images/codec.node.js';
import { pasticheHere } from './command-here.js';
import { makeWorkplace } from './command-line.js';
import { readPixels, writePicture, writeTransparent } from './pictures.js';

const folder = await makeWorkplace();
const picture = await writePicture(join(folder, 'picture.png'), 40, 30);
const reference = await writePicture(join(folder, 'reference.png'), 23, 31, 3);

describe('pastiche match-colors', () => {
  it.each([
    ['affine', ['--affine-form', 'cholesky']],
    ['histogram', ['--strength', '0.5']],
    ['luminance', []],
  ] as const)('writes what the library makes: %s', async (mode, more) => {
    const output = join(folder, `${mode}.png`);
    const args = ['match-colors', picture, reference, '-o', output, '--mode', mode, ...more, '--json'];
    const { code, stdout, stderr } = await pasticheHere(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const options = {
      mode,
      affineForm: mode === 'affine' ? 'cholesky' : 'monge-kantorovich',
      strength: mode === 'histogram' ? 0.5 : 1,
    } as const;
    expect(JSON.parse(stdout)).toMatchObject({
      pictures: { picture, reference },
      output,
      size: { width: 40, height: 30 },
      settings: options,
    });
    const expected = matchColors(await readImage(picture), await readImage(reference), options);
    const written = await readImage(output);
    written.rgb.forEach((value, i) => expect(Math.abs(value - expected.rgb[i]!)).toBeLessThan(0.5001 / 255));
  });

  it('keeps transparency, and tells what it did', async () => {
    const clear = await writeTransparent(join(folder, 'clear.png'), 20, 10);
    const output = join(folder, 'matched.png');
    const { code, stdout } = await pasticheHere(['match-colors', clear, reference, '-o', output]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/matched\.png: 20x10 in \d+ s\n$/);
    const [before, after] = await Promise.all([readPixels(clear), readPixels(output)]);
    expect(after.channels).toBe(4);
    const alpha = (values: Uint8Array): Uint8Array => values.filter((_, i) => i % 4 === 3);
    expect(alpha(after.values)).toEqual(alpha(before.values));
  });

  it('refuses what it can’t use and leaves nothing behind', async () => {
    const place = join(folder, 'refused');
    await mkdir(place);
    const text = join(folder, 'text.png');
    await writeFile(text, 'no picture');
    const kept = join(place, 'kept.png');
    await writeFile(kept, 'old');
    const match = (one: string, two: string, output: string, ...args: string[]) =>
      pasticheHere(['match-colors', one, two, '-o', output, ...args]);
    const out = join(place, 'out.png');
    const outcomes = await Promise.all([
      match(join(folder, 'missing.png'), reference, out),
      match(picture, text, kept),
      match(picture, reference, join(place, 'out.xyz')),
      match(picture, reference, join(place, 'no', 'out.png')),
      match(picture, reference, out, '--mode', 'hue'),
      match(picture, reference, out, '--strength', '1.5'),
      match(picture, reference, join(place, 'out.jpg'), '--bit-depth', '16'),
    ]);
    const codes = outcomes.map(({ stderr }) => /^error \[(\w+)\]: .*\n.+\n$/.exec(stderr)?.[1]);
    expect(codes).toEqual([
      ...['E_INPUT_MISSING', 'E_IMAGE_DECODE', 'E_IMAGE_FORMAT', 'E_OUTPUT'],
      ...['E_ARGUMENT', 'E_ARGUMENT', 'E_ARGUMENT'],
    ]);
    for (const { code, stdout } of outcomes) expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(await readdir(place)).toEqual(['kept.png']);
    expect(await readFile(kept, 'utf8')).toBe('old');
  });
});
