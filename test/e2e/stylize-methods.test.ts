import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pasticheHere } from './command-here.js';
import { appears, pastiche } from './command-line.js';
import { writeToyNetwork } from './toy-network.js';

let folder: string;
let network: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pastiche-patches-'));
  network = join(await writeToyNetwork(), 'pastiche-vgg.safetensors');
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 60 };
  const picture = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: '#888', noise } }).png();
  await picture(72, 48).toFile(at('photo.png'));
  await picture(64, 64).toFile(at('painting.png'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('pastiche stylize --method patches', () => {
  const few = ['--method', 'patches', '--scales', '48', '--iterations', '6', '--size', '48'];
  const run = (...args: string[]) =>
    pasticheHere(['stylize', at('photo.png'), at('painting.png'), '-o', at('out.png'), ...few, ...args]);

  it('paints, with its own flags and those that it shares', async () => {
    const flags = [
      '--network',
      network,
      '--patch-layers',
      'relu2_1',
      '--rematch',
      '3',
      '--content-weight',
      '0.1',
      '--preserve-colors',
      'match',
    ];
    const { code, stdout } = await run(...flags, '--report', at('page.html'), '--json');
    expect(code).toBe(0);
    const { settings, losses } = JSON.parse(stdout) as {
      settings: { rematch: number; contentWeight: number };
      losses: { style: number };
    };
    expect(settings).toMatchObject({ rematch: 3, contentWeight: 0.1, preserveColors: 'match' });
    expect(losses.style).toBeGreaterThan(0);
    const { width, height } = await sharp(at('out.png')).metadata();
    expect([width, height]).toEqual([48, 32]);
    expect(await readdir(folder)).toContain('page.html');
  });

  it.each([
    [['--gram', 'chw'], /With --method patches there is no --gram\./],
    [['--mask', 'mask.png'], /With --method patches there is no --mask\./],
    [['--patch', '2'], /patch/],
    [['--patch', '0'], /--patch can't be "0"/],
    [['--method', 'patch'], /--method/],
  ])('refuses %j', async (args, text) => {
    const { code, stderr } = await run('--network', network, ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error \[E_ARGUMENT\]/);
    expect(stderr).toMatch(text);
  });

  it('refuses several paintings', async () => {
    const { code, stderr } = await pasticheHere([
      ...['stylize', at('photo.png'), at('painting.png'), at('painting.png'), '-o', at('two.png')],
      ...few,
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/With --method patches there is one picture for styles, not 2/);
  });
});

describe('pastiche stylize --method neighbors', () => {
  const command = (out: string, args: readonly string[]): string[] => [
    ...['stylize', at('photo.png'), at('painting.png'), '-o', at(out), '--network', network],
    ...['--method', 'neighbors', '--scales', '32,48', '--size', '48', '--threads', '1'],
    ...args,
  ];
  const run = (out: string, args: readonly string[]) => pasticheHere(command(out, args));
  const few = ['--iterations', '4,3', '--split-iterations', '4', '--rematch', '2'];
  const pixels = (name: string) => sharp(at(name)).removeAlpha().raw().toBuffer();

  it('paints, with its own flags and those that it shares', async () => {
    const flags = ['--layers', 'relu1_1,relu3_1', '--strength', '0.7', '--preserve-colors', 'chroma'];
    const { code, stdout } = await run('neighbors.png', [
      ...few,
      ...flags,
      '--report',
      at('neighbors.html'),
      '--json',
    ]);
    expect(code).toBe(0);
    const { settings, losses, iterations } = JSON.parse(stdout) as {
      settings: object;
      losses: Record<string, number>;
      iterations: number;
    };
    expect(settings).toMatchObject({
      ...{ method: 'neighbors', rematch: 2, splitIterations: 4, layers: ['relu1_1', 'relu3_1'] },
      ...{ strength: 0.7, preserveColors: 'chroma' },
    });
    expect(iterations).toBe(11);
    const { total, ...terms } = losses;
    expect(Object.keys(terms)).toEqual(['content', 'style', 'totalVariation', 'grain']);
    expect(Object.values(terms).reduce((sum, term) => sum + term)).toBeCloseTo(total!, 4);
    const { width, height } = await sharp(at('neighbors.png')).metadata();
    expect([width, height]).toEqual([48, 32]);
    const page = await readFile(at('neighbors.html'), 'utf8');
    expect(page).toContain('photo.png after painting.png, by neighbours');
    for (const fact of ['Neighbours', 'Grain', 'relu1_1, relu3_1']) expect(page).toContain(fact);
  });

  it('says with --dry-run what it will do, and writes nothing', async () => {
    const { code, stdout } = await run('dry.png', [...few, '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/32x21[^]*48x32/);
    expect(await readdir(folder)).not.toContain('dry.png');
  });

  it('goes on from the state that --save-every saved to the same bits', async () => {
    // The state is that of a step of the last pass, which is long enough to be ended on the way.
    const steps = ['--quiet', '--iterations', '4,3', '--rematch', '7', '--split-iterations', '60'];
    const state = at('killed.state.safetensors');
    const killed = await pastiche(command('killed.png', [...steps, '--save-every', '10']), {
      onStart: (child) => void appears(state).then(() => child.kill('SIGKILL')),
    });
    expect(killed.signal).toBe('SIGKILL');
    const resumed = await run('killed.png', [...steps, '--resume', state]);
    expect({ code: resumed.code, stderr: resumed.stderr }).toEqual({ code: 0, stderr: '' });
    expect((await run('whole.png', steps)).code).toBe(0);
    expect(await pixels('killed.png')).toEqual(await pixels('whole.png'));
  });

  it.each([
    [['--gram', 'chw'], /With --method neighbors there is no --gram\./],
    [['--patch', '3'], /With --method neighbors there is no --patch\./],
    [['--init', 'noise'], /With --method neighbors there is no --init\./],
    [['--strength', '2'], /--strength can't be "2"/],
    [['--layers', 'relu9_1'], /relu9_1/],
  ])('refuses %j', async (args, text) => {
    const { code, stderr } = await run('refused.png', [...few, ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error \[E_[A-Z]+\]/);
    expect(stderr).toMatch(text);
    expect(await readdir(folder)).not.toContain('refused.png');
  });
});

describe('pastiche stylize --method harmonize', () => {
  it('changes the composite inside the mask alone', async () => {
    const [side, object] = [64, { left: 20, top: 16, width: 28, height: 28 }];
    const square = await sharp({
      create: { ...object, channels: 3, background: '#fff' },
    })
      .png()
      .toBuffer();
    const black = { create: { width: side, height: side, channels: 3 as const, background: '#000' } };
    const { left, top } = object;
    await sharp(black)
      .composite([{ input: square, left, top }])
      .png()
      .toFile(at('mask.png'));
    await sharp(at('painting.png'))
      .composite([{ input: square, left, top }])
      .png()
      .toFile(at('composite.png'));
    const { code } = await pasticheHere([
      ...[
        'stylize',
        at('composite.png'),
        at('painting.png'),
        '--mask',
        at('mask.png'),
        '-o',
        at('harmonized.png'),
      ],
      ...['--method', 'harmonize', '--network', network, '--iterations', '4,2', '--size', '64'],
    ]);
    expect(code).toBe(0);
    const pixels = (name: string) => sharp(at(name)).removeAlpha().raw().toBuffer();
    const [painting, composite, result] = await Promise.all(
      ['painting.png', 'composite.png', 'harmonized.png'].map(pixels),
    );
    const changed = (from: Buffer, x: number, y: number): boolean => {
      const offset = 3 * (y * side + x);
      return !result!.subarray(offset, offset + 3).equals(from.subarray(offset, offset + 3));
    };
    expect(changed(painting!, 5, 5)).toBe(false);
    expect(changed(painting!, 60, 60)).toBe(false);
    expect(changed(composite!, 34, 30)).toBe(true);
  });

  it('needs a mask', async () => {
    const { code, stderr } = await pasticheHere([
      ...['stylize', at('photo.png'), at('painting.png'), '-o', at('none.png'), '--method', 'harmonize'],
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/With --method harmonize there has to be a mask[^]*\(--mask\)/);
  });
});
