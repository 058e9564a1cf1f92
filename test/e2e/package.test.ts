import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import { build, type BuildResult } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runNpm } from '../platform.js';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);
// The CUDA libraries of ONNX Runtime are large, come from elsewhere than the registry, and are not what is tested here.
// Tests that npx runs have its settings in their environment, which say what else is to be installed.
const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_config_'));
const env = { ...Object.fromEntries(inherited), ONNXRUNTIME_NODE_INSTALL: 'skip' };

const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
  version: string;
  dependencies: Record<string, string>;
};

/** Where a stranger has installed the packed package: an empty folder outside the repo. */
let folder: string;
let packed: string[];

const node = async (script: string): Promise<string> => {
  await writeFile(join(folder, 'script.mjs'), script);
  return (await run(process.execPath, ['script.mjs'], { cwd: folder })).stdout;
};
const npx = async (...args: string[]): Promise<string> =>
  (await runNpm('npx', ['--no-install', 'pastiche', ...args], { cwd: folder, env })).stdout;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pastiche-package-'));
  // The build belongs to the test command; the script that packs would make it again.
  const arguments_ = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = await runNpm('npm', arguments_, { cwd: root, env });
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  packed = files.map(({ path }) => path).sort();
  await writeFile(join(folder, 'package.json'), '{ "name": "stranger", "private": true, "type": "module" }');
  await runNpm('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', filename], {
    cwd: folder,
    env,
  });
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

describe('the packed package', () => {
  it('holds what is built from the sources of today, and nothing else', async () => {
    const sources = (await readdir(join(root, 'src'), { recursive: true }))
      .map((path) => path.replaceAll(sep, '/'))
      .filter((path) => path.endsWith('.ts') && !path.startsWith('studio/'));
    const built = sources.flatMap((path) =>
      ['.js', '.d.ts'].map((suffix) => `dist/${path.slice(0, -3)}${suffix}`),
    );
    const weights = packed.filter((path) => path.startsWith('models/'));
    const bundled = packed.filter((path) => path.startsWith('dist/bundle/'));
    expect(bundled).toEqual(
      expect.arrayContaining(
        ['browser', 'engine.browser', 'web-worker.browser'].map((name) => `dist/bundle/${name}.js`),
      ),
    );
    const commandLine = packed.filter((path) => path.startsWith('dist/command-line/'));
    const code = await Promise.all(commandLine.map((path) => readFile(join(root, path), 'utf8')));
    const started = [...code.join('\n').matchAll(/new URL\("\.\/([\w.-]+)", import\.meta\.url\)/g)];
    // What threads and processes are started with is where the code that does so looks for it, and nothing else is looked for there.
    expect(started.map(([, name]) => name).sort()).toEqual(
      ['picture-worker', 'worker-process', 'worker-thread'].map((name) => `${name}.node.js`),
    );
    expect(code.join('\n').match(/import\.meta\.url/g)!.length).toBe(
      started.length + code.join('\n').match(/createRequire\d*\(import\.meta\.url\)/g)!.length,
    );
    for (const [, name] of started) expect(commandLine).toContain(`dist/command-line/${name}`);
    const studio = packed.filter((path) => path.startsWith('dist/studio/'));
    expect(studio).toContain('dist/studio/index.html');
    expect(studio.filter((path) => /\.(wasm|onnx|map)$/.test(path))).toEqual([]);
    const others = [
      ...bundled,
      ...commandLine,
      ...studio,
      ...weights,
      'LICENSE',
      'README.md',
      'package.json',
    ];
    expect(packed).toEqual([...built, ...others].sort());
  });

  it('is described by its package.json without a mistake', async () => {
    const { messages, pkg } = await publint({ pkgDir: root, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg!))).toEqual([]);
  });

  it('answers on the command line', async () => {
    expect(await npx('--version')).toBe(`${manifest.version}\n`);
    expect(await npx('models', 'list')).toMatch(/^vgg19 .*CC-BY-4\.0/m);
  });

  it('repaints a photograph as it comes: with no network, and no weights but its own', async () => {
    const barrier = join(folder, 'no-network.cjs');
    await writeFile(
      barrier,
      `for (const [module, name] of [['net', 'Socket'], ['dgram', 'Socket']]) {
        require(module)[name].prototype.connect = () => { throw new Error('the network is cut off'); };
      }
      require('dns').lookup = () => { throw new Error('the network is cut off'); };`,
    );
    const offline = {
      ...env,
      NODE_OPTIONS: `--require ${barrier}`,
      PASTICHE_MODELS: '',
      PASTICHE_CACHE: join(folder, 'nothing'),
    };
    const pastiche = async (...args: string[]): Promise<string> => {
      const cli = 'node_modules/pastiche/dist/command-line/main.js';
      return (await run(process.execPath, [cli, ...args], { cwd: folder, env: offline })).stdout;
    };
    // The barrier holds: what does need the network fails.
    await expect(pastiche('models', 'pull', 'vgg19')).rejects.toThrow(/E_DOWNLOAD|cut off/);

    const [photograph, painting] = ['picos-de-europa', 'great-wave'].map((name) =>
      join(root, 'examples', `${name}.jpg`),
    ) as [string, string];
    const files = [photograph, painting, '-o', 'out.png'];
    const result = await pastiche('stylize', ...files, '--size', '192', '--json');
    expect(JSON.parse(result)).toMatchObject({ network: 'pastiche-vgg', stopped: 'finished' });
    const pair = ['--content', photograph, '--style', painting];
    const style = async (picture: string): Promise<number> => {
      const measured = await pastiche('evaluate', picture, ...pair, '--json');
      return (JSON.parse(measured) as { style: { relative: number } }).style.relative;
    };
    // An untouched photograph is at about 0.95 of the painting's own Gram matrices.
    expect(await style('out.png')).toBeLessThan(0.1 * (await style(photograph)));
  });

  it('computes, imported from its entries and loaded by require', async () => {
    const printed = await node(`
      import { createRequire } from 'node:module';
      import { createImage, packageVersion } from 'pastiche';
      import { createNativeRuntime, graph } from 'pastiche/engine';
      import { ParameterSet } from 'pastiche/training';
      const same = createRequire(import.meta.url)('pastiche').createImage === createImage;
      const picture = createImage(2, 1, Float32Array.of(0, 0.25, 0.5, 0.5, 0.75, 1));
      const x = graph.input('x', [1, 3, 1, 2]);
      const runtime = createNativeRuntime({ threads: 1 });
      const program = await runtime.compile({ mean: graph.mean(x) });
      const { mean } = await program.run({ x: picture.rgb });
      await runtime.dispose();
      console.log(JSON.stringify([packageVersion, mean[0], same, typeof ParameterSet]));`);
    expect(JSON.parse(printed)).toEqual([manifest.version, 0.5, true, 'function']);
  });
});

describe('its types', () => {
  const consumer = (entry: string, uses: string): string => `
    import { createImage, StyleError, stylize, type Progress, type Runtime, type VggWeights } from '${entry}';
    ${uses}
    export async function repaint(runtime: Runtime, network: VggWeights): Promise<Float32Array> {
      const content = createImage(1, 1, new Float32Array(3));
      const onProgress = (event: Progress): void => void event.type;
      const request = { content, styles: [content], network, preset: 'gatys', iterations: 1 } as const;
      const { image } = await stylize(request, { runtime, onProgress });
      // @ts-expect-error a picture's values are numbers
      const wrong: string = image.width;
      return image.rgb;
    }
    export const code = (error: StyleError): string => error.code;`;

  it.each(['nodenext', 'bundler'])(
    'are found and sound with moduleResolution %s',
    async (moduleResolution) => {
      await writeFile(join(folder, 'browser.ts'), consumer('pastiche', ''));
      const uses = `import { runFiles } from 'pastiche'; export const job: typeof runFiles = runFiles;`;
      await writeFile(join(folder, 'node.ts'), consumer('pastiche', uses));
      const module = moduleResolution === 'bundler' ? 'esnext' : 'nodenext';
      const compilerOptions = {
        module,
        moduleResolution,
        target: 'es2023',
        lib: ['es2023', 'dom'],
        strict: true,
        noEmit: true,
      };
      const check = async (file: string, options: object): Promise<string> => {
        const project = join(folder, 'tsconfig.json');
        await writeFile(
          project,
          JSON.stringify({ compilerOptions: { ...compilerOptions, ...options }, files: [file] }),
        );
        const compiler = join(root, 'node_modules/typescript/bin/tsc');
        const failed = (error: { stdout: string }) => error;
        return (await run(process.execPath, [compiler, '-p', project], { cwd: folder }).catch(failed)).stdout;
      };
      // The isomorphic entry promises that its types need nothing of Node's.
      expect(await check('browser.ts', { types: [] })).toBe('');
      const conditions = module === 'esnext' ? { customConditions: ['node'] } : {};
      const types = {
        ...conditions,
        types: ['node'],
        typeRoots: [join(root, 'node_modules/@types')],
        skipLibCheck: true,
      };
      expect(await check('node.ts', types)).toBe('');
    },
  );
});

describe('the isomorphic entry', () => {
  const bundle = (contents: string): Promise<BuildResult<{ metafile: true; write: false }>> =>
    build({
      stdin: { contents, resolveDir: folder },
      bundle: true,
      platform: 'browser',
      format: 'iife',
      metafile: true,
      write: false,
      logLevel: 'silent',
    });
  /** The files that end up in a bundle. */
  const parts = ({ metafile }: { metafile: { outputs: Record<string, { inputs: object }> } }): string[] =>
    Object.values(metafile.outputs).flatMap(({ inputs }) =>
      Object.keys(inputs).filter((name) => name !== '<stdin>'),
    );

  it('is bundled for browsers without anything of Node, and loads where there is only JavaScript', async () => {
    const result = await bundle(`
      import * as pastiche from 'pastiche';
      import { graph } from 'pastiche/engine';
      const x = graph.input('x', [2]);
      const { bytes } = graph.encodeOnnx({ loss: graph.sum(graph.square(x)) }, {});
      answer = { names: Object.keys(pastiche), bytes: bytes.length };`);
    expect(parts(result).join(' ')).not.toMatch(
      /\.node\.js|node_modules\/(sharp|onnxruntime-node|undici|env-paths)/,
    );
    // Of what is not JavaScript itself, only what browsers and Node.js have in common.
    const globals: Record<string, unknown> = { TextDecoder, TextEncoder };
    runInNewContext(result.outputFiles[0]!.text, globals);
    const { names, bytes } = globals['answer'] as { names: string[]; bytes: number };
    expect(names).toContain('stylize');
    expect(bytes).toBeGreaterThan(50);
  });

  it('leaves out of a bundle what is not used', async () => {
    const result = await bundle(`import { createImage } from 'pastiche'; globalThis.make = createImage;`);
    const used = parts(result).map((path) => path.replace(/.*pastiche\/dist\//, ''));
    expect(used.sort()).toEqual(['errors.js', 'images/image.js', 'index.js']);
  });
});
