import { availableParallelism } from 'node:os';
import { StyleError } from '../errors.js';
import type { NamedTensors, OnnxModel } from '../graph/index.js';
import { flushDenormals } from './channel-block.node.js';
import { collectGarbageAfterCompiling } from './collect-garbage.node.js';
import { deviceError, graphTarget, resolveDevice, type DeviceName } from './devices.node.js';
import { createSession, Tensor, type InferenceSession } from './onnxruntime.node.js';
import type { Program, Runtime } from './runtime.js';
import { modelFileError, runtimeError, SessionProgram, tensorsInPlace } from './session-program.js';
import { usedThreads } from './thread-count.js';
import { programModel } from './program-model.js';

export interface NativeRuntimeOptions {
  /** @defaultValue `auto`, the CPU */
  readonly device?: DeviceName | undefined;
  /** Threads that one run uses, of as many as this process has processors. @defaultValue the number of processors that this process may use */
  readonly threads?: number | undefined;
  /**
   * Whether memory is kept between operations. Kept memory is faster, since new pages have to be cleared first; without it
   * a run needs less. @defaultValue true
   */
  readonly keepMemory?: boolean | undefined;
}

/**
 * Runs graphs in this thread on ONNX Runtime's native library. A run blocks the thread; {@link createWorkerRuntime} doesn't.
 * @throws StyleError `E_DEVICE` when this machine has no such device
 * @example
 * ```ts
 * import { createNativeRuntime, graph } from 'pastiche/engine';
 *
 * const runtime = createNativeRuntime({ threads: 2 });
 * const x = graph.input('x', [2]);
 * const program = await runtime.compile({ y: graph.square(x) });
 * console.log(await program.run({ x: Float32Array.of(2, 3) })); // y 4, 9
 * await runtime.dispose();
 * ```
 */
export function createNativeRuntime(options: NativeRuntimeOptions = {}): NativeRuntime {
  return new NativeRuntime(options);
}

export class NativeRuntime implements Runtime {
  readonly device: Exclude<DeviceName, 'auto'>;
  readonly threads: number;
  private readonly keepMemory: boolean;
  private readonly programs = new Set<SessionProgram>();

  constructor({
    device = 'auto',
    threads = availableParallelism(),
    keepMemory = true,
  }: NativeRuntimeOptions) {
    this.device = resolveDevice(device);
    this.threads = threads;
    this.keepMemory = keepMemory;
  }

  async compile(outputs: NamedTensors): Promise<Program> {
    return this.load(programModel(outputs, await graphTarget(this.device)));
  }

  open(model: OnnxModel): Promise<Program> {
    return this.load(model, modelFileError);
  }

  /**
   * Compiles an encoded graph.
   * @param refused the error for one that the CPU refuses
   */
  async load(
    model: OnnxModel,
    refused = (cause: unknown): StyleError => runtimeError('compile', cause),
  ): Promise<Program> {
    const session = await this.createSession(model.bytes, refused);
    const program = new SessionProgram(session, tensorsInPlace(Tensor), model, (gone) =>
      this.programs.delete(gone),
    );
    this.programs.add(program);
    collectGarbageAfterCompiling(model.bytes.byteLength);
    return program;
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.programs].map((program) => program.dispose()));
  }

  private async createSession(
    bytes: Uint8Array,
    refused: (cause: unknown) => StyleError,
  ): Promise<InferenceSession> {
    try {
      return await createSession(bytes, {
        executionProviders: [this.device],
        intraOpNumThreads: usedThreads(this.threads, availableParallelism()),
        interOpNumThreads: 1,
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
        // Memory patterns raise the peak by a half and are no faster.
        enableMemPattern: false,
        enableCpuMemArena: this.keepMemory,
        extra: { ...flushDenormals, 'session.use_device_allocator_for_initializers': '1' },
      });
    } catch (error) {
      if (error instanceof StyleError) throw error;
      throw this.device === 'cpu' ? refused(error) : deviceError(this.device, error);
    }
  }
}
