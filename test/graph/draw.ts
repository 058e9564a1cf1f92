import fc from 'fast-check';
import { input, type Shape, type Tensor } from '../../src/graph/index.js';

/** What one run of a property draws: numbers, shapes, and the inputs of a graph with their values. */
export class Draw {
  readonly inputs: Tensor[] = [];
  readonly values: Record<string, Float32Array> = {};

  constructor(private readonly generate: fc.GeneratorValue) {}

  /** From `min` to `max`, both included. */
  integer(min: number, max: number): number {
    return this.generate(fc.integer, { min, max });
  }

  boolean(): boolean {
    return this.generate(fc.boolean);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.integer(0, choices.length - 1)]!;
  }

  shape(minRank: number, maxRank: number, maxLength = 4): number[] {
    return Array.from({ length: this.integer(minRank, maxRank) }, () => this.integer(1, maxLength));
  }

  /** Some of the numbers from 0 to `count - 1`, in any order, each once. */
  subset(count: number, minimum = 0): number[] {
    const all = Array.from({ length: count }, (_, i) => i);
    return this.generate(fc.shuffledSubarray, all, { minLength: Math.min(minimum, count) });
  }

  permutation(count: number): number[] {
    return this.subset(count, count);
  }

  /** Uniform numbers between `from` and `to`. */
  numbers(count: number, from = -1, to = 1): Float32Array {
    const next = uniform(this.integer(0, 2 ** 31 - 1));
    return Float32Array.from({ length: count }, () => from + (to - from) * next());
  }

  /** Numbers at least 0.1 apart from each other and from 0, in random order and with random signs. */
  distinct(count: number): Float32Array {
    const next = uniform(this.integer(0, 2 ** 31 - 1));
    const values = Float32Array.from({ length: count }, (_, i) => (next() < 0.5 ? -1 : 1) * (i + 1) * 0.1);
    for (let i = count - 1; i > 0; i -= 1) {
      const j = Math.floor(next() * (i + 1));
      [values[i], values[j]] = [values[j]!, values[i]!];
    }
    return values;
  }

  /** A new input of the graph; uniform between -1 and 1 unless values are given. */
  input(shape: Shape, values = this.numbers(size(shape))): Tensor {
    const tensor = input(`x${this.inputs.length}`, shape);
    this.inputs.push(tensor);
    this.values[tensor.label!] = values;
    return tensor;
  }
}

/** Checks a property for random draws; fast-check makes a failing draw smaller. */
export function forAll(runs: number, check: (draw: Draw) => Promise<void>): Promise<void> {
  return fc.assert(
    fc.asyncProperty(fc.gen(), (generate) => check(new Draw(generate))),
    { numRuns: runs },
  );
}

const size = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);

/** Park and Miller's generator, enough to fill tensors. */
function uniform(seed: number): () => number {
  let state = (seed % 2147483646) + 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
