import type { StyleErrorCode } from '../errors.js';
import type { OnnxModel } from '../graph/index.js';
import type { NativeRuntimeOptions } from './native.node.js';
import type { InputValues, OutputValues } from './runtime.js';

/** A worker's start data. */
export interface WorkerStart {
  readonly options: NativeRuntimeOptions;
  /** The memory of a gate, see `WorkerGate`. */
  readonly gate: SharedArrayBuffer;
}

/** Requests to the worker. Every request has an id, which its answer repeats. */
export type WorkerRequest =
  /** A graph of ours, or one from a file. */
  | { readonly kind: 'load'; readonly id: number; readonly program: number; readonly model: OnnxModel }
  | { readonly kind: 'open'; readonly id: number; readonly program: number; readonly model: OnnxModel }
  | { readonly kind: 'bind'; readonly id: number; readonly program: number; readonly inputs: InputValues }
  | { readonly kind: 'run'; readonly id: number; readonly program: number; readonly inputs: InputValues }
  | { readonly kind: 'dispose'; readonly id: number; readonly program: number };

export interface WorkerFailure {
  readonly code?: StyleErrorCode;
  readonly message: string;
  readonly remedy?: string;
  readonly option?: string;
}

export type WorkerAnswer =
  | { readonly id: number; readonly outputs?: OutputValues }
  | { readonly id: number; readonly failure: WorkerFailure };

/** The last message to the worker, which then frees everything and ends. */
export const endMessage = 'end';
