import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { StyleError } from '../errors.js';
import { collectGarbageAfterCompiling } from './collect-garbage.node.js';
import { encodeOnnx, type NamedTensors, type OnnxModel } from '../graph/index.js';
import { graphTarget, resolveDevice } from './devices.node.js';
import type { NativeRuntimeOptions } from './native.node.js';
import type { InputValues, OutputValues, Program, Runtime } from './runtime.js';
import { shapesOf } from './session-program.js';
import { WorkerGate } from './worker-gate.js';
import {
  endMessage,
  type WorkerAnswer,
  type WorkerFailure,
  type WorkerRequest,
  type WorkerStart,
} from './worker-messages.js';

type RequestBody = WorkerRequest extends infer R ? (R extends WorkerRequest ? Omit<R, 'id'> : never) : never;

/**
 * Runs graphs in a worker thread, so that the caller's thread stays responsive while they run: for servers and progress
 * displays. The numbers are those of {@link createNativeRuntime}.
 * @throws StyleError `E_DEVICE` when this machine has no such device
 * @example
 * ```ts
 * import { createWorkerRuntime, graph } from 'pastiche/engine';
 *
 * const runtime = createWorkerRuntime({ threads: 2 });
 * const x = graph.input('x', [2]);
 * const program = await runtime.compile({ y: graph.square(x) });
 * console.log(await program.run({ x: Float32Array.of(2, 3) })); // y 4, 9
 * await runtime.dispose();
 * ```
 */
export function createWorkerRuntime(options: NativeRuntimeOptions = {}): Runtime {
  return new WorkerRuntime(options);
}

class WorkerRuntime implements Runtime {
  readonly device: string;
  readonly threads: number;
  private readonly gate = new WorkerGate();
  private worker: Worker | undefined;
  private exited: Promise<void> | undefined;
  private readonly waiting = new Map<
    number,
    { resolve: (outputs: OutputValues) => void; reject: (error: Error) => void }
  >();
  private ended: Error | undefined;
  private requests = 0;
  private programs = 0;

  constructor(private readonly options: NativeRuntimeOptions) {
    this.device = resolveDevice(options.device ?? 'auto');
    this.threads = options.threads ?? availableParallelism();
  }

  async compile(outputs: NamedTensors): Promise<Program> {
    return this.load('load', encodeOnnx(outputs, {}, await graphTarget(this.device)));
  }

  async open(model: OnnxModel): Promise<Program> {
    // The process' first session is this thread's: see `flushDenormals`.
    await graphTarget(this.device);
    return this.load('open', model);
  }

  private async load(kind: 'load' | 'open', model: OnnxModel): Promise<Program> {
    if (this.ended !== undefined) throw this.ended;
    // Only now: see `flushDenormals`.
    this.worker ??= this.start();
    const program = this.programs;
    this.programs += 1;
    const size = model.bytes.byteLength;
    await this.send({ kind, program, model }, [model.bytes.buffer]);
    collectGarbageAfterCompiling(size);
    return {
      inputs: shapesOf(model.inputs),
      outputs: shapesOf(model.outputs),
      bind: async (inputs) => void (await this.send({ kind: 'bind', program, inputs })),
      run: (inputs: InputValues) => this.send({ kind: 'run', program, inputs }),
      dispose: async () => void (await this.send({ kind: 'dispose', program })),
    };
  }

  async dispose(): Promise<void> {
    // A run can't be interrupted; its promise is rejected.
    this.fail(disposedError());
    this.gate.close();
    this.worker?.ref();
    this.worker?.postMessage(endMessage);
    await this.exited;
  }

  private start(): Worker {
    const workerData: WorkerStart = { options: this.options, gate: this.gate.memory };
    const thread = new URL('./worker-thread.node.js', import.meta.url);
    // Node's flags are for the caller's program, and some (--input-type) would keep the worker from starting.
    const worker = new Worker(thread, { workerData, execArgv: [] });
    worker.on('message', (answer: WorkerAnswer) => this.settle(answer));
    worker.on('error', (error) => this.fail(error));
    this.exited = new Promise((resolve) => {
      worker.on('exit', () => {
        releaseProcessExit(this.gate);
        this.fail(disposedError());
        resolve();
      });
    });
    holdProcessExit(this.gate);
    // A pending request keeps the process alive; an idle worker must not.
    worker.unref();
    return worker;
  }

  private send(body: RequestBody, transfer: ArrayBuffer[] = []): Promise<OutputValues> {
    const id = this.requests;
    this.requests += 1;
    return new Promise((resolve, reject) => {
      if (this.ended !== undefined) throw this.ended;
      if (this.waiting.size === 0) this.worker!.ref();
      this.waiting.set(id, { resolve, reject });
      this.worker!.postMessage({ ...body, id } as WorkerRequest, transfer);
    });
  }

  private settle(answer: WorkerAnswer): void {
    const request = this.waiting.get(answer.id);
    if (request === undefined) return;
    this.waiting.delete(answer.id);
    if (this.waiting.size === 0) this.worker!.unref();
    if ('failure' in answer) request.reject(revive(answer.failure));
    else request.resolve(answer.outputs ?? {});
  }

  /** Rejects pending and future requests. */
  private fail(error: Error): void {
    this.ended ??= error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}

/** Gates of the running workers. */
const openGates = new Set<WorkerGate>();

/** Makes the process' exit wait for the workers' runs, which Node would terminate. */
function holdProcessExit(gate: WorkerGate): void {
  if (openGates.size === 0) process.on('exit', emptyGates);
  openGates.add(gate);
}

function releaseProcessExit(gate: WorkerGate): void {
  openGates.delete(gate);
  if (openGates.size === 0) process.removeListener('exit', emptyGates);
}

function emptyGates(code: number): void {
  // Some libraries emit 'exit' themselves to run cleanup code before a signal ends the process; they don't expect a wait.
  if (code !== (process.exitCode ?? 0)) return;
  for (const gate of openGates) gate.close();
  for (const gate of openGates) gate.waitUntilEmpty();
}

function disposedError(): StyleError {
  return new StyleError('E_RUNTIME', 'The runtime was disposed.', 'Create another one.');
}

function revive({ code, message, remedy, option }: WorkerFailure): Error {
  if (code === undefined) return new Error(message);
  return new StyleError(code, message, remedy ?? '', option === undefined ? undefined : { option });
}
