import { parentPort, workerData } from 'node:worker_threads';
import { createNativeRuntime } from './native.node.js';
import { WorkerGate } from './worker-gate.js';
import { endMessage, type WorkerRequest, type WorkerStart } from './worker-messages.js';
import { WorkerService } from './worker-service.js';

const start = workerData as WorkerStart;
const gate = new WorkerGate(start.gate);
const runtime = createNativeRuntime(start.options);
const service = new WorkerService(runtime);

async function respond(request: WorkerRequest): Promise<void> {
  const { answer, transfer } = await service.answer(request);
  parentPort!.postMessage(answer, transfer);
}

async function end(): Promise<void> {
  await runtime.dispose();
  parentPort!.close();
}

// ONNX Runtime's sessions don't support overlapping calls: one request after the other.
let queue = Promise.resolve();
parentPort!.on('message', (message: WorkerRequest | typeof endMessage) => {
  queue = queue.then(() => (message === endMessage ? end() : gate.pass(() => respond(message))));
});
