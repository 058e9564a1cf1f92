import type { NamedTensors, OnnxModel } from '../graph/index.js';
import type { InputValues, OutputValues, Program, Runtime } from './runtime.js';
import { WebCompiler, type WebCompilerOptions } from './web-compiler.browser.js';
import { runtimeDisposed } from './worker-requests.js';
import { pageProgramModel } from './program-model.js';

/** One empty message after the other: what comes in between, such as a message that ends a run, is heard. */
const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();

/** Lets the worker hear its messages. WebAssembly computes without ever coming back to them. */
const hearMessages = (): Promise<void> =>
  new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(undefined);
  });

/**
 * Runs graphs where it is called: in a worker that does more than that. ONNX Runtime is loaded with the first graph. Before each
 * graph and each run the worker hears its messages.
 */
export class InPlaceRuntime implements Runtime {
  readonly threads: number;
  private starting: Promise<WebCompiler> | undefined;
  private compiler: WebCompiler | undefined;
  /** Calls of ONNX Runtime must not overlap. */
  private queue: Promise<unknown> = Promise.resolve();
  private isDisposed = false;

  constructor(private readonly options: WebCompilerOptions) {
    this.threads = options.threads;
  }

  /** What was asked for until ONNX Runtime is there; then what it computes on. */
  get device(): string {
    return this.compiler?.device ?? (this.options.device === 'webgpu' ? 'webgpu' : 'cpu');
  }

  /** Whether ONNX Runtime is there, so that the device is known. */
  get hasStarted(): boolean {
    return this.compiler !== undefined;
  }

  /** Loads ONNX Runtime before its first use. @throws StyleError as `WebCompiler.start` */
  async start(): Promise<void> {
    await this.started();
  }

  compile(outputs: NamedTensors): Promise<Program> {
    return this.inTurn(async (compiler) => {
      const model = pageProgramModel(outputs, this.device);
      return this.queued(await compiler.load(model));
    });
  }

  open(model: OnnxModel): Promise<Program> {
    return this.inTurn(async (compiler) => this.queued(await compiler.open(model)));
  }

  /** The memory goes with the worker. */
  dispose(): Promise<void> {
    this.isDisposed = true;
    return Promise.resolve();
  }

  private queued(program: Program): Program {
    return {
      inputs: program.inputs,
      outputs: program.outputs,
      bind: (inputs: InputValues) => this.inTurn(() => program.bind(inputs)),
      run: (inputs: InputValues): Promise<OutputValues> => this.inTurn(() => program.run(inputs)),
      dispose: () => this.inTurn(() => program.dispose()),
    };
  }

  private inTurn<Result>(work: (compiler: WebCompiler) => Promise<Result>): Promise<Result> {
    const done = this.queue.then(async () => {
      if (this.isDisposed) throw runtimeDisposed();
      await hearMessages();
      return work(await this.started());
    });
    this.queue = done.catch(() => undefined);
    return done;
  }

  private started(): Promise<WebCompiler> {
    const starting = (this.starting ??= WebCompiler.start(this.options));
    return starting.then(
      (compiler) => (this.compiler = compiler),
      (error: unknown) => {
        // A file that could not be fetched may be there at the next call.
        this.starting = undefined;
        throw error;
      },
    );
  }
}
