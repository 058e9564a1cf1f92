import { abortError } from '../../abort.js';
import type { TermFactors } from '../../losses/terms.js';
import {
  nameWorkerLock,
  watchWorkerLock,
  workerFailed,
  workerGone,
} from '../../runtime/worker-life.browser.js';
import { revive } from '../../runtime/worker-requests.js';
import type { EngineCall, EngineCalls, EngineStart, FromEngine, RunEvent, ToEngine } from './engine-calls.js';

/** How a call is followed and ended. */
export interface CallLine {
  readonly signal?: AbortSignal;
  /** Hears what a run tells. @returns of a step the factors that it goes on with */
  readonly onEvent?: (event: RunEvent) => TermFactors | undefined;
}

interface Waiting extends CallLine {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** The page's side of the engine's worker, from its start to its end. */
export class EngineConnection {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private readonly watching = new AbortController();
  private ended: Error | undefined;
  private calls = 0;

  /** @param onDevice is told what the engine computes on, once that is known and where it changes */
  constructor(
    wasm: URL,
    private readonly onDevice: (device: string) => void,
  ) {
    // Written in this way, the bundler finds the worker's file.
    this.worker = new Worker(new URL('./engine-worker.js', import.meta.url), { type: 'module' });
    this.worker.onerror = (event) => {
      event.preventDefault();
      this.end(workerFailed(event.message));
    };
    const lock = nameWorkerLock();
    this.worker.onmessage = ({ data }: MessageEvent<FromEngine>) => {
      if (data.kind !== 'ready') this.hear(data);
      else if (lock !== undefined) watchWorkerLock(lock, this.watching.signal, () => this.end(workerGone()));
    };
    this.worker.postMessage({ wasm: wasm.href, lock } satisfies EngineStart);
  }

  /** Whether the worker is no more. */
  get hasEnded(): boolean {
    return this.ended !== undefined;
  }

  /**
   * Asks the engine for something.
   * @throws StyleError as the call does, and `E_RUNTIME` where the worker ends meanwhile; AbortError when the signal ends it before it
   * has any result
   */
  ask<Name extends EngineCall>(
    call: Name,
    question: EngineCalls[Name]['question'],
    line: CallLine = {},
  ): Promise<EngineCalls[Name]['answer']> {
    const { signal } = line;
    const id = this.calls;
    this.calls += 1;
    return new Promise((resolve, reject) => {
      if (this.ended !== undefined) throw this.ended;
      if (signal?.aborted === true) throw abortError(signal);
      const stop = (): void => this.post({ kind: 'abort', id });
      signal?.addEventListener('abort', stop);
      const settle = (): void => signal?.removeEventListener('abort', stop);
      this.waiting.set(id, {
        ...line,
        resolve: (answer) => {
          settle();
          resolve(answer as EngineCalls[Name]['answer']);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      this.post({ kind: 'ask', id, call, question } as ToEngine);
    });
  }

  /** Ends the worker, whatever it does. @param error what it has been asked for fails with, and what it will be asked for */
  end(error: Error): void {
    this.watching.abort();
    this.ended ??= error;
    this.worker.terminate();
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }

  private hear(message: Exclude<FromEngine, { kind: 'ready' }>): void {
    if (message.kind === 'device') return this.onDevice(message.device);
    const { id } = message;
    const call = this.waiting.get(id);
    if (call === undefined) return;
    if (message.kind === 'event') {
      const factors = call.onEvent?.(message.event);
      if (message.event.type === 'step') this.post({ kind: 'seen', id, factors });
      return;
    }
    this.waiting.delete(id);
    if (message.kind === 'answer') call.resolve(message.answer);
    else if (message.kind === 'aborted') call.reject(abortError(call.signal));
    else call.reject(revive(message.failure));
  }

  private post(message: ToEngine): void {
    this.worker.postMessage(message);
  }
}
