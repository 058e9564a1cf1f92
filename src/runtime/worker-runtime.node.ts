import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { collectGarbageAfterCompiling } from './collect-garbage.node.js';
import type { NamedTensors, OnnxModel } from '../graph/index.js';
import { graphTarget, resolveDevice } from './devices.node.js';
import type { NativeRuntimeOptions } from './native.node.js';
import type { Program, Runtime } from './runtime.js';
import { WorkerGate } from './worker-gate.js';
import { endMessage, type WorkerAnswer, type WorkerStart } from './worker-messages.js';
import { runtimeDisposed, WorkerRequests } from './worker-requests.js';
import { programModel } from './program-model.js';

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
  private readonly requests = new WorkerRequests({
    post: (request, transfer) => this.worker!.postMessage(request, transfer),
    // A pending request keeps the process alive; an idle worker must not.
    setBusy: (busy) => (busy ? this.worker!.ref() : this.worker!.unref()),
  });

  constructor(private readonly options: NativeRuntimeOptions) {
    this.device = resolveDevice(options.device ?? 'auto');
    this.threads = options.threads ?? availableParallelism();
    // The worker loads what it needs while the caller reads pictures and networks. What fails is told at the first compilation.
    this.begin().catch(() => undefined);
  }

  async compile(outputs: NamedTensors): Promise<Program> {
    return this.load('load', programModel(outputs, await graphTarget(this.device)));
  }

  async open(model: OnnxModel): Promise<Program> {
    // The process' first session is this thread's: see `flushDenormals`.
    await graphTarget(this.device);
    return this.load('open', model);
  }

  private async begin(): Promise<void> {
    // The process' first session is this thread's: see `flushDenormals`.
    await graphTarget(this.device);
    if (this.requests.ended === undefined) this.worker ??= this.start();
  }

  private async load(kind: 'load' | 'open', model: OnnxModel): Promise<Program> {
    if (this.requests.ended !== undefined) throw this.requests.ended;
    // Only now: see `flushDenormals`.
    this.worker ??= this.start();
    const size = model.bytes.byteLength;
    const program = await this.requests.load(kind, model);
    collectGarbageAfterCompiling(size);
    return program;
  }

  async dispose(): Promise<void> {
    // A run can't be interrupted; its promise is rejected.
    this.requests.fail(runtimeDisposed());
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
    worker.on('message', (answer: WorkerAnswer) => this.requests.settle(answer));
    worker.on('error', (error) => this.requests.fail(error));
    this.exited = new Promise((resolve) => {
      worker.on('exit', () => {
        releaseProcessExit(this.gate);
        this.requests.fail(runtimeDisposed());
        resolve();
      });
    });
    holdProcessExit(this.gate);
    worker.unref();
    return worker;
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
