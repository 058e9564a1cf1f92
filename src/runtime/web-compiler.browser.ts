import { StyleError } from '../errors.js';
import { encodeOnnx, readOnnxFile, type OnnxModel } from '../graph/index.js';
import { isWrongOnWebgpu } from '../graph/operators/convolution/whole-channels.js';
import type { DeviceName } from './device-names.js';
import {
  loadOnnxRuntime,
  sessionOptions,
  webgpuForm,
  type OnnxRuntimeWeb,
  type SetupOptions,
} from './onnxruntime.browser.js';
import type { InputValues, OutputValues, Program } from './runtime.js';
import { agree, selfCheckGraph, selfCheckPicture } from './self-check.js';
import {
  modelFileError,
  programDisposed,
  runtimeError,
  SessionProgram,
  shapesOf,
  tensorsInPlace,
} from './session-program.js';
import {
  adapterName,
  deviceError,
  findAdapter,
  tensorsOnDevice,
  type GraphicsDevice,
} from './webgpu.browser.js';
import { readVerdict, writeVerdict } from './verdicts.browser.js';
import type { WorkerCompiler } from './worker-service.js';

type Provider = 'wasm' | 'webgpu';
type Refusal = (cause: unknown) => StyleError;

/** How {@link WebCompiler} is started. */
export interface WebCompilerOptions extends SetupOptions {
  readonly device: DeviceName;
}

/**
 * ONNX Runtime in a worker of a page. Its calls must not overlap: two at once on WebGPU never return. Where a run on WebGPU
 * fails, as after the loss of the device, all sessions are made anew on a new device; where that fails as well, on the CPU.
 */
export class WebCompiler implements WorkerCompiler {
  /** Raised when all sessions are to be made anew. */
  private generation = 0;
  private failures = 0;
  private readonly programs = new Set<WebProgram>();

  private constructor(
    private readonly onnxRuntime: OnnxRuntimeWeb,
    private provider: Provider,
  ) {}

  /**
   * Chooses the device and loads what it needs.
   * @throws StyleError `E_DEVICE` where WebGPU is asked for and there is no adapter, or one that computes wrong;
   * `E_RUNTIME` when ONNX Runtime can't be loaded
   */
  static async start({ device, ...setup }: WebCompilerOptions): Promise<WebCompiler> {
    const adapter = device === 'cpu' ? undefined : await findAdapter(device === 'webgpu');
    if (adapter === undefined) {
      if (device === 'webgpu') throw deviceError('no WebGPU adapter answers');
      return new WebCompiler(await loadOnnxRuntime('wasm', setup).catch(notLoaded), 'wasm');
    }
    const form = webgpuForm();
    const compiler = new WebCompiler(await loadOnnxRuntime(form, setup).catch(notLoaded), 'webgpu');
    const problem = await compiler.problem(`${form} ${adapterName(adapter)}`);
    if (problem === undefined) return compiler;
    if (device === 'webgpu') throw deviceError(problem);
    // The same file has the CPU's operators.
    compiler.provider = 'wasm';
    return compiler;
  }

  get device(): string {
    return this.provider === 'wasm' ? 'cpu' : 'webgpu';
  }

  load(model: OnnxModel): Promise<Program> {
    return this.add(model, (cause) => runtimeError('compile', cause));
  }

  /** Our own graphs go around what ONNX Runtime has wrong on WebGPU; somebody else's is computed on the CPU then. */
  open(model: OnnxModel): Promise<Program> {
    const isWrong = this.provider === 'webgpu' && hasWrongConvolution(model.bytes);
    return this.add(model, modelFileError, isWrong ? 'wasm' : undefined);
  }

  /** A session on the device of now, or on one that it has to be on, with the inputs that are bound. */
  async createSession(
    model: OnnxModel,
    bound: InputValues,
    refused: Refusal,
    only: Provider | undefined,
  ): Promise<{ program: SessionProgram; generation: number }> {
    for (;;) {
      const { generation } = this;
      const provider = only ?? this.provider;
      try {
        return { program: await this.sessionOn(provider, model, bound), generation };
      } catch (cause) {
        const error = cause instanceof StyleError ? cause : refused(cause);
        if (!(await this.recover())) throw error;
      }
    }
  }

  isCurrent(generation: number): boolean {
    return generation === this.generation;
  }

  /** A run on the device has gone well. */
  succeeded(): void {
    this.failures = 0;
  }

  /** After a failure: begins anew with other sessions. @returns false where nothing else is left to try */
  async recover(): Promise<boolean> {
    if (this.provider === 'wasm') return false;
    this.failures += 1;
    if (this.failures > 1) this.provider = 'wasm';
    this.generation += 1;
    for (const program of this.programs) await program.release();
    return true;
  }

  forget(program: WebProgram): void {
    this.programs.delete(program);
  }

  private async add(model: OnnxModel, refused: Refusal, only?: Provider): Promise<Program> {
    const program = new WebProgram(this, model, refused, only);
    this.programs.add(program);
    try {
      await program.start();
    } catch (error) {
      this.programs.delete(program);
      throw error;
    }
    return program;
  }

  /** What is wrong with WebGPU here, found by a small graph on both providers; once for each adapter and version. */
  private async problem(place: string): Promise<string | undefined> {
    const key = `${place} ${this.onnxRuntime.env.versions.web ?? this.onnxRuntime.env.versions.common}`;
    let sound = await readVerdict(key);
    if (sound === undefined) {
      try {
        const found = await this.compute('webgpu');
        sound = agree(found, await this.compute('wasm'));
      } catch (cause) {
        return cause instanceof Error ? cause.message.split('\n')[0]! : String(cause);
      }
      await writeVerdict(key, sound);
    }
    return sound ? undefined : 'its results differ from those of the CPU';
  }

  private async sessionOn(
    provider: Provider,
    model: OnnxModel,
    bound: InputValues = {},
  ): Promise<SessionProgram> {
    const { InferenceSession, Tensor } = this.onnxRuntime;
    const session = await InferenceSession.create(model.bytes, sessionOptions(provider));
    const inPlace = tensorsInPlace(Tensor);
    const kept =
      provider === 'wasm'
        ? inPlace
        : tensorsOnDevice((await this.onnxRuntime.env.webgpu.device) as GraphicsDevice, Tensor);
    const program = new SessionProgram(session, inPlace, model, () => undefined, kept);
    try {
      await program.bind(bound);
      return program;
    } catch (error) {
      await program.dispose().catch(() => undefined);
      throw error;
    }
  }

  private async compute(provider: Provider): Promise<OutputValues> {
    const model = encodeOnnx(selfCheckGraph(), {}, provider === 'wasm' ? 'cpu' : 'gpu');
    const program = await this.sessionOn(provider, model);
    try {
      return await program.run(selfCheckPicture());
    } finally {
      await program.dispose();
    }
  }
}

/** Whether a file has a convolution that WebGPU computes wrong. Where its weights are computed as well, their shape is not known. */
function hasWrongConvolution(bytes: Uint8Array): boolean {
  const file = readOnnxFile(bytes);
  return (file?.nodes ?? []).some(({ type, inputs }) => {
    const weights = type === 'Conv' ? file!.weights[inputs[1]!] : undefined;
    return weights !== undefined && isWrongOnWebgpu(weights.shape);
  });
}

/** A program whose session can be made anew. */
class WebProgram implements Program {
  readonly inputs: Program['inputs'];
  readonly outputs: Program['outputs'];
  private current: { readonly program: SessionProgram; readonly generation: number } | undefined;
  private bound: InputValues = {};
  private disposed = false;

  constructor(
    private readonly compiler: WebCompiler,
    private model: OnnxModel,
    private readonly refused: Refusal,
    private readonly only: Provider | undefined,
  ) {
    this.inputs = shapesOf(model.inputs);
    this.outputs = shapesOf(model.outputs);
  }

  async start(): Promise<SessionProgram> {
    if (this.disposed) throw programDisposed();
    if (this.current === undefined || !this.compiler.isCurrent(this.current.generation)) {
      await this.release();
      this.current = await this.compiler.createSession(this.model, this.bound, this.refused, this.only);
      // The CPU's session is the last one; the bytes are as large as the weights.
      if (this.compiler.device === 'cpu') this.model = { ...this.model, bytes: new Uint8Array() };
    }
    return this.current.program;
  }

  async bind(inputs: InputValues): Promise<void> {
    await this.onDevice((program) => program.bind(inputs));
    this.bound = { ...this.bound, ...inputs };
  }

  async run(inputs: InputValues): Promise<OutputValues> {
    const outputs = await this.onDevice((program) => program.run(inputs));
    this.compiler.succeeded();
    return outputs;
  }

  /** Does it again on another device where one fails. */
  private async onDevice<Result>(work: (program: SessionProgram) => Promise<Result>): Promise<Result> {
    for (;;) {
      const program = await this.start();
      try {
        return await work(program);
      } catch (error) {
        const isDevices = error instanceof StyleError && ['E_RUNTIME', 'E_MEMORY'].includes(error.code);
        if (!isDevices || !(await this.compiler.recover())) throw error;
      }
    }
  }

  /** Frees the session; the next run makes another one. */
  async release(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    // That of a lost device may refuse even this.
    await current?.program.dispose().catch(() => undefined);
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    this.compiler.forget(this);
    await this.release();
  }
}

function notLoaded(cause: unknown): never {
  throw new StyleError(
    'E_RUNTIME',
    `ONNX Runtime can't be loaded in this page: ${cause instanceof Error ? cause.message : String(cause)}.`,
    "Serve onnxruntime-web's files where the option wasm says, and allow 'wasm-unsafe-eval' in the page's content security policy.",
    { cause },
  );
}
