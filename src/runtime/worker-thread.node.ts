import { parentPort, workerData } from 'node:worker_threads';
import { StyleError } from '../errors.js';
import { createNativeRuntime } from './native.node.js';
import type { OutputValues, Program } from './runtime.js';
import { programDisposed } from './session-program.js';
import { WorkerGate } from './worker-gate.js';
import {
  endMessage,
  type WorkerAnswer,
  type WorkerFailure,
  type WorkerRequest,
  type WorkerStart,
} from './worker-messages.js';

const start = workerData as WorkerStart;
const gate = new WorkerGate(start.gate);
const runtime = createNativeRuntime(start.options);
const programs = new Map<number, Program>();

async function perform(request: WorkerRequest): Promise<OutputValues | undefined> {
  if (request.kind === 'load' || request.kind === 'open') {
    programs.set(request.program, await runtime[request.kind](request.model));
    return undefined;
  }
  const program = programs.get(request.program);
  if (request.kind === 'dispose') {
    programs.delete(request.program);
    await program?.dispose();
    return undefined;
  }
  if (program === undefined) throw programDisposed();
  if (request.kind === 'run') return program.run(request.inputs);
  await program.bind(request.inputs);
  return undefined;
}

function describe(error: unknown): WorkerFailure {
  if (error instanceof StyleError) {
    const { code, message, remedy, option } = error;
    return { code, message, remedy, ...(option !== undefined && { option }) };
  }
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

async function answer(request: WorkerRequest): Promise<void> {
  try {
    const outputs = await perform(request);
    const reply: WorkerAnswer = outputs === undefined ? { id: request.id } : { id: request.id, outputs };
    parentPort!.postMessage(
      reply,
      Object.values(outputs ?? {}).map(({ buffer }) => buffer as ArrayBuffer),
    );
  } catch (error) {
    parentPort!.postMessage({ id: request.id, failure: describe(error) } satisfies WorkerAnswer);
  }
}

async function end(): Promise<void> {
  await runtime.dispose();
  parentPort!.close();
}

// ONNX Runtime's sessions don't support overlapping calls: one request after the other.
let queue = Promise.resolve();
parentPort!.on('message', (message: WorkerRequest | typeof endMessage) => {
  queue = queue.then(() => (message === endMessage ? end() : gate.pass(() => answer(message))));
});
