import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { modelsCommand } from '../../src/cli/commands/models.js';
import { trainCommand } from '../../src/cli/commands/train.js';
import { methodCommand } from '../../src/cli/method-command.js';
import { demonstrations, methods } from '../../src/methods/index.js';
import { matchFileNames } from '../../src/methods/match/match-method.js';
import { modelRegistry } from '../../src/weights/registry.js';
import { stylizePresets, type StylizePreset } from '../../src/methods/stylize/presets.js';

const root = join(import.meta.dirname, '../..');
const read = (file: string): Promise<string> => readFile(join(root, file), 'utf8');
const rowsOf = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('|'));

const written = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'examples/README.md'];
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

/** What every command has is told once, in the page of files and machine. */
const common = 'docs/guide/files-and-machine.md';

/** The page of a method's own options. */
const methodPages: Readonly<Record<string, string>> = {
  stylize: 'docs/guide/stylize.md',
  apply: 'docs/guide/apply.md',
  style: 'docs/guide/fast.md',
  enlarge: 'docs/guide/enlarge.md',
  texture: 'docs/guide/texture.md',
  reconstruct: 'docs/guide/reconstruct.md',
  harmonize: 'docs/guide/harmonize.md',
  match: 'docs/guide/match.md',
  'match-colors': 'docs/guide/colors.md',
  evaluate: 'docs/guide/stylize.md',
  'gram-instability': 'docs/guide/histograms.md',
};

const commands = [...methods, ...demonstrations].map((method) => methodCommand(method));

describe.each(commands.map((command) => [command.name(), command] as const))(
  'the guide to %s',
  (name, command) => {
    const page = methodPages[name]!;
    // Those of pictures are told in words, and the measurement has no table.
    const flags = flagsOf(command).filter(
      ({ long }) => !['--style', '--reference', '--mask', '--content'].includes(long) || page === undefined,
    );

    it.each(name === 'evaluate' ? [] : flags)('has a row for $long', async ({ long, standard }) => {
      const others =
        name === 'stylize'
          ? [common, ...['harmonize', 'neighbors', 'fast', 'apply'].map((one) => `docs/guide/${one}.md`)]
          : [common];
      const texts = await Promise.all([page, ...others].map((path) => read(path)));
      const rows = texts.flatMap((text) => rowsOf(text));
      const row = rows.find((line) => new RegExp(`^\\| \`${long}[ \`]`).test(line));
      expect(row, `a row of ${long}`).toBeDefined();
      // Defaults that are values; others are told in words.
      const isValue = standard !== undefined && !/[ ']/.test(standard) && long !== '--max-pixels';
      if (isValue) expect(row).toContain(`\`${standard}\``);
    });

    it('has no flag that no command has', async () => {
      const known = [...commands, ...trainCommand().commands, ...modelsCommand().commands].flatMap((one) =>
        flagsOf(one).map(({ long }) => long),
      );
      for (const [, flag] of (await read(page)).matchAll(/`(--[a-z-]+)/g))
        expect([...known, '--help']).toContain(flag);
    });
  },
);

describe('README.md', () => {
  it('has at most eight flags of stylize in its table, each with its default', async () => {
    const rows = rowsOf(await read('README.md')).filter((row) => row.startsWith('| `--'));
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.length).toBeLessThanOrEqual(8);
    const flags = flagsOf(commands.find((command) => command.name() === 'stylize')!);
    for (const row of rows) {
      const flag = flags.find(({ long }) => row.startsWith(`| \`${long}`));
      expect(flag, row).toBeDefined();
      if (flag!.standard !== undefined && !/[ ']/.test(flag!.standard)) {
        expect(row).toContain(`| \`${flag!.standard}\` |`);
      }
    }
  });

  it('names every method', async () => {
    for (const { name } of methods) expect(await read('README.md')).toContain(`\`pastiche ${name} `);
  });
});

describe('docs/guide/match.md', () => {
  it.each(Object.values(matchFileNames))('tells what %s is', async (file) => {
    const rows = rowsOf(await read('docs/guide/match.md'));
    expect(rows.some((row) => row.startsWith(`| \`${file}\` |`))).toBe(true);
  });
});

/** The page of a training's own options; what every training has is told in the first. */
const trainingPages: Readonly<Record<string, string>> = {
  perceptual: 'docs/guide/training.md',
  style: 'docs/guide/train-style.md',
  'any-style': 'docs/guide/train-any-style.md',
  'super-resolution': 'docs/guide/enlarge.md',
};

describe.each(trainCommand().commands.map((command) => [command.name(), command] as const))(
  'the guide to train %s',
  (name, command) => {
    const flags = flagsOf(command);
    const page = trainingPages[name]!;

    it.each(flags)('has a row for $long', async ({ long, standard }) => {
      const texts = await Promise.all([page, trainingPages['perceptual']!].map((path) => read(path)));
      const row = texts
        .flatMap((text) => rowsOf(text))
        .find((line) => new RegExp(`\`${long}[ \`]`).test(line));
      expect(row, `a row of ${long}`).toBeDefined();
      if (standard !== undefined && !/[ '"]/.test(standard)) expect(row).toContain(`\`${standard}\``);
    });

    it('has no flag that the command does not have', async () => {
      for (const [, flag] of (await read(page)).matchAll(/`(--[a-z-]+)/g)) {
        const ofMethods = commands.flatMap((one) => flagsOf(one).map(({ long }) => long));
        expect([...flags.map(({ long }) => long), ...ofMethods]).toContain(flag);
      }
    });
  },
);

describe('docs/guide', () => {
  it.each(Object.entries<StylizePreset>(stylizePresets))(
    'tells the numbers of the preset %s',
    async (name, preset) => {
      const row = rowsOf(await read('docs/guide/stylize.md')).find((line) =>
        line.startsWith(`| \`${name}\` |`),
      )!;
      const { contentWeight, styleWeight, tvWeight, grainWeight, optimizer, gram, init, iterations, scales } =
        preset;
      const cells = row.split('|').map((cell) => cell.trim());
      const grain = grainWeight === 0 ? '' : `, and ${grainWeight} of grain`;
      expect(cells).toContain(`${[contentWeight, styleWeight, tvWeight].join(', ')}${grain}`);
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

const tutorials = pages.filter((page) => page.startsWith('docs/tutorials/') && !page.endsWith('README.md'));

describe.each(tutorials)('%s', (page) => {
  const named = new Map(
    [...commands, ...trainCommand().commands, ...modelsCommand().commands].map((one) => [one.name(), one]),
  );

  it('has commands with words, flags and pictures that there are', async () => {
    const lines = [...(await read(page)).matchAll(/(?:^|`)npx pastiche ([^`\n]+)/gm)].map(([, line]) =>
      line!.split(' '),
    );
    for (const [first, ...rest] of lines) {
      const words = ['demo', 'models', 'train'].includes(first!) ? rest : [first!, ...rest];
      const command = named.get(words[0]!);
      expect(command, words.join(' ')).toBeDefined();
      const flags = command!.options.flatMap(({ long, short }) => [long, short]);
      for (const word of words) {
        if (word.startsWith('-')) expect(flags, words.join(' ')).toContain(word);
        if (/^(examples|docs)\//.test(word)) expect(existsSync(join(root, word)), word).toBe(true);
      }
    }
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
