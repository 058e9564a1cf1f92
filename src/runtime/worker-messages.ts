import type { StyleErrorCode } from '../errors.js';
import type { OnnxModel } from '../graph/index.js';
import type { NativeRuntimeOptions } from './native.node.js';
import type { InputValues, OutputValues } from './runtime.js';

/** What the worker starts with. */
export interface WorkerStart {
  readonly options: NativeRuntimeOptions;
  /** The memory of a gate, see `WorkerGate`. */
  readonly gate: SharedArrayBuffer;
}

/** What the caller's thread asks of the worker. Every request has an id, and every answer carries it back. */
export type WorkerRequest =
  | { readonly kind: 'load'; readonly id: number; readonly program: number; readonly model: OnnxModel }
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

/** The caller's last message: the worker frees everything and ends. */
export const endMessage = 'end';
