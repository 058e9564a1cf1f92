import { once } from 'node:events';
import { constants } from 'node:os';
import { removeUnfinished } from '../replace-file.node.js';

/** Ctrl-C, what asks a program to end, and what a terminal sends when it is closed. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Ctrl-C: the first one asks the work to stop after its current step, the second one ends the process at once. SIGTERM and
 * SIGHUP are taken for the same.
 */
export class Interruption {
  private readonly controller = new AbortController();
  private received: (typeof signals)[number] = 'SIGINT';

  /**
   * @param first what to do at the first one, to say what happens now
   * @param second what to do at the second one before the process ends, to leave the terminal in order
   */
  constructor(
    private readonly first: () => void,
    private readonly second: () => void,
  ) {
    for (const signal of signals) process.on(signal, this.interrupt);
  }

  /** Aborted by the first one. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** The exit code of work that was stopped, as shells have it: 128 and the signal's number, 130 for Ctrl-C. */
  get exitCode(): number {
    return 128 + constants.signals[this.received];
  }

  /** Goes back to how the process treats these signals without us. */
  release(): void {
    for (const signal of signals) process.removeListener(signal, this.interrupt);
  }

  private readonly interrupt = (signal: (typeof signals)[number]): void => {
    if (!this.controller.signal.aborted) {
      this.received = signal;
      this.controller.abort();
      this.first();
      return;
    }
    this.second();
    // process.exit() would wait for the worker's run to end, which may take seconds; the signal's own effect does not.
    removeUnfinished();
    this.release();
    process.kill(process.pid, signal);
  };
}

/**
 * Does work that can be interrupted, beside a display that is taken down when it ends.
 * @param stopping what is said at the first interruption; nothing where it ends at once
 */
export async function withInterruption<Result>(
  display: { say(text: string): void; stop(): void },
  stopping: string | undefined,
  use: (interruption: Interruption) => Promise<Result>,
): Promise<Result> {
  const interruption = new Interruption(
    () => stopping !== undefined && display.say(stopping),
    () => display.stop(),
  );
  try {
    return await use(interruption);
  } finally {
    display.stop();
    interruption.release();
  }
}

/**
 * Lets something serve until it is interrupted, and closes it then.
 * @param stopping what is said then; nothing where it ends at once
 * @param say how that is said
 */
export async function untilInterrupted(
  open: () => Promise<{ close(): Promise<void> }>,
  stopping?: string,
  say: (text: string) => void = () => undefined,
): Promise<void> {
  await withInterruption({ say, stop: () => undefined }, stopping, async ({ signal }) => {
    const opened = await open();
    try {
      if (!signal.aborted) await once(signal, 'abort');
    } finally {
      await opened.close();
    }
  });
}
