import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withoutSignals } from '../platform.js';
import { pasticheHere } from './command-here.js';
import { makeWorkplace, pastiche } from './command-line.js';
import { writePicture } from './pictures.js';

const folder = await makeWorkplace();
const sample = await writePicture(join(folder, 'a & b.png'), 90, 70);
const quick = ['--size', '64', '--iterations', '2', '--threads', '1'];
const demo = (...args: string[]) => pasticheHere(['demo', 'gram-instability', ...args]);

describe('pastiche demo gram-instability', () => {
  it('makes one page that needs nothing but itself', async () => {
    const output = join(folder, 'page.html');
    const { code, stdout, stderr } = await demo(sample, '-o', output, ...quick, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const result = JSON.parse(stdout) as { pair: number; gram: { layer: string; gram: number }[] };
    expect(result).toMatchObject({ output, input: sample, network: 'pastiche-vgg', stopped: 'finished' });
    expect(result).toMatchObject({ size: { width: 64, height: 50 }, settings: { iterations: 2, seed: 0 } });
    expect(result.pair).toBeCloseTo(0.5858, 4);
    const page = await readFile(output, 'utf8');
    expect(page).toContain('the sample: a &amp; b.png');
    expect(page.match(/<img src="data:/g)).toHaveLength(5);
    // Two charts for each of two layers, and the losses.
    expect(page.match(/data-kind="chart">/g)).toHaveLength(5);
    expect(page).not.toMatch(/(src|href)="(?!data:)/);
    expect(page).toMatch(/<pre>pastiche demo gram-instability .*--iterations 2.*<\/pre>/);
    expect(page).toContain('50, from 90x70');
    for (const { layer, gram } of result.gram) {
      expect(page).toContain(`${layer}, Gram alone`);
      expect(page).toContain(`<td>${Number(gram.toPrecision(3))}</td>`);
    }
  });

  it('takes a picture of the examples, and prints a table', async () => {
    const { code, stdout, stderr } = await demo('-o', join(folder, 'wave.html'), ...quick);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /wave\.html: 64x43 in \d+ s\n\nDistance .*\n( {2}relu.*\n){5} {2}two maps of equal Gram value +0 +0\.586\n$/,
    );
    expect(stderr).toMatch(/^Gram alone, 32x22 {2}1 of 8 .*\n[^]*with histograms, 64x43 {2}7 of 8 /);
    expect(await readFile(join(folder, 'wave.html'), 'utf8')).toContain('great-wave.jpg');
  });

  it('writes into the current folder where no page is named', async () => {
    const cwd = join(folder, 'current');
    await mkdir(cwd);
    const { code } = await pasticheHere(['demo', 'gram-instability', sample, ...quick], { cwd });
    expect(code).toBe(0);
    expect(await readdir(cwd)).toEqual(['gram-instability.html']);
  });

  it('says what it will take, and does nothing then', async () => {
    const cwd = join(folder, 'planned');
    await mkdir(cwd);
    const { code, stdout } = await pasticheHere(['demo', 'gram-instability', ...quick, '--dry-run'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain('great-wave.jpg -> gram-instability.html, 64x43');
    expect(stdout).toContain('with histograms, 64x43 (2 iterations)');
    expect(stdout).toMatch(/\n {2}time +about /);
    expect(await readdir(cwd)).toEqual([]);
  });

  it('refuses what it can’t use and leaves nothing behind', async () => {
    const before = await readdir(folder);
    const out = join(folder, 'none.html');
    const outcomes = await Promise.all([
      demo(join(folder, 'missing.png'), '-o', out),
      demo(sample, '-o', join(folder, 'no', 'page.html')),
      demo(sample, '-o', out, '--size', '12'),
      demo(sample, '-o', out, '--network', 'vgg19'),
      demo(sample, 'another.png', '-o', out),
      demo(sample, '-o', sample),
    ]);
    const codes = outcomes.map(({ stderr }) => /^error \[(\w+)\]: .*\n.+\n$/.exec(stderr)?.[1]);
    expect(codes).toEqual([
      'E_INPUT_MISSING',
      'E_OUTPUT',
      'E_ARGUMENT',
      'E_WEIGHTS_MISSING',
      'E_ARGUMENT',
      'E_ARGUMENT',
    ]);
    for (const { code, stdout } of outcomes) expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(await readdir(folder)).toEqual(before);
  });

  it.skipIf(withoutSignals)('can be interrupted, and writes nothing then', async () => {
    const output = join(folder, 'stopped.html');
    const { code, stderr } = await pastiche(
      ['demo', 'gram-instability', sample, '-o', output, '--size', '64', '--iterations', '100000'],
      { onStderr: (text, child) => void (text.includes('Gram alone') && child.kill('SIGINT')) },
    );
    expect(code).toBe(130);
    expect(stderr).toContain('nothing was written');
    expect(await readdir(folder)).not.toContain('stopped.html');
  });
});
