import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { canMount, withoutReplacingOpenFiles } from '../platform.js';
import { pasticheHere } from './command-here.js';
import { makeWorkplace, pastiche, type Outcome } from './command-line.js';
import { readPixels, writePicture } from './pictures.js';
import { toyTensors } from '../toy-tensors.js';

const folder = await makeWorkplace();
const at = (...names: string[]): string => join(folder, ...names);
const content = await writePicture(at('photo.jpg'), 61, 43);
const style = await writePicture(at('painting.jpg'), 80, 50, 1);
await mkdir(at('folder'));
await mkdir(at('out'));
const out = at('out', 'out.png');
const few = ['--iterations', '5', '--threads', '1'];

const stylize = (...args: string[]): Promise<Outcome> => pasticheHere(['stylize', ...args]);

/** What every refusal has to be: code 2, one sentence, one remedy, no stack, nothing written. */
async function expectRefusal(outcome: Outcome, code: string, text: RegExp): Promise<void> {
  expect(outcome).toMatchObject({ code: 2, stdout: '' });
  const [first, remedy, ...rest] = outcome.stderr.split('\n');
  expect(first).toMatch(new RegExp(`^error \\[${code}\\]: `));
  expect(outcome.stderr).toMatch(text);
  expect(remedy).toMatch(/^[A-Z].*\.$/);
  expect(rest).toEqual(['']);
  expect(await readdir(at('out'))).toEqual([]);
}

/** A PNG file that announces pixels which it doesn't have. */
function headerBomb(width: number, height: number): Buffer {
  const header = Buffer.alloc(17);
  header.write('IHDR');
  header.writeUInt32BE(width, 4);
  header.writeUInt32BE(height, 8);
  header.set([8, 2], 12);
  const chunk = (body: Buffer): Buffer => {
    const bytes = Buffer.alloc(body.length + 8);
    bytes.writeUInt32BE(body.length - 4);
    bytes.set(body, 4);
    bytes.writeUInt32BE(crc32(body), body.length + 4);
    return bytes;
  };
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([signature, chunk(header), chunk(Buffer.from('IDATx')), chunk(Buffer.from('IEND'))]);
}

describe('a process that is given what can’t be used', () => {
  it.each([
    ['a picture', 'E_INPUT_MISSING', [at('missing.jpg'), style], /There is no file ".*missing\.jpg"/],
    ['an option', 'E_ARGUMENT', [content, style, '--size', '-5'], /--size can't be "-5"/],
  ])('ends as its terminal is told, for %s', async (_, code, args, text) => {
    await expectRefusal(await pastiche(['stylize', ...args, '-o', out]), code, text);
  });
});

describe('pictures that can’t be used', () => {
  it('are refused by name, whichever they are of', async () => {
    const truncated = await readFile(content);
    await writeFile(at('cut.jpg'), truncated.subarray(0, truncated.length / 2));
    await writeFile(at('text.png'), 'These are not the pixels you are looking for.');
    await writeFile(at('empty.png'), '');
    await writeFile(at('bomb.png'), headerBomb(20_000, 20_000));
    const cases: [path: string, code: string, text: RegExp][] = [
      [at('missing.jpg'), 'E_INPUT_MISSING', /There is no file ".*missing\.jpg"/],
      [at('cut.jpg'), 'E_IMAGE_DECODE', /cut\.jpg/],
      [at('text.png'), 'E_IMAGE_DECODE', /text\.png/],
      [at('empty.png'), 'E_IMAGE_DECODE', /empty\.png.*empty/],
      [at('bomb.png'), 'E_IMAGE_SIZE', /20000x20000/],
    ];
    for (const [path, code, text] of cases) {
      await expectRefusal(await stylize(path, style, '-o', out, ...few), code, text);
    }
    const elsewhere = await Promise.all([
      stylize(content, at('missing.jpg'), '-o', out, ...few),
      stylize(content, style, at('missing.jpg'), '-o', out, ...few),
      stylize(content, style, '-o', out, '--init', at('missing.jpg'), ...few),
    ]);
    for (const outcome of elsewhere) await expectRefusal(outcome, 'E_INPUT_MISSING', /missing\.jpg/);
    await expectRefusal(await stylize(content, at('folder'), '-o', out), 'E_INPUT_KIND', /is a folder/);
    await expectRefusal(await stylize(at('folder'), style, '-o', out), 'E_INPUT_MISSING', /no picture in/);
  });

  it('are refused when they are too narrow for the network, and done when they can be', async () => {
    await writePicture(at('dot.png'), 1, 1);
    await writePicture(at('line.png'), 1, 4000);
    await expectRefusal(
      await stylize(at('dot.png'), style, '-o', out, ...few),
      'E_IMAGE_SIZE',
      /1x1 is too small/,
    );
    await expectRefusal(
      await stylize(at('line.png'), style, '-o', out, ...few),
      'E_IMAGE_SIZE',
      /1x2048 is too small/,
    );
    const dot = await stylize(
      at('dot.png'),
      at('dot.png'),
      '-o',
      at('dot-large.png'),
      '--size',
      '40',
      ...few,
    );
    expect({ code: dot.code, ...(await readPixels(at('dot-large.png'))) }).toMatchObject({
      code: 0,
      width: 40,
      height: 40,
    });
    await expectRefusal(
      await stylize(content, at('line.png'), '-o', out, ...few),
      'E_IMAGE_SIZE',
      /too small/,
    );
  });

  it('are done when they are fully transparent', async () => {
    const nothing = {
      width: 50,
      height: 40,
      channels: 4 as const,
      background: { r: 9, g: 9, b: 9, alpha: 0 },
    };
    await sharp({ create: nothing }).png().toFile(at('clear.png'));
    const { code, stderr } = await stylize(
      at('clear.png'),
      style,
      '-o',
      at('clear-out.png'),
      '--quiet',
      ...few,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { values, channels } = await readPixels(at('clear-out.png'));
    expect(channels).toBe(4);
    expect(values.filter((value, index) => index % 4 === 3 && value !== 0)).toHaveLength(0);
  });
});

describe('weights that can’t be used', () => {
  it('are refused with what was expected', async () => {
    const write = async (name: string, change: (tensors: ReturnType<typeof toyTensors>) => void) => {
      const tensors = toyTensors();
      change(tensors);
      await writeFile(at(name), encodeSafetensors(tensors));
      return at(name);
    };
    const spoiled = await write('nan.safetensors', (tensors) => {
      (tensors['conv3_2.weight']!.data as number[])[17] = NaN;
    });
    const shaped = await write('shape.safetensors', (tensors) => {
      tensors['conv2_1.weight'] = { dtype: 'F32', shape: [6, 5, 3, 3], data: new Float32Array(6 * 5 * 9) };
    });
    const short = await write('short.safetensors', () => undefined);
    await writeFile(short, (await readFile(short)).subarray(0, 3000));
    const run = (...args: string[]) => stylize(content, style, '-o', out, ...few, ...args);
    const [nan, shape, cut, missing, unknown, gatys] = await Promise.all([
      run('--network', spoiled),
      run('--network', shaped),
      run('--network', short),
      run('--network', at('missing.safetensors')),
      run('--network', 'vgg20'),
      run('--preset', 'gatys'),
    ]);
    await expectRefusal(nan, 'E_WEIGHTS_CONTENT', /conv3_2\.weight/);
    await expectRefusal(shape, 'E_WEIGHTS_CONTENT', /conv2_1\.weight/);
    await expectRefusal(cut, 'E_WEIGHTS_FORMAT', /short\.safetensors/);
    await expectRefusal(missing, 'E_INPUT_MISSING', /missing\.safetensors/);
    await expectRefusal(unknown, 'E_WEIGHTS_MISSING', /vgg20/);
    await expectRefusal(gatys, 'E_WEIGHTS_MISSING', /pullModel\("vgg19"\)|models pull vgg19/);
  });
});

describe('options that can’t be used', () => {
  const run = (...args: string[]) => stylize(content, style, '-o', out, ...args);

  it('are refused by flag and value, with what it takes', async () => {
    const cases: [args: string[], text: RegExp][] = [
      [['--size', '-5'], /--size can't be "-5"\.\nIt takes a whole number from 1 to 32768\./],
      [['--style-weight', 'NaN'], /--style-weight can't be "NaN"\.\nIt takes a number, 0 or more\./],
      [['--style-scale', '0'], /--style-scale can't be "0"\.\nIt takes a number above 0 and up to 16\./],
      [['--preset', 'gaty'], /--preset can't be "gaty"\.\nIt takes one of default, gatys, d2l/],
      [['--normalize', 'yes'], /--normalize can't be "yes"\.\nIt takes on or off\./],
      [['--iterations', '5,5'], /2 numbers of iterations for 5 scales/],
      [['--learning-rate', '1'], /bounded optimizer .* takes no learning rate/],
      [['--quality', '101'], /--quality can't be "101"\.\nIt takes a whole number from 1 to 100\./],
      [['--bit-depth', '12'], /--bit-depth.*'12' is invalid/],
      [['--device', 'abacus'], /--device.*'abacus' is invalid/],
      [
        ['--init', 'chaos'],
        /--init can't be "chaos"\.\nIt takes one of content, noise, style, grey, or the file/,
      ],
      [['--siez', '64'], /Unknown option '--siez'\.\nDid you mean --size\?/],
      [['--quiet', '--json'], /cannot be used with/],
      [['--style-blend', '1,2'], /1,2.*1 style picture/],
    ];
    for (let first = 0; first < cases.length; first += 3) {
      const group = cases.slice(first, first + 3);
      const outcomes = await Promise.all(group.map(([args]) => run(...args)));
      for (const [index, outcome] of outcomes.entries()) {
        // With --json the error is on stdout as well; that has a test of its own.
        await expectRefusal({ ...outcome, stdout: '' }, 'E_ARGUMENT', group[index]![1]);
      }
    }
  });

  it('are refused when they contradict each other, by their flags', async () => {
    const cases: [command: string[], text: RegExp][] = [
      [['--style-size', '300', '--style-scale', '0.5'], /--style-size and --style-scale both say how large/],
      [['--feather', '3'], /--feather is 3, and there is no mask.*\n.*leave --feather out\./],
      [['--style-layers', 'relu1_1,relu2_1,relu1_1'], /relu1_1 is named twice in --style-layers/],
      [['--content-layers', 'relu4_2,relu4_2:0.5'], /relu4_2 is named twice in --content-layers/],
      [['--style-blend', '1e308,1e308'], /--style-blend can't be "1e308,1e308"\.\nIt takes a list.*1e\+30/],
      [['--style-blend', '0'], /style blend 0 doesn't fit[^]*--style-blend/],
      [['--init', content, '--init', 'noise'], /--init names the picture ".*photo\.jpg" and noise/],
      [['--method', 'patches', '--gram', 'chw'], /With --method patches there is no --gram\./],
      [
        ['--method', 'harmonize', '--style-scale', '2'],
        /With --method harmonize there is no --style-scale\./,
      ],
      [['--rematch', '3'], /With --method gram there is no --rematch\./],
      [
        ['--scales', '64,128', '--iterations', '1,2,3'],
        /3 numbers of iterations for 2 scales[^]*\(--iterations\)/,
      ],
      [
        ['--optimizer', 'bounded', '--learning-rate', '1'],
        /takes no learning rate.*\nLeave --learning-rate out/,
      ],
      [
        ['--content-weight', '0', '--style-weight', '0', '--tv-weight', '0', '--grain-weight', '0'],
        /All weights are 0.*\nGive --content-weight or --style-weight a value above 0\./,
      ],
    ];
    for (let first = 0; first < cases.length; first += 3) {
      const group = cases.slice(first, first + 3);
      const outcomes = await Promise.all(group.map(([args]) => run(...args)));
      for (const [index, outcome] of outcomes.entries()) {
        await expectRefusal(outcome, 'E_ARGUMENT', group[index]![1]);
      }
    }
    const others = await Promise.all([
      pasticheHere(['reconstruct', content, '-o', out, '--all-layers', '--layer', 'relu3_1']),
      pasticheHere(['match', content, style, '-o', at('out'), '--patch', '4']),
      pasticheHere(['texture', content, '-o', out, '--style-layers', 'relu1_1:0']),
    ]);
    await expectRefusal(
      others[0]!,
      'E_ARGUMENT',
      /--layer is for one layer, and --all-layers reconstructs all/,
    );
    await expectRefusal(others[1]!, 'E_ARGUMENT', /side 4[^]*\(--patch\)/);
    await expectRefusal(others[2]!, 'E_ARGUMENT', /All layers have weight 0[^]*\(--style-layers\)/);
  });

  it('are refused when they are missing, or no such layer, device or command', async () => {
    const [layer, style0, noStyle, noOutput, noCommand, wrongCommand, webgpu] = await Promise.all([
      run('--style-layers', 'relu1_1,relu9_9', ...few),
      run('--style-weight', '0', '--content-weight', '0', '--tv-weight', '0', '--grain-weight', '0'),
      stylize(content, '-o', out),
      stylize(content, style),
      pasticheHere([]),
      pasticheHere(['paint']),
      run('--device', 'coreml', ...few),
    ]);
    await expectRefusal(layer, 'E_LAYER', /"relu9_9"[^]*relu1_1, relu1_2, .*relu5_1/);
    await expectRefusal(style0, 'E_ARGUMENT', /nothing to optimise/);
    await expectRefusal(
      noStyle,
      'E_ARGUMENT',
      /No style is named beside ".*photo\.jpg"\.\nName the painting/,
    );
    await expectRefusal(noOutput, 'E_ARGUMENT', /--output.*not specified/);
    expect(noCommand).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^Usage: pastiche /) as string,
    });
    await expectRefusal(wrongCommand, 'E_ARGUMENT', /paint/);
    if (process.platform !== 'darwin') await expectRefusal(webgpu, 'E_DEVICE', /coreml[^]*--device to cpu/);
  });

  it('are an object on stdout as well with --json', async () => {
    for (const args of [['--size', 'big'], ['--init', at('missing.png')], ['--unheard-of']]) {
      const { code, stdout, stderr } = await run('--json', ...args);
      const { error } = JSON.parse(stdout) as { error: { code: string; message: string; remedy: string } };
      expect(code).toBe(2);
      expect(stderr).toBe(`error [${error.code}]: ${error.message}\n${error.remedy}\n`);
    }
  });
});

describe('memory that does not suffice', () => {
  it('is told before the work, with the size that would fit', async () => {
    const environment = { PASTICHE_MEMORY_LIMIT: '300' };
    const run = (...args: string[]) =>
      pasticheHere(['stylize', content, style, '-o', out, '--threads', '1', ...args], { environment });
    const outcome = await run('--size', '4000');
    await expectRefusal(
      outcome,
      'E_MEMORY',
      /Computing at 4000x2820 takes about [\d.]+ GB of memory, and 0\.3 GB are available\./,
    );
    const fitting = Number(/Use --size (\d+),/.exec(outcome.stderr)![1]);
    const plan = await run('--size', String(fitting), '--dry-run', '--json');
    expect(JSON.parse(plan.stdout)).toMatchObject({ fits: true });
    const next = await run('--size', String(fitting + 16), '--dry-run', '--json');
    expect(JSON.parse(next.stdout)).toMatchObject({ fits: false });
    const invalid = await pasticheHere(['stylize', content, style, '-o', out], {
      environment: { PASTICHE_MEMORY_LIMIT: 'lots' },
    });
    await expectRefusal(invalid, 'E_ARGUMENT', /PASTICHE_MEMORY_LIMIT/);
  });
});

describe('places that can’t be written to', () => {
  it('are told before the work', async () => {
    await mkdir(at('kept'));
    await writeFile(at('kept', 'protected.png'), 'precious');
    await chmod(at('kept', 'protected.png'), 0o400);
    const run = (path: string, ...args: string[]) => stylize(content, style, '-o', path, ...few, ...args);
    const [missing, suffix, none, itself, page, deep] = await Promise.all([
      run(at('nowhere', 'out.png')),
      run(at('out', 'out.bmp')),
      run(at('out', 'out')),
      run(style),
      run(out, '--report', at('nowhere', 'page.html')),
      run(at('out', 'out.jpg'), '--bit-depth', '16'),
    ]);
    await expectRefusal(missing, 'E_OUTPUT', /its folder does not exist/);
    await expectRefusal(suffix, 'E_IMAGE_FORMAT', /out\.bmp[^]*\.png/);
    await expectRefusal(none, 'E_IMAGE_FORMAT', /has no suffix/);
    await expectRefusal(itself, 'E_ARGUMENT', /would be overwritten/);
    await expectRefusal(page, 'E_OUTPUT', /page\.html/);
    await expectRefusal(deep, 'E_ARGUMENT', /16 bits/);
    if (process.geteuid?.() === 0) return;
    await expectRefusal(await run(at('kept', 'protected.png')), 'E_OUTPUT', /permission/);
  });

  it.skipIf(!canMount())('full or read-only, are told before the work', async () => {
    await mkdir(at('disk'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at('disk')]);
    try {
      const run = () => stylize(content, style, '-o', at('disk', 'out.png'), ...few);
      await writeFile(at('disk', 'filler'), new Uint8Array(200_000)).catch(() => undefined);
      await expectRefusal(await run(), 'E_OUTPUT', /disk is full/);
      execFileSync('mount', ['-o', 'remount,ro', at('disk')]);
      await expectRefusal(await run(), 'E_OUTPUT', /read-only/);
      expect(await readdir(at('disk'))).toEqual(['filler']);
    } finally {
      execFileSync('umount', [at('disk')]);
    }
  });

  it.skipIf(!canMount())('that fill up on the way end in an error, with nothing half-written', async () => {
    await mkdir(at('small-disk'));
    // Room for the check, not for the picture: one of noise does not get smaller by compression.
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at('small-disk')]);
    try {
      const outcome = await pastiche([
        'stylize',
        content,
        style,
        '-o',
        at('small-disk', 'out.png'),
        ...few,
        '--size',
        '400',
        '--quiet',
      ]);
      await expectRefusal(outcome, 'E_OUTPUT', /disk is full/);
      expect(await readdir(at('small-disk'))).toEqual([]);
    } finally {
      execFileSync('umount', [at('small-disk')]);
    }
  });

  it.skipIf(withoutReplacingOpenFiles)('that two runs write to at once hold one whole picture', async () => {
    await mkdir(at('both'));
    const command = (seed: number, path: string): string[] => [
      ...['stylize', content, style, '-o', path, '--init', 'noise', '--seed', String(seed)],
      ...['--save-every', '2', '--quiet', ...few],
    ];
    const both = await Promise.all([1, 2].map((seed) => pastiche(command(seed, at('both', 'out.png')))));
    expect(both.map(({ code, stderr }) => `${code}${stderr}`)).toEqual(['0', '0']);
    expect((await readdir(at('both'))).sort()).toEqual(['out-000002.png', 'out-000004.png', 'out.png']);
    await pasticheHere(command(1, at('one.png')));
    await pasticheHere(command(2, at('two.png')));
    const values = async (path: string) => (await readPixels(path)).values;
    const possible = [await values(at('one.png')), await values(at('two.png'))];
    expect(possible).toContainEqual(await values(at('both', 'out.png')));
  });
});
