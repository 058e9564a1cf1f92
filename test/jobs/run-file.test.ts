import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { apply, decodeImage } from '../../src/node.js';
import type { EncodeOptions, ImageFormat } from '../../src/images/codec.js';
import type { FilesRequest } from '../../src/jobs/files-request.js';
import { planFiles } from '../../src/jobs/plan-files.node.js';
import { runFiles } from '../../src/jobs/run-files.node.js';
import type { ApplyOptions } from '../../src/methods/apply/options.js';
import { encodeStyleModel } from '../../src/networks/style-model.js';
import { writeTransparent } from '../e2e/pictures.js';
import { toyStyleModel } from '../toy-style-model.js';
import { expectClose } from '../images/fixtures.js';
import { makeJobFolder } from './job-folder.js';

const { common, photo, at, outputFolder } = await makeJobFolder();
const { runtime } = common;
const [transparent, turned, deep, mask] = ['transparent.png', 'turned.jpg', 'deep.png', 'mask.png'].map(
  (name) => at(name),
) as [string, string, string, string];
const model = at('toy.onnx');

beforeAll(async () => {
  await writeFile(model, encodeStyleModel(toyStyleModel()));
  await writeTransparent(transparent, 90, 70);
  await sharp(photo).resize(90, 70).withMetadata({ orientation: 6 }).jpeg().toFile(turned);
  await sharp(photo).resize(83, 71).toColourspace('rgb16').linear(0.9).png().toFile(deep);
  await sharp(photo).resize(83, 71).greyscale().png().toFile(mask);
});

const colours = async (bytes: Uint8Array | string) => {
  const { data, info } = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, values: [...data] };
};

/** What the command writes, and the file of the picture that the function gives. */
async function bothWays(
  input: string,
  name: string,
  options: ApplyOptions = {},
  encoding: EncodeOptions = {},
  more: Partial<FilesRequest> = {},
) {
  const out = await outputFolder(`${name}-${Object.keys(more).join()}`);
  const output = out(name);
  const withMask = more.pictures?.['mask'] === undefined ? {} : { mask };
  await runFiles('apply', {
    ...{ network: model, runtime, output, options, ...encoding, ...more },
    pictures: { picture: input, ...withMask },
  });
  const given = await apply({ model, picture: input, ...withMask, ...options }, { runtime });
  const format = name.split('.').at(-1)!.replace('jpg', 'jpeg').replace('tif', 'tiff') as ImageFormat;
  return { written: await colours(output), given: await colours(await given.encode(format, encoding)) };
}

describe('a picture that a model repaints from file to file', () => {
  it('is the one that the function gives, in every format, in tiles too', async () => {
    const cases: [input: string, name: string, options?: ApplyOptions, encoding?: EncodeOptions][] = [
      [photo, 'small.png'],
      [transparent, 'transparent.png', { tile: 64 }],
      [transparent, 'white.jpg', { tile: 64 }],
      [turned, 'upright.png', { tile: 64 }],
      [deep, 'deep.png', { tile: 64 }, { bitDepth: 16 }],
      [deep, 'deep.tif', {}, { bitDepth: 16 }],
      [transparent, 'partly.png', { tile: 64, strength: 0.4 }],
      [deep, 'none.png', { strength: 0 }, { bitDepth: 16 }],
      [transparent, 'colours.png', { tile: 64, preserveColors: 'luminance' }],
    ];
    for (const [input, name, options, encoding] of cases) {
      const { written, given } = await bothWays(input, name, options, encoding);
      expect(written).toEqual(given);
    }
  });

  it('is it at another size, within rounding', async () => {
    const { written, given } = await bothWays(turned, 'large.png', { tile: 64, size: 120 });
    expect([written.width, written.height]).toEqual([93, 120]);
    expectClose(written.values, given.values, 1);
  });

  it('is it with a mask as well, and with a page', async () => {
    const masked = await bothWays(
      deep,
      'masked.png',
      { tile: 64 },
      {},
      { pictures: { picture: deep, mask } },
    );
    expect(masked.written).toEqual(masked.given);
    const shown = await bothWays(transparent, 'shown.png', { tile: 64 }, {}, { report: at('page.html') });
    expect(shown.written).toEqual(shown.given);
  });

  it('says of itself how it was made, and is not held any more once it is written', async () => {
    const output = at('said.png');
    const { results } = await runFiles('apply', {
      network: model,
      runtime,
      output,
      pictures: { picture: photo },
    });
    expect(results).toMatchObject([{ width: 40, height: 32, outcome: { stopped: 'finished' } }]);
    expect(Object.keys(results[0]!.outcome)).toEqual(['stopped']);
    const { exif } = await sharp(output).metadata();
    expect(exif!.toString('latin1')).toMatch(/photo\.png repainted; network toy,/);
  });

  it('takes what both its files hold, and floats where a page shows it', async () => {
    const request = (more: object): FilesRequest => ({
      ...{ network: model, runtime, output: at('out.png'), options: { tile: 64 } },
      pictures: { picture: deep },
      ...more,
    });
    const planned = async (more: object): Promise<number> =>
      (await planFiles('apply', request(more))).files[0]!.plan.memoryBytes;
    const pixels = 83 * 71;
    const usual = await planned({});
    expect((await planned({ bitDepth: 16 })) - usual).toBe(3 * pixels);
    expect((await planned({ report: at('page.html') })) - usual).toBe(9 * pixels);
    expect((await decodeImage(await sharp(deep).toBuffer(), 'deep')).width).toBe(83);
  });
});
