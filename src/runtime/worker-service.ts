import { StyleError } from '../errors.js';
import type { OnnxModel } from '../graph/index.js';
import type { OutputValues, Program } from './runtime.js';
import { programDisposed } from './session-program.js';
import type { WorkerAnswer, WorkerFailure, WorkerRequest } from './worker-messages.js';

/** What compiles graphs in a worker. */
export interface WorkerCompiler {
  load(model: OnnxModel): Promise<Program>;
  open(model: OnnxModel): Promise<Program>;
}

/** The side of a worker that answers: the programs, by their numbers. */
export class WorkerService {
  private readonly programs = new Map<number, Program>();

  constructor(private readonly compiler: WorkerCompiler) {}

  /** Does what is asked. @returns the answer, and what of it is handed over rather than copied */
  async answer(request: WorkerRequest): Promise<{ answer: WorkerAnswer; transfer: ArrayBuffer[] }> {
    const { id } = request;
    try {
      const outputs = await this.perform(request);
      return {
        answer: outputs === undefined ? { id } : { id, outputs },
        transfer: Object.values(outputs ?? {}).map(({ buffer }) => buffer as ArrayBuffer),
      };
    } catch (error) {
      return { answer: { id, failure: describeFailure(error) }, transfer: [] };
    }
  }

  private async perform(request: WorkerRequest): Promise<OutputValues | undefined> {
    if (request.kind === 'load' || request.kind === 'open') {
      this.programs.set(request.program, await this.compiler[request.kind](request.model));
      return undefined;
    }
    const program = this.programs.get(request.program);
    if (request.kind === 'dispose') {
      this.programs.delete(request.program);
      await program?.dispose();
      return undefined;
    }
    if (program === undefined) throw programDisposed();
    if (request.kind === 'run') return program.run(request.inputs);
    await program.bind(request.inputs);
    return undefined;
  }
}

/** An error as a message. */
export function describeFailure(error: unknown): WorkerFailure {
  if (error instanceof StyleError) {
    const { code, message, remedy, option } = error;
    return { code, message, remedy, ...(option !== undefined && { option }) };
  }
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
