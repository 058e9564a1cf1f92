import type { InferenceSession, Tensor as OnnxTensor, TensorConstructor } from 'onnxruntime-common';
import { StyleError } from '../errors.js';
import { formatShape, sizeOf, type OnnxModel } from '../graph/index.js';
import type { InputValues, OutputValues, Program } from './runtime.js';

/** The shapes of a model's inputs or outputs, by name. */
export function shapesOf(types: OnnxModel['inputs']): Program['inputs'] {
  return Object.fromEntries(Object.entries(types).map(([name, { shape }]) => [name, shape]));
}

/** Makes the tensor of an input's values, where they are or on the device. */
export type PlaceTensor = (values: InputValues[string], shape: readonly number[]) => OnnxTensor;

/** Tensors of values that stay where they are. */
export const tensorsInPlace =
  (tensors: TensorConstructor): PlaceTensor =>
  (values, shape) =>
    values instanceof Float32Array
      ? new tensors('float32', values, shape)
      : new tensors('int64', values, shape);

/** A {@link Program} on one of ONNX Runtime's sessions, native or WebAssembly. */
export class SessionProgram implements Program {
  readonly inputs: Program['inputs'];
  readonly outputs: Program['outputs'];
  private readonly bound: Record<string, OnnxTensor> = {};
  private disposed = false;

  constructor(
    private readonly session: InferenceSession,
    private readonly inPlace: PlaceTensor,
    model: Pick<OnnxModel, 'inputs' | 'outputs'>,
    private readonly onDispose: (program: SessionProgram) => void,
    /** Where the values of bound inputs are kept. */
    private readonly kept: PlaceTensor = inPlace,
  ) {
    this.inputs = shapesOf(model.inputs);
    this.outputs = shapesOf(model.outputs);
  }

  async bind(inputs: InputValues): Promise<void> {
    for (const [name, tensor] of Object.entries(this.feeds(inputs, this.kept))) {
      free(this.bound[name]);
      this.bound[name] = tensor;
    }
  }

  async run(inputs: InputValues): Promise<OutputValues> {
    if (this.disposed) throw programDisposed();
    const feeds = { ...this.bound, ...this.feeds(inputs, this.inPlace) };
    const missing = Object.keys(this.inputs).find((name) => !Object.hasOwn(feeds, name));
    if (missing !== undefined) {
      throw new StyleError(
        'E_SHAPE',
        `The graph's input ${missing} was given no value.`,
        `Give it ${formatShape(this.inputs[missing]!)} values.`,
      );
    }
    try {
      const results = await this.session.run(feeds);
      return Object.fromEntries(
        Object.keys(this.outputs).map((name) => [name, results[name]!.data as Float32Array]),
      );
    } catch (error) {
      throw runtimeError('run', error);
    }
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    this.onDispose(this);
    try {
      await this.session.release();
    } finally {
      Object.values(this.bound).forEach(free);
    }
  }

  /** Inputs that the graph doesn't use were simplified away with what they fed, and are left out. */
  private feeds(inputs: InputValues, place: PlaceTensor): Record<string, OnnxTensor> {
    const feeds: Record<string, OnnxTensor> = {};
    for (const [name, values] of Object.entries(inputs)) {
      // JavaScript callers may hand over undefined: that is no value.
      if (!Object.hasOwn(this.inputs, name) || (values as typeof values | undefined) === undefined) continue;
      const shape = this.inputs[name]!;
      if (values.length !== sizeOf(shape)) {
        throw new StyleError(
          'E_SHAPE',
          `The graph's input ${name} has shape ${formatShape(shape)} and was given ${values.length} values.`,
          `Give ${sizeOf(shape)} values.`,
        );
      }
      feeds[name] = place(values, shape);
    }
    return feeds;
  }
}

/** Gives a device's memory back. Values in place have none, and a run that goes on may still read them. */
function free(tensor: OnnxTensor | undefined): void {
  if (tensor?.location === 'gpu-buffer') tensor.dispose();
}

/** The error of a run after the end. */
export function programDisposed(): StyleError {
  return new StyleError('E_RUNTIME', 'The program was disposed.', 'Compile its graph again.');
}

/** ONNX Runtime's exceptions as errors of ours: out of memory, or anything else. */
export function runtimeError(doing: 'compile' | 'run', cause: unknown): StyleError {
  const text = textOf(cause);
  if (lacksMemory(text)) return memoryError(cause);
  return new StyleError(
    'E_RUNTIME',
    `ONNX Runtime could not ${doing} the graph: ${text}`,
    'Set the option device to cpu; if it is that already, please report this with what led to it.',
    { cause, option: 'device' },
  );
}

/** What ONNX Runtime says of an operator that it doesn't have. */
const missingOperator = [
  /No Op registered for (\S+)/i,
  /Could not find an implementation for ([\w.:]+)/i,
  /([\w.:]+)\(-?\d+\) is not a registered function/i,
] as const;

/** The error for somebody's model that ONNX Runtime refuses. */
export function modelFileError(cause: unknown): StyleError {
  const text = textOf(cause);
  const operator = missingOperator
    .map((pattern) => pattern.exec(text)?.[1])
    .find((name) => name !== undefined);
  if (operator === undefined && lacksMemory(text)) return memoryError(cause);
  return new StyleError(
    'E_WEIGHTS_FORMAT',
    operator === undefined
      ? `ONNX Runtime refuses the model: ${text.split('\n')[0]!.replace(/\.$/, '')}.`
      : `ONNX Runtime has no operator ${operator}, which the model needs.`,
    "Export the model again, in ONNX's own operators and with a set of operators from 7 on.",
    { cause },
  );
}

const textOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
const lacksMemory = (text: string): boolean => /alloc|out of memory/i.test(text);

const memoryError = (cause: unknown): StyleError =>
  new StyleError(
    'E_MEMORY',
    'The memory did not suffice for this size.',
    'Use a smaller size, or a smaller network.',
    { cause },
  );
