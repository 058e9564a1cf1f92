import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { pasticheHere } from './command-here.js';
import { makeWorkplace } from './command-line.js';
import { readPixels, writePicture } from './pictures.js';

const folder = await makeWorkplace();
const at = (name: string): string => join(folder, name);
const content = await writePicture(at('photo.png'), 61, 43);
const styles = [await writePicture(at('one.png'), 60, 50, 1), await writePicture(at('two.png'), 50, 60, 3)];

/** A mask: black on the left, a colour on the right. */
async function writeMask(name: string, width: number, height: number, right: string): Promise<string> {
  const half = { create: { width: Math.ceil(width / 2), height, channels: 3 as const, background: right } };
  const input = await sharp(half).png().toBuffer();
  await sharp({ create: { width, height, channels: 3, background: 'black' } })
    .composite([{ input, left: Math.floor(width / 2), top: 0 }])
    .png()
    .toFile(at(name));
  return at(name);
}

const mask = await writeMask('mask.png', 61, 43, 'white');
const regions = await writeMask('regions.png', 61, 43, '#ff0000');
const few = ['--iterations', '8', '--threads', '1', '--style-layers', 'relu1_1,relu2_1'];

describe('pastiche stylize with controls', () => {
  it('composes masks, histogram loss, several styles, colours and detail, and tells of them', async () => {
    const controls = [
      ...['--mask', mask, '--feather', '2', '--content-mask', regions],
      ...['--style-mask', 'all', '--style-mask', '#ff0000', '--style-blend', '2,1'],
      ...['--histogram-weight', '1', '--histogram-layers', 'relu1_1', '--auto-tune', 'on'],
      ...['--preserve-colors', 'luminance', '--lock-detail', '0.5'],
    ];
    const args = ['stylize', content, ...styles, '-o', at('out.png'), ...few, ...controls];
    const { code, stdout, stderr } = await pasticheHere([...args, '--report', at('out.html'), '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { losses } = JSON.parse(stdout) as { losses: Record<string, number> };
    expect(Object.keys(losses)).toEqual([
      'content',
      'style',
      'totalVariation',
      'grain',
      'histogram',
      'laplacian',
      'total',
    ]);
    const [before, after] = [await readPixels(content), await readPixels(at('out.png'))];
    const changed = after.values.map((value, i) => (value === before.values[i] ? 0 : 1));
    const column = (i: number): number => Math.floor(i / 3) % 61;
    expect(changed.filter((_, i) => column(i) < 30).every((one) => one === 0)).toBe(true);
    expect(changed.filter((one, i) => column(i) > 33 && one === 1).length).toBeGreaterThan(500);
    const page = await readFile(at('out.html'), 'utf8');
    for (const text of [
      ...[
        'mask.png (mask)',
        'regions.png (content mask)',
        'painting 2: #ff0000',
        'relu1_1 (1)',
        '(luminance)',
      ],
      ...['--style-mask all', '--feather 2', 'detail', 'histogram'],
    ]) {
      expect(page).toContain(text);
    }
  });

  it('refuses one mask for several photographs', async () => {
    const second = await writePicture(at('second.png'), 61, 43, 2);
    const args = [
      content,
      second,
      '--style',
      styles[0]!,
      '-o',
      at('batch'),
      ...few,
      '--content-mask',
      regions,
    ];
    const { code, stderr } = await pasticheHere(['stylize', ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--content-mask is for one picture, and there are 2/);
  });

  it.each([
    [['--content-mask', regions], 'E_ARGUMENT', /0 style mask\(s\) for 1/],
    [['--content-mask', regions, '--style-mask', 'white'], 'E_ARGUMENT', /region white.*content mask/],
    [['--content-mask', regions, '--style-mask', 'black'], 'E_ARGUMENT', /region red, and no style mask/],
    [['--mask', styles[1]!], 'E_IMAGE_SIZE', /The mask is 50x60/],
    [['--mask', at('none.png')], 'E_INPUT_MISSING', /none\.png/],
    [['--preserve-colors', 'some'], 'E_ARGUMENT', /--preserve-colors can't be "some"/],
    [['--histogram-weight', '1', '--histogram-layers', 'relu9_1'], 'E_LAYER', /relu9_1/],
  ])('refuses %j', async (args, code, text) => {
    const outcome = await pasticheHere(['stylize', content, styles[0]!, '-o', at('no.png'), ...few, ...args]);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toMatch(new RegExp(`error \\[${code}\\]: `));
    expect(outcome.stderr).toMatch(text);
  });
});
