import { StyleError } from '../errors.js';
import { RequestRefusal } from './request-refusal.js';
import type { WorkerAnswer, WorkerRequest } from './worker-messages.js';
import type { Worker } from './worker.node.js';

/** One worker for what has to be answered at once, one after the other. */
export class WorkerTurns {
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;
  private isClosed = false;

  /** @param longest how many may wait */
  constructor(
    private readonly worker: Worker,
    private readonly longest: number,
  ) {}

  /**
   * @param seconds that it may take; then its process is ended
   * @param signal ends it where nobody waits for the answer any more
   * @throws StyleError `E_LIMIT` where too many wait, `E_TIME`, `E_WORKER` or `E_MEMORY`; a refusal once it is closed
   */
  async ask(
    request: WorkerRequest,
    {
      memoryLimit,
      seconds,
      signal,
    }: { readonly memoryLimit: number; readonly seconds: number; readonly signal?: AbortSignal },
  ): Promise<WorkerAnswer> {
    if (this.waiting >= this.longest) {
      throw new StyleError(
        'E_LIMIT',
        `There are ${this.waiting} others before this one.`,
        'Try again in a few seconds.',
      );
    }
    this.waiting += 1;
    const mine = this.last.then(async () => {
      // Another process would outlive the service.
      if (this.isClosed) throw stopping();
      if (signal?.aborted === true) return { type: 'stopped' } as const;
      const stop = (): void => this.worker.stop();
      signal?.addEventListener('abort', stop);
      const timer = setTimeout(() => this.worker.end(tooLong(seconds)), seconds * 1000);
      try {
        return await this.worker.ask(request, { memoryLimit });
      } catch (error) {
        throw this.isClosed ? stopping() : error;
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
      }
    });
    this.last = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      this.waiting -= 1;
    }
  }

  /** Ends the process, and refuses what waits and what comes. */
  close(): void {
    this.isClosed = true;
    this.worker.end();
  }
}

const stopping = (): RequestRefusal =>
  new RequestRefusal(503, 'E_WORKER', 'The service is being stopped.', 'Send it again later.', 5);

/** The error of work that took longer than it may. */
export const tooLong = (seconds: number): StyleError =>
  new StyleError(
    'E_TIME',
    `It took longer than the ${seconds} seconds that it may take.`,
    'Use fewer iterations or a smaller size.',
  );
