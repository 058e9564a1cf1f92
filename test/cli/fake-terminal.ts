import { Writable } from 'node:stream';
import type { Terminal } from '../../src/cli/terminal.js';

/** A terminal that keeps what is written to it. */
export interface FakeTerminal extends Terminal {
  readonly written: { stdout: string; stderr: string };
  /** How the command said it ends; undefined where it said nothing, which is well. */
  readonly exitCode: () => number | undefined;
}

export interface FakeTerminalOptions {
  /** Whether stderr is to be taken for a terminal, of 200 columns. */
  readonly isTTY?: boolean;
  readonly environment?: NodeJS.ProcessEnv;
  /** Is called with every piece of stderr. */
  readonly onStderr?: (text: string) => void;
}

export function fakeTerminal({
  isTTY = false,
  environment = {},
  onStderr,
}: FakeTerminalOptions = {}): FakeTerminal {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        written[name] += chunk.toString();
        if (name === 'stderr') onStderr?.(chunk.toString());
        done();
      },
    });
  const stderr = Object.assign(stream('stderr'), { isTTY, columns: 200 });
  let code: number | undefined;
  return {
    ...{ stdout: stream('stdout'), stderr, environment, written },
    setExitCode: (given) => void (code = given),
    exitCode: () => code,
  };
}
