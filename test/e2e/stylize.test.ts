import { mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { withoutHostileNames } from '../platform.js';
import { pasticheHere } from './command-here.js';
import { example, makeWorkplace } from './command-line.js';
import { readPixels, writePicture, writeTransparent } from './pictures.js';

const folder = await makeWorkplace();
const at = (name: string): string => join(folder, name);
/** A folder of its own for a test's output. */
const outputFolder = async (name: string): Promise<string> => {
  await mkdir(at(name));
  return at(name);
};
const content = await writePicture(at('photo.png'), 61, 43);
const style = await writePicture(at('painting.jpg'), 80, 50, 1);
const second = await writePicture(at('second.jpg'), 50, 80, 3);
const few = ['--iterations', '12', '--threads', '1'];

const { version } = JSON.parse(await readFile(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
  version: string;
};

interface JsonResult {
  readonly output: string;
  readonly losses: { content: number; style: number; totalVariation: number; grain: number; total: number };
  readonly settings: Record<string, unknown>;
  readonly [key: string]: unknown;
}
const json = (stdout: string): JsonResult => JSON.parse(stdout) as JsonResult;

describe('pastiche stylize', () => {
  it('makes a picture of the photograph’s own odd size, and says what came out', async () => {
    const out = await outputFolder('plain');
    const { code, stdout, stderr } = await pasticheHere(
      ['stylize', content, style, '-o', 'out.png', ...few],
      {
        cwd: out,
      },
    );
    expect(stderr).toMatch(/^61x43 {2}1 of 12 {2}loss .* it\/s, \d+ s left\n/);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^out\.png: 61x43, 12 iterations in \d+ s, loss [\d.e-]+ \(content [\d.e-]+, style [\d.e-]+, total variation [\d.e-]+, grain [\d.e-]+\)\n$/,
      ) as string,
    });
    expect(await readdir(out)).toEqual(['out.png']);
    const { width, height, channels, values } = await readPixels(join(out, 'out.png'));
    expect({ width, height, channels }).toEqual({ width: 61, height: 43, channels: 3 });
    const before = await readPixels(content);
    const changed = values.filter((value, index) => Math.abs(value - before.values[index]!) > 10).length;
    expect(changed).toBeGreaterThan(values.length / 20);
    const { exif } = await sharp(join(out, 'out.png')).metadata();
    const made = exif!.toString('latin1');
    expect(made).toContain(`Pastiche ${version}`);
    expect(made).toContain('photo.png after painting.jpg; network pastiche-vgg, 12 iterations, size 61x43');
    expect(made).toContain('preset default');
    expect(made).not.toContain(folder);
  });

  it('prints one object with --json, and makes the same picture from the same seed', async () => {
    const args = ['stylize', content, style, '--init', 'noise', '--seed', '5', '--json', ...few];
    const [one, two, other] = await Promise.all([
      pasticheHere([...args, '-o', at('one.png')]),
      pasticheHere([...args, '-o', at('two.png')]),
      pasticheHere([...args, '-o', at('other.png'), '--seed', '6']),
    ]);
    expect(one).toMatchObject({ code: 0, stderr: '' });
    const result = json(one.stdout);
    expect(Object.keys(result).sort()).toEqual(
      [
        ...['device', 'evaluations', 'input', 'iterations', 'losses', 'method', 'network', 'output'],
        ...['peakMemoryMb', 'pictures', 'seconds', 'settings', 'size', 'stopped', 'threads', 'versions'],
      ].sort(),
    );
    expect(result).toMatchObject({
      ...{
        input: content,
        output: at('one.png'),
        pictures: { content, styles: [style] },
        size: { width: 61, height: 43 },
        stopped: 'finished',
      },
      ...{ iterations: 12, threads: 1, device: 'cpu', network: 'pastiche-vgg', method: 'stylize' },
      settings: { method: 'gram', preset: 'default', seed: 5, init: 'noise' },
      versions: {
        pastiche: version,
        node: process.versions.node,
        onnxruntime: expect.stringMatching(/^1\./) as string,
      },
    });
    expect(result['evaluations']).toBeGreaterThanOrEqual(12);
    expect(result['seconds']).toBeGreaterThan(0);
    expect(result['peakMemoryMb']).toBeGreaterThan(30);
    const { content: likeness, style: manner, totalVariation, grain, total } = result.losses;
    expect(likeness + manner + totalVariation + grain).toBeCloseTo(total, 5);
    const pixels = async (name: string) => (await readPixels(at(name))).values;
    expect(await pixels('two.png')).toEqual(await pixels('one.png'));
    expect(json(two.stdout).losses).toEqual(result.losses);
    expect(await pixels('other.png')).not.toEqual(await pixels('one.png'));
    expect(other.code).toBe(0);
  });

  it('keeps the photograph’s transparency', async () => {
    const path = await writeTransparent(at('transparent.png'), 45, 37);
    expect(
      (await pasticheHere(['stylize', path, style, '-o', at('alpha.png'), '--quiet', ...few])).code,
    ).toBe(0);
    const [before, after] = [await readPixels(path), await readPixels(at('alpha.png'))];
    expect(after).toMatchObject({ width: 45, height: 37, channels: 4 });
    const alpha = (values: Uint8Array) => values.filter((_, index) => index % 4 === 3);
    expect(alpha(after.values)).toEqual(alpha(before.values));
  });

  it('blends several paintings by their weights', async () => {
    const run = (name: string, ...args: string[]) =>
      pasticheHere(['stylize', content, ...args, '-o', at(name), '--quiet', ...few]);
    const outcomes = await Promise.all([
      run('first.png', style),
      run('all-first.png', style, second, '--style-blend', '2,0'),
      run('half.png', style, second),
      run('even.png', style, second, '--style-blend', '7,7'),
    ]);
    expect(outcomes.map(({ code, stdout, stderr }) => `${code}${stdout}${stderr}`)).toEqual([
      '0',
      '0',
      '0',
      '0',
    ]);
    const [first, allFirst, half, even] = await Promise.all(
      ['first.png', 'all-first.png', 'half.png', 'even.png'].map(
        async (name) => (await readPixels(at(name))).values,
      ),
    );
    expect(allFirst).toEqual(first);
    expect(even).toEqual(half);
    expect(half).not.toEqual(first);
  });

  it('works coarse to fine at a size of its own, and writes 16 bits', async () => {
    const { code, stdout } = await pasticheHere(
      [
        'stylize',
        content,
        style,
        '-o',
        at('large.tif'),
        '--bit-depth',
        '16',
        '--json',
        '--threads',
        '1',
      ].concat(['--scales', '40,90', '--iterations', '6,3', '--average', '0.5', '--init', second]),
    );
    expect(code).toBe(0);
    expect(json(stdout)).toMatchObject({ size: { width: 90, height: 63 }, iterations: 9 });
    expect(await sharp(at('large.tif')).metadata()).toMatchObject({ width: 90, height: 63, depth: 'ushort' });
  });

  it('makes the photograph again where the painting counts nothing', async () => {
    const args = [
      '--style-weight',
      '0',
      '--tv-weight',
      '0',
      '--grain-weight',
      '0',
      '--init',
      'grey',
      '--iterations',
      '30',
      '--json',
    ];
    const { code, stdout } = await pasticheHere(['stylize', content, style, '-o', at('again.png'), ...args]);
    expect(code).toBe(0);
    const { losses } = json(stdout);
    // Terms that don't count are not there.
    expect(losses).toEqual({ content: losses.content, total: losses.content });
    // Relative to the photograph's own features; grey itself is near 1.
    expect(losses.content).toBeLessThan(0.02);
  });

  it('follows another preset', async () => {
    const args = [
      '--preset',
      'gatys',
      '--network',
      'pastiche-vgg',
      '--iterations',
      '3',
      '--size',
      '48',
      '--json',
    ];
    const { code, stdout } = await pasticheHere(['stylize', content, style, '-o', at('gatys.png'), ...args]);
    expect({ code, ...json(stdout) }).toMatchObject({
      ...{ code: 0, settings: { preset: 'gatys' }, iterations: 3 },
    });
  });
});

describe('a loss that is no number any more', () => {
  it('ends the work with the last good picture, a warning and exit code 1', async () => {
    const args = [
      '--optimizer',
      'adam',
      '--learning-rate',
      '1e30',
      '--preset',
      'd2l',
      '--iterations',
      '9',
      '--json',
    ];
    const files = ['stylize', content, style, '-o', at('diverged.png'), '--network', 'pastiche-vgg'];
    const { code, stdout, stderr } = await pasticheHere([...files, ...args]);
    expect({ code, ...json(stdout) }).toMatchObject({ code: 1, stopped: 'diverged' });
    expect(stderr).toMatch(
      /^Warning: after 1 iterations the loss was no longer a number; .*\n.*learning rate.*\n$/,
    );
    // The first step went astray, so the last good picture is the start.
    expect((await readPixels(at('diverged.png'))).values).toEqual((await readPixels(content)).values);
  });
});

describe('what is written on the way', () => {
  it('is the pictures and the trace that were asked for, and no state when all is done', async () => {
    const out = await outputFolder('on-the-way');
    const { code, stdout, stderr } = await pasticheHere(
      ['stylize', content, style, '-o', join(out, 'out.png'), '--save-every', '5', '--json', ...few].concat([
        '--trace',
        join(out, 'trace.json'),
      ]),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const intermediates = ['out-000005.png', 'out-000010.png'];
    expect((await readdir(out)).sort()).toEqual([...intermediates, 'out.png', 'trace.json']);
    const result = json(stdout);
    expect((result['intermediates'] as string[]).map((path) => basename(path))).toEqual(intermediates);
    const [five, ten] = await Promise.all(intermediates.map((name) => readPixels(join(out, name))));
    expect(five).toMatchObject({ width: 61, height: 43 });
    expect(five!.values).not.toEqual(ten!.values);

    const trace = JSON.parse(await readFile(join(out, 'trace.json'), 'utf8')) as Record<string, unknown> & {
      curve: {
        iteration: number;
        total: number;
        content: number;
        style: number;
        totalVariation: number;
        grain: number;
      }[];
    };
    expect(trace).toMatchObject({
      ...{ format: 'pastiche trace 2', method: 'stylize', network: 'pastiche-vgg', stopped: 'finished' },
      ...{ iterations: 12, threads: 1, device: 'cpu', pictures: { content, styles: [style] } },
      ...{ losses: result.losses, evaluations: result['evaluations'] },
      settings: { preset: 'default', seed: 0 },
      plan: { width: 61, height: 43 },
      versions: result['versions'],
    });
    expect(trace['command']).toContain(`--iterations 12 --threads 1 --save-every 5 --trace`);
    expect(trace.curve.map(({ iteration }) => iteration)).toEqual(
      Array.from({ length: 12 }, (_, k) => k + 1),
    );
    expect(trace.curve.at(-1)!.total).toBeLessThan(trace.curve[0]!.total / 2);
    expect(result.losses.total).toBeLessThanOrEqual(trace.curve.at(-1)!.total);
    for (const { total, content: likeness, style: manner, totalVariation, grain } of trace.curve) {
      expect(likeness + manner + totalVariation + grain).toBeCloseTo(total, 5);
    }
  });

  it('is a page that needs nothing but itself', async () => {
    const out = await outputFolder('report');
    const [name, escaped] = withoutHostileNames
      ? (["&'.png", '&amp;&#39;.png'] as const)
      : (['<b>&"\'.png', '&lt;b&gt;&amp;&quot;&#39;.png'] as const);
    const hostile = await writePicture(join(out, name), 61, 43);
    const { code, stderr } = await pasticheHere([
      'stylize',
      hostile,
      style,
      '-o',
      join(out, 'out.png'),
      '--report',
      join(out, 'page.html'),
      '--quiet',
      ...few,
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const page = await readFile(join(out, 'page.html'), 'utf8');
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toContain(`<title>${escaped} after painting.jpg</title>`);
    expect(page).not.toContain('<b>&');
    expect(page).not.toContain('http-equiv="refresh"');
    const sources = [...page.matchAll(/\b(?:src|href|action)="([^"]*)"/g)].map(([, source]) => source!);
    expect(sources.length).toBeGreaterThan(12);
    expect(sources.filter((source) => !source.startsWith('data:image/'))).toEqual([]);
    // The charting library names its home in a comment.
    expect([...page.matchAll(/https?:\/\/[\w./-]+/g)].map(([url]) => url)).toEqual([
      'https://github.com/leeoniya/uPlot',
    ]);
    for (const source of sources) {
      const bytes = Buffer.from(source.split(',')[1]!, 'base64');
      expect((await sharp(bytes).metadata()).width).toBeGreaterThanOrEqual(61);
    }
    const chart = /<script type="application\/json" data-kind="chart">(.*?)<\/script>/s.exec(page)![1]!;
    const { x, series } = JSON.parse(chart) as { x: number[]; series: { label: string; values: number[] }[] };
    expect(x).toHaveLength(12);
    expect(series.map(({ label, values }) => [label, values.length])).toEqual([
      ['total', 12],
      ['content', 12],
      ['style', 12],
      ['total variation', 12],
      ['grain', 12],
    ]);
    expect(page).toMatch(/<pre>pastiche stylize [^<]*--iterations 12 --threads 1 --report [^<]*<\/pre>/);
    expect((await readdir(out)).sort()).toEqual([name, 'out.png', 'page.html']);
  });
});

describe('--dry-run', () => {
  it('tells what it will take, and writes nothing', async () => {
    const out = await outputFolder('dry');
    const args = ['stylize', content, style, '-o', join(out, 'out.png'), '--size', '600', '--dry-run'];
    const text = await pasticheHere(args);
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toMatch(
      /-> .*out\.png, 600x423\n {2}scales {3}128x90 \(\d+ iterations\), 256x180 .*, 600x423 \(\d+ iterations\)\n {2}memory {3}about [\d.]+ GB of the [\d.]+ GB that are available\n {2}time {5}about .*\n/,
    );
    const larger = await pasticheHere([...args, '--size', '1200', '--json', '--threads', '1']);
    const plan = json(larger.stdout);
    expect(plan).toMatchObject({
      ...{
        dryRun: true,
        size: { width: 1200, height: 846 },
        fits: true,
        network: 'pastiche-vgg',
        threads: 1,
      },
      scales: [{ width: 128 }, { width: 256 }, { width: 512 }, { width: 1200, height: 846, iterations: 8 }],
    });
    const smaller = json((await pasticheHere([...args, '--json'])).stdout);
    expect(plan['memoryMb']).toBeGreaterThan(smaller['memoryMb'] as number);
    expect(plan['operations']).toBeGreaterThan(smaller['operations'] as number);
    expect(plan['seconds']).toBeGreaterThan(0);
    expect(await pasticheHere([...args, '--quiet'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await readdir(out)).toEqual([]);
  });
});

describe('help', () => {
  it('comes from the options themselves, quickly', async () => {
    const { code, stdout, stderr } = await pasticheHere(['stylize', '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('--content-weight <number>');
    expect(stdout).toMatch(/Presets:\n {2}default .*\n {2}gatys /);
    expect((await pasticheHere(['--version'])).stdout).toBe(`${version}\n`);
    const overview = await pasticheHere(['--help']);
    const commands = ['stylize', 'texture', 'reconstruct', 'harmonize', 'match', 'match-colors', 'evaluate'];
    for (const command of [...commands, 'demo', 'train', 'models']) {
      expect(overview.stdout).toMatch(new RegExp(`^ {2}${command}( |$)`, 'm'));
    }
  });
});

describe('with the network of the package', () => {
  it('brings real photographs nearer to real paintings', async () => {
    const environment = { PASTICHE_MODELS: '' };
    const pairs = [
      ['two-dogs', 'great-wave'],
      ['picos-de-europa', 'poppies'],
    ] as const;
    for (const [photo, painting] of pairs) {
      const out = at(`${photo}.jpg`);
      const files = ['stylize', example(`${photo}.jpg`), example(`${painting}.jpg`), '-o', out];
      const { code, stdout } = await pasticheHere(
        [...files, '--size', '96', '--iterations', '25', '--json', '--trace', at('trace.json')],
        { environment },
      );
      expect(code).toBe(0);
      const { losses, network } = json(stdout);
      const trace = JSON.parse(await readFile(at('trace.json'), 'utf8')) as { curve: { total: number }[] };
      expect(network).toBe('pastiche-vgg');
      expect(losses.total).toBeLessThan(trace.curve[0]!.total / 2);
      const { width, height } = await sharp(out).metadata();
      expect(Math.max(width, height)).toBe(96);
    }
  });
});
