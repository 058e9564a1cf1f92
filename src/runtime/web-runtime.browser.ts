import { StyleError } from '../errors.js';
import type { NamedTensors, OnnxModel } from '../graph/index.js';
import type { DeviceName } from './device-names.js';
import type { Program, Runtime } from './runtime.js';
import { checkThreadCount } from './thread-count.js';
import { webThreadCount } from './web-thread-count.browser.js';
import { WebWorkerConnection } from './web-worker-connection.browser.js';
import type { DeviceReport } from './web-worker-messages.js';
import { runtimeDisposed } from './worker-requests.js';
import { pageProgramModel } from './program-model.js';

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
 * worker at once, whatever it does, which gives its memory back. After a worker that has failed the next graph starts another one.
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
  private connection: WebWorkerConnection | undefined;
  private ended: StyleError | undefined;
  private report: DeviceReport;

  constructor(private readonly options: WebRuntimeOptions) {
    this.report = {
      device: options.device === 'webgpu' ? 'webgpu' : 'cpu',
      threads: webThreadCount(options.threads),
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
    const worker = await this.started();
    return worker.load('load', pageProgramModel(outputs, this.device));
  }

  async open(model: OnnxModel): Promise<Program> {
    return (await this.started()).load('open', model);
  }

  dispose(): Promise<void> {
    this.ended ??= runtimeDisposed();
    this.connection?.end(this.ended);
    return Promise.resolve();
  }

  /** A worker that can be asked. After one that has failed there is another. */
  private async started(): Promise<WebWorkerConnection> {
    if (this.ended !== undefined) throw this.ended;
    if (this.connection === undefined || this.connection.hasEnded) {
      const { device = 'auto', wasm } = this.options;
      this.connection = new WebWorkerConnection(
        {
          device,
          threads: this.threads,
          wasm: wasm === undefined ? undefined : new URL(wasm, location.href).href,
        },
        (report) => (this.report = report),
      );
    }
    const { connection } = this;
    await connection.ready;
    return connection;
  }
}
