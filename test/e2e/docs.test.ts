import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { stylizeCommand } from '../../src/cli/commands/stylize.js';
import { trainCommand } from '../../src/cli/commands/train.js';
import { modelRegistry } from '../../src/weights/registry.js';
import { stylizePresets, type StylizePreset } from '../../src/methods/stylize/presets.js';

const root = join(import.meta.dirname, '../..');
const read = (file: string): Promise<string> => readFile(join(root, file), 'utf8');
const rowsOf = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('|'));

const written = ['README.md', 'CONTRIBUTING.md', 'examples/README.md'];
const pages = [
  ...written,
  ...(await readdir(join(root, 'docs'), { recursive: true })).map(
    (path) => `docs/${path.replaceAll(sep, '/')}`,
  ),
].filter((path) => path.endsWith('.md'));

const flagsOf = ({ options }: Command) =>
  options.map(({ long, description }) => ({
    long: long!,
    standard: /\(default: ([^)]*)\)/.exec(description)?.[1],
  }));

describe.each(['README.md', 'docs/guide/stylize.md'])('%s', (page) => {
  const flags = flagsOf(stylizeCommand());

  it.each(flags.filter(({ long }) => long !== '--output' && long !== '--style'))(
    'has a row for $long',
    async ({ long, standard }) => {
      const row = rowsOf(await read(page)).find((line) => new RegExp(`\`${long}[ \`]`).test(line));
      expect(row, `a row of ${long}`).toBeDefined();
      // Defaults that are values; others are told in words.
      if (standard !== undefined && !/[ ']/.test(standard)) expect(row).toContain(`\`${standard}\``);
    },
  );

  it('has no flag that the command does not have', async () => {
    const named = (await read(page)).matchAll(/`(--[a-z-]+)/g);
    const others = [
      '--content',
      '--help',
      '--from',
      '--to',
      '--json',
      '--tileable',
      '--layer',
      '--all-layers',
    ];
    others.push('--teacher', '--images');
    for (const [, flag] of named) expect([...flags.map(({ long }) => long), ...others]).toContain(flag);
  });

  it.each(Object.entries(stylizePresets))('has a row for the preset %s', async (name, { network }) => {
    const row = rowsOf(await read(page)).find((line) => line.startsWith(`| \`${name}\` |`));
    expect(row, `a row of ${name}`).toBeDefined();
    if (name !== 'default') expect(row).toContain(`\`${network}\``);
  });
});

describe('docs/guide/training.md', () => {
  const flags = flagsOf(trainCommand().commands.find((command) => command.name() === 'perceptual')!);
  const page = (): Promise<string> => read('docs/guide/training.md');

  it.each(flags)('has a row for $long', async ({ long, standard }) => {
    const row = rowsOf(await page()).find((line) => new RegExp(`\`${long}[ \`]`).test(line));
    expect(row, `a row of ${long}`).toBeDefined();
    if (standard !== undefined && !/[ ']/.test(standard)) expect(row).toContain(`\`${standard}\``);
  });

  it('has no flag that the command does not have', async () => {
    for (const [, flag] of (await page()).matchAll(/`(--[a-z-]+)/g)) {
      expect(flags.map(({ long }) => long)).toContain(flag);
    }
  });
});

describe('docs/guide', () => {
  it.each(Object.entries<StylizePreset>(stylizePresets))(
    'tells the numbers of the preset %s',
    async (name, preset) => {
      const row = rowsOf(await read('docs/guide/stylize.md')).find((line) =>
        line.startsWith(`| \`${name}\` |`),
      )!;
      const { contentWeight, styleWeight, totalVariationWeight, optimizer, gram, init, iterations, scales } =
        preset;
      const cells = row.split('|').map((cell) => cell.trim());
      expect(cells).toContain([contentWeight, styleWeight, totalVariationWeight].join(', '));
      expect(cells).toContain(gram);
      expect(cells).toContain(init);
      const work = cells.find((cell) => cell.startsWith(optimizer.name))!;
      expect(work).toContain(`${iterations.join(', ')} at ${scales.join(', ')}`);
      if ('learningRate' in optimizer && optimizer.learningRate !== 1)
        expect(work).toContain(`adam ${optimizer.learningRate},`);
      expect(row.includes('average pooling')).toBe(preset.pooling === 'average');
      for (const layer of Object.keys(preset.contentLayers)) expect(cells.join()).toContain(layer);
    },
  );

  it.each(modelRegistry)('lists the weights $name', async ({ name, licence }) => {
    const row = rowsOf(await read('docs/guide/weights.md')).find((line) =>
      line.startsWith(`| \`${name}\` |`),
    );
    expect(row).toContain(`| ${licence} |`);
  });
});

describe.each(pages)('%s', (page) => {
  it('links and points to what there is', async () => {
    const text = await read(page);
    const links = [...text.matchAll(/\]\(([^)#:]+)(#[^)]*)?\)/g)].map(([, path]) =>
      join(dirname(page), path!),
    );
    const paths = [...text.matchAll(/`((?:src|test|docs|examples|bench)\/[\w./-]+\.\w+)`/g)].map(
      ([, path]) => path!,
    );
    const missing = [...links, ...paths].filter(
      (path) => !path.startsWith(join('docs', 'reference')) && !existsSync(join(root, path)),
    );
    expect(missing).toEqual([]);
  });
});
