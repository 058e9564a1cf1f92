import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeImage } from '../../src/images/codec.node.js';
import { createImage } from '../../src/images/image.js';
import { goldenFolder } from '../golden-values.js';
import { writePicture } from './pictures.js';
import { writeToyNetwork } from './toy-network.js';

const root = join(import.meta.dirname, '../..');
/** What a user imports, by the files that it is in. */
const entries: Readonly<Record<string, readonly string[]>> = {
  pastiche: ['src/node.ts', 'src/browser.ts', 'src/index.ts'],
  'pastiche/engine': ['src/engine.node.ts', 'src/engine.ts', 'src/engine.browser.ts'],
  'pastiche/training': ['src/training.node.ts'],
  'pastiche/client': ['src/client.ts'],
};

interface Example {
  /** Where it stands, such as `src/images/resize.ts:20`. */
  readonly place: string;
  /** Undefined where it is no block of TypeScript. */
  readonly code: string | undefined;
  /** Whether it is run; its block is marked `no-run` where it needs what a test has not, or long. */
  readonly isQuick: boolean;
}

/** The examples of all doc comments of a file. */
function examplesOf(path: string, text: string): Example[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const examples = new Map<number, Example>();
  const visit = (node: ts.Node): void => {
    for (const tag of ts.getJSDocTags(node)) {
      if (tag.tagName.text !== 'example') continue;
      const { line } = source.getLineAndCharacterOfPosition(tag.pos);
      const lines = tag.getText(source).split('\n');
      const [, mark, code] =
        /```ts( no-run)?\n([\s\S]*?)```/.exec(lines.map((one) => one.replace(/^\s*\* ?/, '')).join('\n')) ??
        [];
      // Of a constant's comment several nodes say that it is theirs.
      examples.set(tag.pos, { place: `${path}:${line + 1}`, code, isQuick: mark === undefined });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...examples.values()];
}

const sources = (await readdir(join(root, 'src'), { recursive: true }))
  .filter((path) => path.endsWith('.ts'))
  .map((path) => `src/${path.replaceAll('\\', '/')}`);
const examples = (
  await Promise.all(sources.map(async (path) => examplesOf(path, await readFile(join(root, path), 'utf8'))))
).flat();

interface Tutorial {
  /** Such as `docs/tutorials/gatys.md`. */
  readonly place: string;
  readonly text: string;
  /** All TypeScript of the page, from top to bottom; it is one program. */
  readonly code: string;
}

const tutorials: readonly Tutorial[] = await Promise.all(
  (await readdir(join(root, 'docs/tutorials')))
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .map(async (file) => {
      const place = `docs/tutorials/${file}`;
      const text = await readFile(join(root, place), 'utf8');
      const code = [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, block]) => block).join('');
      return { place, text, code };
    }),
);

/** What is compiled: examples and tutorials. */
const programs: readonly { readonly place: string; readonly code: string | undefined }[] = [
  ...examples,
  ...tutorials,
];

/** What files for browsers show imports what the package is there. */
const asSeenFrom = (place: string, code: string): string =>
  place.includes('.browser.ts:') ? code.replace("'pastiche/engine'", "'../../src/engine.browser.js'") : code;

const fileOf = (index: number): string => join(root, `test/e2e/example-${index}.ts`).replaceAll('\\', '/');

/** The entries with every example and tutorial as a file beside this one, which imports them as a user does. */
function compile(): ts.Program {
  const parsed = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)).config,
    ts.sys,
    root,
  );
  const options: ts.CompilerOptions = {
    ...parsed.options,
    // What an example makes is often for its reader alone.
    ...{ noUnusedLocals: false, noUnusedParameters: false },
    paths: Object.fromEntries(Object.entries(entries).map(([name, [file]]) => [name, [join(root, file!)]])),
  };
  const codes = new Map(
    programs.map(({ place, code = '' }, index) => [fileOf(index), asSeenFrom(place, code)]),
  );
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile: read, getSourceFile } = host;
  host.fileExists = (path) => codes.has(path) || fileExists(path);
  host.readFile = (path) => codes.get(path) ?? read(path);
  host.getSourceFile = (path, ...rest) => {
    const code = codes.get(path);
    return code === undefined
      ? getSourceFile(path, ...rest)
      : ts.createSourceFile(path, code, {
          languageVersion: ts.ScriptTarget.ESNext,
          impliedNodeFormat: ts.ModuleKind.ESNext,
        });
  };
  const files = Object.values(entries)
    .flat()
    .map((file) => join(root, file));
  return ts.createProgram([...files, ...codes.keys()], options, host);
}

const program = compile();
const checker = program.getTypeChecker();
const exportsOf = (file: string): ts.Symbol[] =>
  checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(join(root, file))!)!);

const isTypeOnly = (symbol: ts.Symbol): boolean =>
  (symbol.declarations ?? []).some((declaration) => ts.isTypeOnlyExportDeclaration(declaration));

/** The functions and classes that a module exports as values, those of namespaces included, by name. */
function functionsOf(symbols: readonly ts.Symbol[], before = ''): [name: string, examples: number][] {
  return symbols.flatMap((exported): [string, number][] => {
    if (isTypeOnly(exported)) return [];
    const name = before + exported.name;
    const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
    const symbol = isAlias ? checker.getAliasedSymbol(exported) : exported;
    if (symbol.flags & ts.SymbolFlags.ValueModule) {
      return functionsOf(checker.getExportsOfModule(symbol), `${name}.`);
    }
    if ((symbol.flags & ts.SymbolFlags.Value) === 0) return [];
    const type = checker.getTypeOfSymbol(symbol);
    const calls = type.getCallSignatures();
    if (calls.length + type.getConstructSignatures().length === 0) return [];
    const tags = [symbol, ...calls].flatMap((documented) => documented.getJsDocTags(checker));
    return [[name, tags.filter((tag) => tag.name === 'example').length]];
  });
}

describe.each(Object.entries(entries))('%s', (_, files) => {
  it.each(files)('has an example of every function and class in %s', (file) => {
    const functions = functionsOf(exportsOf(file));
    // src/client.ts has a client and its error.
    expect(functions.length).toBeGreaterThan(1);
    expect(functions.filter(([, count]) => count === 0).map(([name]) => name)).toEqual([]);
  });
});

describe('pastiche', () => {
  it('has no more than 90 names', () => {
    expect(exportsOf('src/node.ts').length).toBeLessThanOrEqual(90);
  });
});

const asJavaScript = (code: string): string =>
  ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  }).outputText;

/** Folders of models: a toy of the form of Magenta's network, under the names of its files, and the toy network. */
async function toyModels(folder: string): Promise<string> {
  await mkdir(folder);
  const toy = (name: string): string => join(goldenFolder, `tflite/${name}.tflite`);
  await copyFile(toy('prediction'), join(folder, 'style_predict_int8.tflite'));
  await copyFile(toy('transformer'), join(folder, 'style_transfer_f16.tflite'));
  return [folder, await writeToyNetwork()].join(delimiter);
}

/** A folder where the package is installed. */
async function installedFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pastiche-doc-examples-'));
  await mkdir(join(folder, 'node_modules'));
  await symlink(root, join(folder, 'node_modules/pastiche'), 'junction');
  await symlink(join(root, 'node_modules/zod'), join(folder, 'node_modules/zod'), 'junction');
  return folder;
}

describe('an example', () => {
  it('is a block of TypeScript', () => {
    expect(examples.length).toBeGreaterThan(100);
    expect(examples.filter(({ code }) => code === undefined).map(({ place }) => place)).toEqual([]);
  });

  it('is compiled', () => {
    const mistakes = programs.flatMap(({ place }, index) => {
      const file = program.getSourceFile(fileOf(index))!;
      return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
        ({ messageText }) => `${place}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
      );
    });
    expect(mistakes).toEqual([]);
  });

  describe('that is quick', () => {
    let folder: string;
    const at = (...path: string[]): string => join(folder, ...path);
    beforeAll(async () => {
      folder = await installedFolder();
      await writePicture(at('photo.jpg'), 96, 72, 1);
      await writePicture(at('painting.jpg'), 80, 96, 2);
      await writePicture(at('composite.jpg'), 80, 96, 3);
      await writePicture(at('painted.png'), 96, 72, 4);
      const [left, size] = [20, 80 * 96];
      const object = Float32Array.from({ length: 3 * size }, (_, i) =>
        i % 80 > left && i % 80 < 60 ? 1 : 0,
      );
      await writeImage(at('mask.png'), createImage(80, 96, object));
      await mkdir(at('photos'));
      for (const name of ['a.jpg', 'b.jpg']) {
        await copyFile(at('photo.jpg'), at(name));
        await copyFile(at('photo.jpg'), at('photos', name));
      }
    });
    afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

    it('runs', async () => {
      const quick = examples.filter(({ isQuick, code }) => isQuick && code !== undefined);
      for (const [index, { code }] of quick.entries()) {
        await writeFile(at(`example-${index}.mjs`), asJavaScript(code!));
      }
      await writeFile(
        at('run.mjs'),
        `import { writeFileSync } from 'node:fs';
        const errors = [];
        for (let index = 0; index < ${quick.length}; index += 1) {
          const error = await import(\`./example-\${index}.mjs\`).then(() => undefined, (error) => error);
          errors.push({ error: error && String(error.stack) });
        }
        writeFileSync('errors.json', JSON.stringify(errors));`,
      );
      const models = await toyModels(at('models'));
      const env = { ...process.env, PASTICHE_MODELS: models, PASTICHE_CACHE: at('nothing') };
      await promisify(execFile)(process.execPath, ['run.mjs'], { cwd: folder, env });
      const errors = JSON.parse(await readFile(at('errors.json'), 'utf8')) as { error?: string }[];
      expect(errors).toHaveLength(quick.length);
      const failed = errors.flatMap(({ error }, index) =>
        error === undefined ? [] : [`${quick[index]!.place}: ${error}`],
      );
      expect(failed).toEqual([]);
    });
  });
});

describe('a tutorial', () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  const at = (...path: string[]): string => join(folder, ...path);
  beforeAll(async () => {
    folder = await installedFolder();
    for (const name of ['examples', 'docs']) await symlink(join(root, name), at(name), 'junction');
    const models = await toyModels(at('models'));
    env = { ...process.env, PASTICHE_MODELS: models, PASTICHE_CACHE: at('nothing') };
  });
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

  it('is there', () => {
    expect(tutorials).toHaveLength(5);
  });

  it.each(tutorials)('is a program that makes its pictures: $place', async ({ place, text, code }) => {
    const small = code
      .replace(/^const size = \d+;$/m, 'const size = 64;')
      .replace(/^const steps = \d+;$/m, 'const steps = 4;');
    expect(small.match(/^const (size = 64|steps = 4);$/gm), place).toHaveLength(2);
    await writeFile(at('tutorial.mjs'), asJavaScript(small));
    const { stdout } = await promisify(execFile)(process.execPath, ['tutorial.mjs'], { cwd: folder, env });
    for (const [, line] of text.matchAll(/prints `([^`]+)`/g)) expect(stdout).toContain(`${line}\n`);
    expect(stdout).not.toMatch(/NaN|undefined/);
    const written = await readdir(folder);
    const pictures = [...text.matchAll(/\(pictures\/([\w-]+)\.(?:(jpg)|png)\)/g)].map(
      ([, name, jpeg]) => `out-${name}.${jpeg === undefined ? 'html' : 'png'}`,
    );
    expect(pictures.length).toBeGreaterThan(1);
    expect(pictures.filter((picture) => !written.includes(picture))).toEqual([]);
  });
});
