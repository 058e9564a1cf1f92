import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { demoCommand } from '../../src/cli/commands/demo.js';
import { harmonizeCommand } from '../../src/cli/commands/harmonize.js';
import { matchColorsCommand } from '../../src/cli/commands/match-colors.js';
import { reconstructCommand } from '../../src/cli/commands/reconstruct.js';
import { textureCommand } from '../../src/cli/commands/texture.js';

const guide = join(import.meta.dirname, '../../docs/guide');
const pages: readonly (readonly [page: string, command: Command])[] = [
  ['colors.md', matchColorsCommand()],
  ['harmonize.md', harmonizeCommand()],
  ['histograms.md', demoCommand().commands[0]!],
  ['reconstruct.md', reconstructCommand()],
  ['texture.md', textureCommand()],
];

describe.each(pages)('docs/guide/%s', (page, command) => {
  const flags = command.options.map(({ long, description }) => ({
    long: long!,
    standard: /\(default: ([^)]*)\)/.exec(description)?.[1],
  }));

  it('has a row for every flag, with its default', async () => {
    const rows = (await readFile(join(guide, page), 'utf8'))
      .split('\n')
      .filter((line) => line.startsWith('|'));
    for (const { long, standard } of flags) {
      const row = rows.find((line) => new RegExp(`\`${long}[ \`]`).test(line));
      expect(row, `a row of ${long}`).toBeDefined();
      // Defaults that are values; others are told in words.
      if (standard !== undefined && !/[ ,']/.test(standard)) expect(row).toContain(`| \`${standard}\` |`);
    }
  });

  it('has no flag that the command does not have', async () => {
    const named = (await readFile(join(guide, page), 'utf8')).matchAll(/`(--[a-z-]+)/g);
    for (const [, flag] of named) expect(flags.map(({ long }) => long)).toContain(flag);
  });
});
