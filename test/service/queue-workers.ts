import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { RedisServer } from './redis-server.js';

/** A program that was started. */
export interface RunningProgram {
  /** Ends it, and waits for that. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Programs and queue servers of a block of tests, which are ended after all of them. */
export function endedAfterAll(): { servers: RedisServer[]; programs: RunningProgram[] } {
  const [servers, programs]: [RedisServer[], RunningProgram[]] = [[], []];
  afterAll(async () => {
    for (const program of programs) await program.end('SIGKILL');
    for (const server of servers) await server.kill();
  });
  return { servers, programs };
}

const main = join(import.meta.dirname, '../../dist/command-line/main.js');

/** Starts a worker as the command does. */
export const startWorker = (queue: string, data: string): Promise<RunningProgram> =>
  startProgram([main, 'worker', '--queue', queue, '--data', data, '--workers', '1']);

/** Starts a worker that saves every step, and whose job goes to another one soon when it has disappeared. */
export const startShortWorker = (queue: string, data: string, files?: string): Promise<RunningProgram> =>
  startProgram([
    join(import.meta.dirname, '../../bench/queue-worker.mjs'),
    ...[queue, data, ...(files === undefined ? [] : [files])],
  ]);

async function startProgram(args: readonly string[]): Promise<RunningProgram> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text += part));
  const exited = once(child, 'exit');
  const failed = exited.then(() => {
    throw new Error(`The worker ended before it worked: ${text}`);
  });
  await Promise.race([once(child.stdout, 'data'), failed]);
  failed.catch(() => undefined);
  return {
    async end(signal) {
      child.kill(signal);
      await exited;
    },
  };
}
