import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { writeToyNetwork } from './toy-network.js';

const root = join(import.meta.dirname, '../..');
/** The built command line, as users run it. */
export const main = join(root, 'dist/command-line/main.js');
/** A picture of examples/. */
export const example = (name: string): string => join(root, 'examples', name);

export interface Outcome {
  /** null when a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly environment?: Record<string, string>;
  /** Is called when the process has begun. */
  readonly onStart?: (child: ChildProcess) => void;
  /** Is called with every piece of stderr. */
  readonly onStderr?: (text: string, child: ChildProcess) => void;
}

/** A folder for the tests of a file, removed after them. */
export async function makeWorkplace(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pastiche-e2e-'));
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Waits until a file or folder is there. */
export async function appears(path: string): Promise<void> {
  while ((await stat(path).catch(() => undefined)) === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Runs the command line in a process of its own; the toy network is the only one that it finds by name. */
export async function pastiche(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return runProcess(process.execPath, [main, ...args], options);
}

/** Runs any program with the surroundings of {@link pastiche}. */
export async function runProcess(
  program: string,
  args: readonly string[],
  { cwd = tmpdir(), environment = {}, onStart, onStderr }: RunOptions = {},
): Promise<Outcome> {
  const models = await writeToyNetwork();
  const { npm_command: _, PASTICHE_DEBUG: __, PASTICHE_MEMORY_LIMIT: ___, ...inherited } = process.env;
  const env = { ...inherited, PASTICHE_MODELS: models, PASTICHE_CACHE: models, ...environment };
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  onStart?.(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    onStderr?.(chunk.toString(), child);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
