import '../without-eval.js';
import { isAbortError } from '../../abort.js';
import { StyleError } from '../../errors.js';
import type { TermFactors } from '../../losses/terms.js';
import { holdWorkerLock } from '../../runtime/worker-life.browser.js';
import type { WorkerFailure } from '../../runtime/worker-messages.js';
import { describeFailure } from '../../runtime/worker-service.js';
import type { EngineStart, FromEngine, RunEvent, ToEngine } from './engine-calls.js';
import { EngineService } from './engine-service.js';
import { movedBuffers } from './moved-buffers.js';

/** The engine's worker. The first message is how to start, see `EngineStart`; all others are `ToEngine`. */
const scope = self as unknown as {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown, transfer?: Transferable[]): void;
};

const say = (message: FromEngine, transfer: ArrayBuffer[] = []): void => scope.postMessage(message, transfer);

/** A call that is not answered yet. */
interface Pending {
  readonly controller: AbortController;
  /** Goes on after a step. */
  seen: (factors: TermFactors | undefined) => void;
}

const pending = new Map<number, Pending>();

scope.onmessage = ({ data: { wasm, lock } }: MessageEvent<EngineStart>) => {
  const service = new EngineService(wasm);
  const starting = lock === undefined ? Promise.resolve() : holdWorkerLock(lock);
  void starting.then(() => say({ kind: 'ready' }));
  scope.onmessage = ({ data }: MessageEvent<ToEngine>) => {
    const { id } = data;
    if (data.kind === 'ask') void answer(service, data);
    else if (data.kind === 'abort') pending.get(id)?.controller.abort();
    else pending.get(id)?.seen(data.factors);
  };
};

async function answer(
  service: EngineService,
  { id, call, question }: Extract<ToEngine, { kind: 'ask' }>,
): Promise<void> {
  const controller = new AbortController();
  const one: Pending = { controller, seen: () => undefined };
  pending.set(id, one);
  const tell = (event: RunEvent): Promise<TermFactors | undefined> => {
    say({ kind: 'event', id, event }, movedBuffers(event));
    if (event.type !== 'step') return Promise.resolve(undefined);
    return new Promise((resolve) => (one.seen = resolve));
  };
  try {
    const found = await service.answer(call, question as never, { signal: controller.signal, tell });
    const device = service.newDevice(call);
    if (device !== undefined) say({ kind: 'device', device });
    say({ kind: 'answer', id, answer: found }, movedBuffers(found));
  } catch (error) {
    say(isAbortError(error) ? { kind: 'aborted', id } : { kind: 'failure', id, failure: failureOf(error) });
  } finally {
    pending.delete(id);
  }
}

/** People read it, so that of what nobody expected the message is enough. */
const failureOf = (error: unknown): WorkerFailure =>
  error instanceof StyleError || !(error instanceof Error)
    ? describeFailure(error)
    : { message: error.message };
