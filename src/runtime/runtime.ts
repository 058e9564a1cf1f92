import type { NamedTensors, OnnxModel } from '../graph/index.js';

/** Values of a graph's inputs by name: float32, or int64 as BigInt64Array. */
export type InputValues = Readonly<Record<string, Float32Array | BigInt64Array>>;
/** Values of a graph's outputs by name. */
export type OutputValues = Readonly<Record<string, Float32Array>>;

/** A compiled graph. */
export interface Program {
  /** Input names and shapes, output names and shapes. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  /** Binds the values of some inputs for all later runs, so that they are copied to the device once. The arrays must not change. */
  bind(inputs: InputValues): Promise<void>;
  /**
   * Runs the graph once. The input arrays are only read, and the returned arrays belong to the caller.
   * @throws StyleError `E_SHAPE` when an input is missing or has another number of values; `E_RUNTIME` when the graph fails
   */
  run(inputs: InputValues): Promise<OutputValues>;
  /** Frees the compiled graph; later runs fail. */
  dispose(): Promise<void>;
  /** Whether the worker that it was in is gone, so that it can't run any more; never where there is none. */
  isLost?(): boolean;
}

/** Executes graphs. Methods get one and don't depend on its kind. */
export interface Runtime {
  /** `cpu`, `webgpu`, `cuda`, `dml` or `coreml`. */
  readonly device: string;
  /** Threads of the CPU that one run uses. */
  readonly threads: number;
  /** Compiles a graph for its outputs; what they don't depend on is dropped. */
  compile(outputs: NamedTensors): Promise<Program>;
  /**
   * Opens a graph that comes from a file, at the shapes that it is described with. Its bytes are the runtime's from then on.
   * @throws StyleError `E_WEIGHTS_FORMAT` when ONNX Runtime can't read it, or lacks one of its operators
   */
  open(model: OnnxModel): Promise<Program>;
  /** Frees everything, compiled programs included. */
  dispose(): Promise<void>;
}

/** Those values that a program has inputs for. */
export const inputsFor = ({ inputs }: Program, values: InputValues): InputValues =>
  Object.fromEntries(Object.entries(values).filter(([name]) => name in inputs));

/**
 * Compiles a graph, runs it once and frees it.
 * @example
 * ```ts
 * import { createNativeRuntime, graph, runOnce } from 'pastiche/engine';
 *
 * const runtime = createNativeRuntime();
 * const x = graph.input('x', [3]);
 * const { length } = await runOnce(runtime, { length: graph.sum(graph.square(x)) }, { x: Float32Array.of(1, 2, 3) });
 * console.log(length?.[0]); // 14
 * await runtime.dispose();
 * ```
 */
export async function runOnce(
  runtime: Runtime,
  outputs: NamedTensors,
  inputs: InputValues,
): Promise<OutputValues> {
  const program = await runtime.compile(outputs);
  try {
    return await program.run(inputs);
  } finally {
    await program.dispose();
  }
}
