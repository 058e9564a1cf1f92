import { WebCompiler } from './web-compiler.browser.js';
import type { WorkerRequest } from './worker-messages.js';
import { holdWorkerLock } from './worker-life.browser.js';
import { describeFailure, WorkerService } from './worker-service.js';
import type { DeviceReport, WebWorkerStart } from './web-worker-messages.js';

/** The first message is how to start, all others are requests; they are done one after the other. */
const scope = self as unknown as {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown, transfer?: Transferable[]): void;
};

let queue: Promise<unknown> = Promise.resolve();
scope.onmessage = ({ data }: MessageEvent<WebWorkerStart>) => {
  const starting = start(data);
  queue = starting;
  scope.onmessage = ({ data: request }: MessageEvent<WorkerRequest>) => {
    queue = queue.then(async () => (await starting)?.(request));
  };
};

/** @returns what does a request; nothing where the start has failed, which the page knows then */
async function start({
  options,
  lock,
}: WebWorkerStart): Promise<((request: WorkerRequest) => Promise<void>) | undefined> {
  const { threads } = options;
  try {
    if (lock !== undefined) await holdWorkerLock(lock);
    const compiler = await WebCompiler.start(options);
    const service = new WorkerService(compiler);
    const report = (): DeviceReport => ({ device: compiler.device, threads });
    scope.postMessage(report());
    let { device } = compiler;
    return async (request) => {
      const { answer, transfer } = await service.answer(request);
      // Before the answer, so that the graphs to come are written for the device that will run them.
      if (compiler.device !== device) scope.postMessage(report());
      ({ device } = compiler);
      scope.postMessage(answer, transfer);
    };
  } catch (error) {
    scope.postMessage({ failure: describeFailure(error) });
    return undefined;
  }
}
