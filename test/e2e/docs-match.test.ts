import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { matchCommand } from '../../src/cli/commands/match.js';
import { matchFileNames } from '../../src/jobs/match-files.node.js';

const text = await readFile(join(import.meta.dirname, '../../docs/guide/match.md'), 'utf8');
const rows = text.split('\n').filter((line) => line.startsWith('|'));

describe('docs/guide/match.md', () => {
  const flags = matchCommand().options.map(({ long, description }) => ({
    long: long!,
    standard: /\(default: ([^)]*)\)/.exec(description)?.[1],
  }));

  it.each(flags)('has a row for $long', ({ long, standard }) => {
    const row = rows.find((line) => line.startsWith(`| \`${long}`));
    expect(row, `a row of ${long}`).toBeDefined();
    if (standard !== undefined && !/[ ,]/.test(standard)) expect(row).toContain(`\`${standard}\``);
  });

  it('has no flag that the command does not have', () => {
    const named = rows.flatMap((row) => [...row.matchAll(/`(--[a-z-]+)/g)].map(([, flag]) => flag!));
    for (const flag of named) expect(flags.map(({ long }) => long)).toContain(flag);
  });

  it.each(Object.values(matchFileNames))('tells what %s is', (file) => {
    expect(rows.some((row) => row.startsWith(`| \`${file}\` |`))).toBe(true);
  });
});
