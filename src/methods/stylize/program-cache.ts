import type { NamedTensors } from '../../graph/index.js';
import type { Program, Runtime } from '../../runtime/runtime.js';

/** Compiled graphs by key. Those unused for longest give way before a new one takes memory. */
export class ProgramCache {
  private readonly programs = new Map<string, Program>();

  /** @param capacity programs kept at most, 1 or more */
  constructor(
    private readonly runtime: Runtime,
    public capacity: number,
  ) {}

  /** The program of a key, compiled at its first use. */
  async get(key: string, build: () => NamedTensors): Promise<Program> {
    const known = this.programs.get(key);
    if (known === undefined) {
      const surplus = Math.max(0, this.programs.size - this.capacity + 1);
      for (const [unused, old] of [...this.programs].slice(0, surplus)) {
        this.programs.delete(unused);
        await old.dispose();
      }
    }
    const program = known ?? (await this.runtime.compile(build()));
    this.programs.delete(key);
    this.programs.set(key, program);
    return program;
  }

  /** Frees a program that is not needed again soon. */
  async drop(key: string): Promise<void> {
    const program = this.programs.get(key);
    this.programs.delete(key);
    await program?.dispose();
  }

  async dispose(): Promise<void> {
    const programs = [...this.programs.values()];
    this.programs.clear();
    await Promise.all(programs.map((program) => program.dispose()));
  }
}
