import type { Program } from './runtime.js';

interface KeptProgram {
  readonly program: Program;
  /** What it holds of memory. */
  readonly bytes: number;
}

/**
 * Compiled graphs that nobody uses now, kept for calls to come. They are found by the network that they are of and by a key. Those
 * that were unused for longest give way.
 */
export class KeptPrograms {
  /** In the order in which they were put here. */
  private readonly programs = new Map<string, KeptProgram>();
  /** Of networks: one that nobody has any more is not held by its graphs. */
  private readonly numbers = new WeakMap<object, number>();
  private networks = 0;

  /** @param most how many are kept */
  constructor(private readonly most: number) {}

  /** What all of them hold. */
  get bytes(): number {
    return [...this.programs.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Hands out the program of a network and key, where there is one. It is the caller's until it is put back. */
  take(network: object, key: string): Program | undefined {
    const name = this.nameOf(network, key);
    const found = this.programs.get(name);
    this.programs.delete(name);
    // A worker that is gone took its programs with it; whoever asks gets one in another worker.
    return found === undefined || isLost(found.program) ? undefined : found.program;
  }

  /**
   * Takes a program over.
   * @param bytes that it holds
   */
  async put(
    network: object,
    key: string,
    { program, bytes }: { readonly program: Program; readonly bytes: number },
  ): Promise<void> {
    const name = this.nameOf(network, key);
    const twin = this.programs.get(name)?.program;
    this.programs.delete(name);
    this.programs.set(name, { program, bytes });
    await free(twin);
    for (const [unused, old] of [...this.programs].slice(0, Math.max(0, this.programs.size - this.most))) {
      this.programs.delete(unused);
      await free(old.program);
    }
  }

  /** Frees all of them. */
  async clear(): Promise<void> {
    const all = [...this.programs.values()];
    this.programs.clear();
    await Promise.all(all.map(({ program }) => free(program)));
  }

  private nameOf(network: object, key: string): string {
    let number = this.numbers.get(network);
    if (number === undefined) {
      number = this.networks += 1;
      this.numbers.set(network, number);
    }
    return `${number} ${key}`;
  }
}

const isLost = (program: Program): boolean => program.isLost?.() === true;

/** Frees a program, which is nothing to ask of a worker that is gone. */
async function free(program: Program | undefined): Promise<void> {
  if (program !== undefined && !isLost(program)) await program.dispose();
}
