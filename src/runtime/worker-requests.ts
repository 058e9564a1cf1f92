import { StyleError } from '../errors.js';
import type { OnnxModel } from '../graph/index.js';
import type { InputValues, OutputValues, Program } from './runtime.js';
import { shapesOf } from './session-program.js';
import type { WorkerAnswer, WorkerFailure, WorkerRequest } from './worker-messages.js';

type RequestBody = WorkerRequest extends infer R ? (R extends WorkerRequest ? Omit<R, 'id'> : never) : never;

/** How requests reach a worker of a platform. */
export interface WorkerLine {
  post(request: WorkerRequest, transfer: ArrayBuffer[]): void;
  /** Whether there is a request without an answer; called when that changes. */
  setBusy?(busy: boolean): void;
}

/** The side of a worker that asks: requests that wait for their answers, and programs that are in the worker. */
export class WorkerRequests {
  private readonly waiting = new Map<
    number,
    { resolve: (outputs: OutputValues) => void; reject: (error: Error) => void }
  >();
  private requests = 0;
  private programs = 0;
  private failure: Error | undefined;

  constructor(private readonly line: WorkerLine) {}

  /** Why requests are refused, if they are. */
  get ended(): Error | undefined {
    return this.failure;
  }

  /** Has the worker compile a graph, whose bytes are the worker's from then on. @param kind one of ours, or one from a file */
  async load(kind: 'load' | 'open', model: OnnxModel): Promise<Program> {
    const program = this.programs;
    this.programs += 1;
    await this.send({ kind, program, model }, [model.bytes.buffer as ArrayBuffer]);
    return {
      inputs: shapesOf(model.inputs),
      outputs: shapesOf(model.outputs),
      bind: async (inputs) => void (await this.send({ kind: 'bind', program, inputs })),
      run: (inputs: InputValues) => this.send({ kind: 'run', program, inputs }),
      dispose: async () => void (await this.send({ kind: 'dispose', program })),
      isLost: () => this.failure !== undefined,
    };
  }

  /** Takes an answer of the worker's. */
  settle(answer: WorkerAnswer): void {
    const request = this.waiting.get(answer.id);
    if (request === undefined) return;
    this.waiting.delete(answer.id);
    if (this.waiting.size === 0) this.line.setBusy?.(false);
    if ('failure' in answer) request.reject(revive(answer.failure));
    else request.resolve(answer.outputs ?? {});
  }

  /** Rejects pending and future requests. */
  fail(error: Error): void {
    this.failure ??= error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }

  private send(body: RequestBody, transfer: ArrayBuffer[] = []): Promise<OutputValues> {
    const id = this.requests;
    this.requests += 1;
    return new Promise((resolve, reject) => {
      if (this.failure !== undefined) throw this.failure;
      if (this.waiting.size === 0) this.line.setBusy?.(true);
      this.waiting.set(id, { resolve, reject });
      this.line.post({ ...body, id } as WorkerRequest, transfer);
    });
  }
}

/** The error of a runtime that was ended. */
export function runtimeDisposed(): StyleError {
  return new StyleError('E_RUNTIME', 'The runtime was disposed.', 'Create another one.');
}

/** An error that a worker has described. */
export function revive({ code, message, remedy, option }: WorkerFailure): Error {
  if (code === undefined) return new Error(message);
  return new StyleError(code, message, remedy ?? '', option === undefined ? undefined : { option });
}
