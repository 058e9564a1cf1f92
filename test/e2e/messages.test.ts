import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const src = join(import.meta.dirname, '../../src');
const files = (await readdir(src, { recursive: true }))
  .map((path) => path.replaceAll(sep, '/'))
  .filter((path) => path.endsWith('.ts') && !path.startsWith('cli/'));

/** What looks like a flag and is none of ours: options of V8, and properties of a style sheet. */
const others = new Set(['runtime/collect-garbage.node.ts: --expose-gc']);
const isStyleSheet = (path: string): boolean => path === 'report/page-style.ts';

/** The texts of a file: string literals, and templates in pieces. Comments and regular expressions are none. */
function textsOf(path: string, code: string): string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      texts.push(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, code, ts.ScriptTarget.Latest));
  return texts;
}

const flag = /(^|[\s(])--[a-z][a-z-]+/;
const command = /\bpastiche (stylize|texture|models|train|evaluate|match|harmonize|reconstruct|demo)\b/;

describe('the library', () => {
  it('has the texts that there are', () => {
    expect(
      textsOf('a.ts', "f('one', `two ${x} --three`); // --four\nconst five = /--five/; type Six = 'six';"),
    ).toEqual(['one', 'two ', ' --three', 'six']);
    expect(files.length).toBeGreaterThan(150);
  });

  it.each([...new Set(files.map((path) => path.split('/')[0]!))])(
    'says nothing of flags and commands in src/%s: its callers have none',
    async (room) => {
      const offending: string[] = [];
      for (const path of files.filter((file) => file === room || file.startsWith(`${room}/`))) {
        if (isStyleSheet(path)) continue;
        for (const text of textsOf(path, await readFile(join(src, path), 'utf8'))) {
          const place = `${path}: ${text}`;
          if ((flag.test(text) || command.test(text)) && !others.has(place)) offending.push(place);
        }
      }
      expect(offending).toEqual([]);
    },
  );
});
