/** A stream that may be a terminal. */
export type TerminalStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Where a command writes, and what it knows of its surroundings. */
export interface Terminal {
  /** Results. */
  readonly stdout: NodeJS.WritableStream;
  /** Progress, warnings and errors. */
  readonly stderr: TerminalStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Says how the process is to end once its work is done. */
  readonly setExitCode: (code: number) => void;
}

/** The process's own. */
export const processTerminal: Terminal = {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  setExitCode: (code) => void (process.exitCode = code),
};

/** Whether something can be drawn on stderr and drawn over: it is a terminal that moves its cursor when it is told to. */
export function canDraw({ stderr, environment }: Pick<Terminal, 'stderr' | 'environment'>): boolean {
  return stderr.isTTY === true && environment['TERM'] !== 'dumb';
}

/**
 * Exit codes. Bad input is {@link exitCodes.input}; what comes out all the same but not as it should, `failure`. A run that
 * a signal stopped has a code of its own, see `Interruption`.
 */
export const exitCodes = { success: 0, failure: 1, input: 2 } as const;

/** An error of a stream as a few words. */
const streamReasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than this system allows',
};

/**
 * Keeps what happens to the process's streams from ending it. Where nobody reads any more, as when `head` has seen enough or
 * a terminal was closed, the work goes on, and nothing is wrong. Where results can't be written, as on a full disk, a line on
 * stderr says so, and the process ends with {@link exitCodes.failure} where it would have ended well.
 */
export function watchStreams(): void {
  let failed = false;
  process.stdout.on('error', ({ code = '' }: NodeJS.ErrnoException) => {
    if (failed || code === 'EPIPE' || code === 'EIO' || code === 'ECONNRESET') return;
    failed = true;
    const reason = streamReasons[code] ?? `the system says ${code}`;
    process.stderr.write(`error [E_OUTPUT]: Standard output can't be written: ${reason}.\n`);
  });
  // There is nowhere left to tell.
  process.stderr.on('error', () => undefined);
  process.on('exit', () => {
    if (failed) process.exitCode = process.exitCode || exitCodes.failure;
  });
}
