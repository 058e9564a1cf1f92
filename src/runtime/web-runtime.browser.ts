import { StyleError } from '../errors.js';
import { encodeOnnx, type NamedTensors, type OnnxModel } from '../graph/index.js';
import type { DeviceName } from './device-names.js';
import type { Program, Runtime } from './runtime.js';
import { checkThreadCount } from './thread-count.js';
import type { WebCompilerOptions } from './web-compiler.browser.js';
import { isAnswer, type DeviceReport, type WebWorkerMessage } from './web-worker-messages.js';
import { revive, runtimeDisposed, WorkerRequests } from './worker-requests.js';

/** How a page computes. */
export interface WebRuntimeOptions {
  /**
   * `webgpu`, `cpu`, or `auto`: WebGPU where a graphics adapter answers and computes right, else the CPU by WebAssembly.
   * @defaultValue `auto`
   */
  readonly device?: DeviceName | undefined;
  /**
   * Threads that one run uses on the CPU. A page that is not cross-origin isolated has one.
   * @defaultValue the number of processors, eight at most
   */
  readonly threads?: number | undefined;
  /** The folder of onnxruntime-web's WebAssembly files. @defaultValue where the bundler has put them */
  readonly wasm?: string | URL | undefined;
}

/**
 * Runs graphs in a Web Worker, which starts with the first graph: on WebGPU, or on the CPU by WebAssembly. `dispose` ends the
 * worker at once, whatever it does, which gives its memory back.
 * @throws StyleError `E_DEVICE` for a device that browsers don't have, `E_ARGUMENT` for a number of threads that can't be
 * @example
 * ```ts no-run
 * import { createWebRuntime, graph } from 'pastiche/engine';
 *
 * const runtime = createWebRuntime({ device: 'cpu' });
 * const x = graph.input('x', [2]);
 * const program = await runtime.compile({ y: graph.square(x) });
 * console.log(await program.run({ x: Float32Array.of(2, 3) })); // y 4, 9
 * await runtime.dispose();
 * ```
 */
export function createWebRuntime(options: WebRuntimeOptions = {}): Runtime {
  const { device = 'auto' } = options;
  if (!['auto', 'cpu', 'webgpu'].includes(device)) {
    throw new StyleError(
      'E_DEVICE',
      `Browsers can't run on ${JSON.stringify(device)}.`,
      'They have webgpu and cpu; leave the option device out to have the better one.',
      { option: 'device' },
    );
  }
  checkThreadCount(options.threads);
  return new WebRuntime(options);
}

class WebRuntime implements Runtime {
  private worker: Worker | undefined;
  private starting: Promise<void> | undefined;
  private report: DeviceReport;
  private readonly requests = new WorkerRequests({
    post: (request, transfer) => this.worker!.postMessage(request, transfer),
  });

  constructor(private readonly options: WebRuntimeOptions) {
    this.report = {
      device: options.device === 'webgpu' ? 'webgpu' : 'cpu',
      threads: threadCount(options.threads),
    };
  }

  /** What was asked for until the first graph has been compiled; then what there is. */
  get device(): string {
    return this.report.device;
  }

  get threads(): number {
    return this.report.threads;
  }

  async compile(outputs: NamedTensors): Promise<Program> {
    await this.start();
    return this.requests.load('load', encodeOnnx(outputs, {}, this.device === 'webgpu' ? 'gpu' : 'cpu'));
  }

  async open(model: OnnxModel): Promise<Program> {
    await this.start();
    return this.requests.load('open', model);
  }

  dispose(): Promise<void> {
    this.end(runtimeDisposed());
    return Promise.resolve();
  }

  private async start(): Promise<void> {
    if (this.requests.ended !== undefined) throw this.requests.ended;
    await (this.starting ??= this.startWorker());
  }

  private startWorker(): Promise<void> {
    // Written in this way, bundlers find the worker's file.
    const worker = new Worker(new URL('./web-worker.browser.js', import.meta.url), { type: 'module' });
    this.worker = worker;
    const { device = 'auto', wasm } = this.options;
    const start: WebCompilerOptions = {
      device,
      threads: this.threads,
      wasm: wasm === undefined ? undefined : new URL(wasm, location.href).href,
    };
    worker.postMessage(start);
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => {
        this.end(error);
        reject(error);
      };
      this.endStart = failed;
      worker.onerror = (event) => {
        event.preventDefault();
        failed(workerError(event.message));
      };
      worker.onmessage = ({ data }: MessageEvent<WebWorkerMessage>) => {
        if (isAnswer(data)) return this.requests.settle(data);
        if ('failure' in data) return failed(revive(data.failure));
        this.report = data;
        resolve();
      };
    });
  }

  /** Rejects a start that goes on. */
  private endStart: ((error: Error) => void) | undefined;

  private end(error: Error): void {
    this.requests.fail(error);
    this.worker?.terminate();
    const { endStart } = this;
    this.endStart = undefined;
    endStart?.(error);
  }
}

/** Most threads that help: beyond that, memory is the limit. */
const mostThreads = 8;

/** Memory that threads share needs an isolated page; iPhones and iPads hang with more than one thread. */
function threadCount(asked: number | undefined): number {
  if (!crossOriginIsolated || /iPhone|iPad/.test(navigator.userAgent)) return 1;
  return asked ?? Math.min(mostThreads, navigator.hardwareConcurrency);
}

const workerError = (message: string | undefined): StyleError =>
  new StyleError(
    'E_RUNTIME',
    `The worker that computes can't be started or has failed${message ? `: ${message}` : ''}.`,
    'Serve the file of the worker from where the page is, and allow it in its content security policy (worker-src).',
  );
