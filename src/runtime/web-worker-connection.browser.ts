import type { WebCompilerOptions } from './web-compiler.browser.js';
import {
  isAnswer,
  type DeviceReport,
  type WebWorkerMessage,
  type WebWorkerStart,
} from './web-worker-messages.js';
import { nameWorkerLock, watchWorkerLock, workerFailed, workerGone } from './worker-life.browser.js';
import { revive, WorkerRequests } from './worker-requests.js';

/** A page's worker, from its start to its end. */
export class WebWorkerConnection {
  /** Resolves when the worker can be asked, and rejects when it ends before that. */
  readonly ready: Promise<void>;
  private readonly worker: Worker;
  private readonly requests: WorkerRequests;
  private readonly watching = new AbortController();
  private rejectStart!: (error: Error) => void;

  /** @param onReport is told what the worker computes with, at its start and when that changes */
  constructor(options: WebCompilerOptions, onReport: (report: DeviceReport) => void) {
    // Written in this way, bundlers find the worker's file.
    const worker = new Worker(new URL('./web-worker.browser.js', import.meta.url), { type: 'module' });
    this.worker = worker;
    this.requests = new WorkerRequests({
      post: (request, transfer) => worker.postMessage(request, transfer),
    });
    const lock = nameWorkerLock();
    worker.postMessage({ options, lock } satisfies WebWorkerStart);
    this.ready = new Promise((resolve, reject) => {
      this.rejectStart = reject;
      worker.onerror = (event) => {
        event.preventDefault();
        this.end(workerFailed(event.message));
      };
      worker.onmessage = ({ data }: MessageEvent<WebWorkerMessage>) => {
        if (isAnswer(data)) return this.requests.settle(data);
        if ('failure' in data) return this.end(revive(data.failure));
        onReport(data);
        resolve();
      };
    });
    if (lock !== undefined) this.ready.then(() => this.watch(lock)).catch(() => undefined);
  }

  /** Whether the worker is no more. */
  get hasEnded(): boolean {
    return this.requests.ended !== undefined;
  }

  /** Has the worker compile a graph, see `WorkerRequests`. */
  load(...graph: Parameters<WorkerRequests['load']>): ReturnType<WorkerRequests['load']> {
    return this.requests.load(...graph);
  }

  /** Ends the worker, whatever it does. @param error what it has been asked for fails with, and what it will be asked for */
  end(error: Error): void {
    this.watching.abort();
    this.requests.fail(error);
    this.worker.terminate();
    this.rejectStart(error);
  }

  private watch(lock: string): void {
    watchWorkerLock(lock, this.watching.signal, () => this.end(workerGone()));
  }
}
