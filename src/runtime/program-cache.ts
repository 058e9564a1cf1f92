import { isAbortError } from '../abort.js';
import type { NamedTensors, OnnxModel } from '../graph/index.js';
import type { KeptPrograms } from './kept-programs.js';
import type { Program, Runtime } from './runtime.js';

/**
 * Compiled graphs by key. A graph that is released is freed, unless some are to be kept for pictures to come; then those
 * unused for longest give way.
 */
export class ProgramCache {
  private readonly used = new Map<Program, string>();
  private readonly idle = new Map<string, Program>();
  private kept = 0;

  /** @param earlier where graphs of a network may be from calls before */
  constructor(
    private readonly runtime: Runtime,
    private readonly earlier?: { readonly programs: KeptPrograms; readonly network: object },
  ) {}

  /** Keeps up to so many released graphs from now on. */
  keep(count: number): void {
    this.kept = count;
  }

  /** The program of a key: one that was released, or newly compiled. It is the caller's until it is released. */
  async acquire(key: string, build: () => NamedTensors | OnnxModel): Promise<Program> {
    const known = this.idle.get(key);
    this.idle.delete(key);
    const program =
      known ?? this.earlier?.programs.take(this.earlier.network, key) ?? (await this.compile(build()));
    this.used.set(program, key);
    return program;
  }

  /** Gives a program back. */
  async release(program: Program | undefined): Promise<void> {
    if (program === undefined) return;
    const key = this.used.get(program);
    if (key === undefined) return;
    this.used.delete(program);
    if (this.idle.has(key)) await program.dispose();
    else this.idle.set(key, program);
    for (const [unused, old] of [...this.idle].slice(0, Math.max(0, this.idle.size - this.kept))) {
      this.idle.delete(unused);
      await old.dispose();
    }
  }

  /** Acquires a program for one use. One that fails is not used again. */
  async use<Result>(
    key: string,
    build: () => NamedTensors | OnnxModel,
    compute: (program: Program) => Promise<Result>,
  ): Promise<Result> {
    const program = await this.acquire(key, build);
    try {
      const result = await compute(program);
      await this.release(program);
      return result;
    } catch (error) {
      if (isAbortError(error)) await this.release(program);
      // Where that fails as well, the first failure is what is told.
      else if (this.used.delete(program)) await program.dispose().catch(() => undefined);
      throw error;
    }
  }

  /**
   * Leaves the released graphs to calls to come.
   * @param bytes of memory that they hold together
   */
  async handOver(bytes: number): Promise<void> {
    const { programs, network } = this.earlier ?? {};
    if (programs === undefined || network === undefined) return;
    const idle = [...this.idle];
    this.idle.clear();
    for (const [key, program] of idle)
      await programs.put(network, key, { program, bytes: bytes / idle.length });
  }

  async dispose(): Promise<void> {
    const programs = [...this.used.keys(), ...this.idle.values()];
    this.used.clear();
    this.idle.clear();
    await Promise.all(programs.map((program) => program.dispose()));
  }

  private compile(graph: NamedTensors | OnnxModel): Promise<Program> {
    return isModel(graph) ? this.runtime.open(graph) : this.runtime.compile(graph);
  }
}

const isModel = (graph: NamedTensors | OnnxModel): graph is OnnxModel => graph['bytes'] instanceof Uint8Array;
