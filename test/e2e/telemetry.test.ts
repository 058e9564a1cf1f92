import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { example, main, makeWorkplace } from './command-line.js';
import { writeToyNetwork } from './toy-network.js';

const workplace = await makeWorkplace();
const room = join(import.meta.dirname, '../../src/runtime');
const dist = (path: string): string => JSON.stringify(new URL(`../../dist/${path}`, import.meta.url).href);

/** A program that computes with the library. */
const program = `
  const { createNativeRuntime } = await import(${dist('runtime/native.node.js')});
  const { exp, input } = await import(${dist('graph/index.js')});
  const runtime = createNativeRuntime({ threads: 1 });
  const { run } = await runtime.compile({ y: exp(input('x', [1])) });
  await runtime.dispose();
  process.stdout.write('computed');`;

const inWorker = (code: string): string => `
  import { Worker } from 'node:worker_threads';
  const url = new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(code)}));
  new Worker(url).on('error', (error) => process.stdout.write(String(error.remedy ?? error)));`;

/**
 * A program that computes in a worker, and whose main thread is blocked until that is done, however long it takes: it waits
 * for another process, which waits for a file. A wait of JavaScript's own answers the worker.
 */
const blocked = `
  import { execFileSync } from 'node:child_process';
  ${inWorker(`
    const { writeFileSync } = await import('node:fs');
    try {${program}} finally { writeFileSync('done', ''); }`)}
  setImmediate(() => {
    const wait = "const timer = setInterval(() => { if (fs.existsSync('done')) { fs.rmSync('done'); clearInterval(timer); } }, 20)";
    execFileSync(process.execPath, ['--eval', wait]);
  });`;

let runs = 0;

/**
 * Runs Node where nothing is set that ONNX Runtime heeds, with no home, and with folders for what it might write.
 * @returns what it printed, and the files that there are in these folders afterwards
 */
async function runNode(args: string[], environment: NodeJS.ProcessEnv = {}) {
  const folder = join(workplace, `run-${++runs}`);
  const [cwd, cache, temporary] = ['work', 'cache', 'temporary'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await Promise.all([cwd, cache, temporary].map((path) => mkdir(path, { recursive: true })));
  const { PATH } = process.env;
  const env = { PATH, HOME: '/dev/null/home', XDG_CACHE_HOME: cache, TMPDIR: temporary, ...environment };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd, env });
  return { stdout, stderr, files: await readdir(folder, { recursive: true }) };
}

const empty = ['cache', 'temporary', 'work'];
const script = (code: string): string[] => ['--input-type=module', '--eval', code];

describe("ONNX Runtime's telemetry", () => {
  it('leaves no file behind a command', async () => {
    const out = join(workplace, 'out.png');
    const few = ['--size', '64', '--iterations', '1', '--quiet'];
    const { files } = await runNode(
      [main, 'stylize', example('two-dogs.jpg'), example('great-wave.jpg'), '-o', out, ...few],
      { PASTICHE_MODELS: await writeToyNetwork() },
    );
    expect(files.sort()).toEqual(empty);
  });

  it('leaves none behind a program', async () => {
    const { stdout, stderr, files } = await runNode(script(program));
    expect([stdout, stderr]).toEqual(['computed', '']);
    expect(files.sort()).toEqual(empty);
  });

  it('leaves none where only a worker thread of the program has loaded us, nor a worker of that', async () => {
    for (const code of [program, inWorker(program)]) {
      const { stdout, stderr, files } = await runNode(script(inWorker(code)));
      expect([stdout, stderr]).toEqual(['computed', '']);
      expect(files.sort()).toEqual(empty);
    }
  });

  it('is not risked where the main thread is blocked, unless the process was started without it', async () => {
    const [open, closed] = await Promise.all([
      runNode(script(blocked)),
      runNode(script(blocked), { ORT_DISABLE_TELEMETRY: '1' }),
    ]);
    expect(open.stdout).toMatch(/environment variable ORT_DISABLE_TELEMETRY=1/);
    expect(closed.stdout).toBe('computed');
    for (const { files } of [open, closed]) expect(files.sort()).toEqual(empty);
  });

  it('is off since one file alone loads ONNX Runtime, after the one that turns it off', async () => {
    const importing: string[] = [];
    for (const name of await readdir(room)) {
      if (/'onnxruntime-node'/.test(await readFile(join(room, name), 'utf8'))) {
        importing.push(name);
      }
    }
    expect(importing).toEqual(['onnxruntime.node.ts']);
    const [first] = /^import .*$/m.exec(await readFile(join(room, importing[0]!), 'utf8'))!;
    expect(first).toContain("'./telemetry.node.js'");
  });
});
