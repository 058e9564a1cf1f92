/** A stream that may be a terminal. */
export type TerminalStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Where a command writes, and what it knows of its surroundings. */
export interface Terminal {
  /** Results. */
  readonly stdout: NodeJS.WritableStream;
  /** Progress, warnings and errors. */
  readonly stderr: TerminalStream;
  readonly environment: NodeJS.ProcessEnv;
}

/** The process's own. */
export const processTerminal: Terminal = {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
};

/** Exit codes. Bad input is {@link exitCodes.input}; what comes out all the same but not as it should, `failure`. */
export const exitCodes = { success: 0, failure: 1, input: 2, interrupted: 130 } as const;
