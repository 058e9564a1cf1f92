import { tmpdir } from 'node:os';
import { afterAll } from 'vitest';
import type * as Commands from '../../src/cli/run-command.js';
import { fakeTerminal } from '../cli/fake-terminal.js';
import type { Outcome } from './command-line.js';
import { writeToyNetwork } from './toy-network.js';

// What users start; its threads need compiled files.
const built = new URL('../../dist/command-line/run-command.js', import.meta.url).href;
const { runCommand } = (await import(built)) as typeof Commands;

const home = process.cwd();
const inherited = { ...process.env };
afterAll(() => process.chdir(home));

export interface HereOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

let queue: Promise<unknown> = Promise.resolve();

/**
 * Runs the built command line in the process of the tests, with a terminal that keeps what is written: without the start of a
 * process, which takes longer than most of what is asked here. What signals do, and what streams and exit codes are to a system, is
 * tested with `pastiche` of `command-line.ts`. Several calls are done one after the other, since they share folder and environment.
 */
export function pasticheHere(args: readonly string[], options: HereOptions = {}): Promise<Outcome> {
  const outcome = queue.then(() => run(args, options));
  queue = outcome.catch(() => undefined);
  return outcome;
}

async function run(
  args: readonly string[],
  { cwd = tmpdir(), environment = {} }: HereOptions,
): Promise<Outcome> {
  const models = await writeToyNetwork();
  const { npm_command: _, PASTICHE_DEBUG: __, PASTICHE_MEMORY_LIMIT: ___, ...others } = inherited;
  const surroundings = { ...others, PASTICHE_MODELS: models, PASTICHE_CACHE: models, ...environment };
  process.env = { ...surroundings };
  process.chdir(cwd);
  const terminal = fakeTerminal({ environment: surroundings });
  await runCommand(args, terminal);
  return { code: terminal.exitCode() ?? 0, signal: null, ...terminal.written };
}
