import { estimateCost, type NamedTensors } from '../graph/index.js';
import type { InputValues, OutputValues, Program, Runtime } from '../runtime/runtime.js';

/** A graph of a number of pictures, each of whose outputs is a mean over them. */
export type GraphOfPictures = (pictures: number) => NamedTensors;

/** Bytes of intermediate values that one run may need for the sake of taking several pictures at once. */
const enoughBytes = 2 ** 27;

/**
 * A graph of a batch of pictures, done in parts, which are shared out among several runtimes that work at the same time; the
 * outputs are put together again. With as many runtimes of one thread as there are processors, every operator keeps all of
 * them busy, those included that ONNX Runtime runs on one thread. Parts of small pictures are as large as the runtimes'
 * number allows; large pictures gain no time from that, but need the memory, and go one at a time.
 */
export class SharedProgram {
  private constructor(
    private readonly programs: readonly Program[],
    private readonly pictures: number,
    /** Pictures of a part. */
    private readonly together: number,
  ) {}

  /** @param runtimes of which no more are used than there are pictures */
  static async compile(
    runtimes: readonly Runtime[],
    graphOf: GraphOfPictures,
    pictures: number,
  ): Promise<SharedProgram> {
    const used = runtimes.slice(0, pictures);
    const { peakBytes } = estimateCost(graphOf(1));
    const most = Math.min(Math.ceil(pictures / used.length), enoughBytes / peakBytes);
    const together = largestDivisor(pictures, most);
    const graph = graphOf(together);
    const programs = await Promise.all(used.map((runtime) => runtime.compile(graph)));
    return new SharedProgram(programs, pictures, together);
  }

  /** Keeps the values of inputs that are the same for all pictures. */
  async bind(inputs: InputValues): Promise<void> {
    await Promise.all(this.programs.map((program) => program.bind(inputs)));
  }

  /**
   * @param perPicture inputs whose first axis is that of the pictures
   * @param common inputs that all pictures have in common
   * @returns the mean of each output over all pictures
   */
  async run(perPicture: InputValues, common: InputValues = {}): Promise<OutputValues> {
    const parts = new Array<OutputValues>(this.pictures / this.together);
    let next = 0;
    const work = async (program: Program): Promise<void> => {
      while (next < parts.length) {
        const part = next;
        next += 1;
        parts[part] = await program.run({ ...common, ...this.picturesOf(part, perPicture) });
      }
    };
    await Promise.all(this.programs.map(work));
    const [means, ...others] = parts;
    for (const [name, values] of Object.entries(means!)) {
      // In the order of the pictures, whoever was first, so that the rounding is always the same.
      for (const other of others) addTo(values, other[name]!);
      if (others.length > 0) divide(values, parts.length);
    }
    return means!;
  }

  async dispose(): Promise<void> {
    await Promise.all(this.programs.map((program) => program.dispose()));
  }

  private picturesOf(part: number, inputs: InputValues): InputValues {
    const first = part * this.together;
    return Object.fromEntries(
      Object.entries(inputs).map(([name, values]) => {
        const size = values.length / this.pictures;
        // A copy: a view would travel to a worker with all of its memory.
        return [name, values.slice(first * size, (first + this.together) * size)];
      }),
    );
  }
}

function addTo(sums: Float32Array, values: Float32Array): void {
  for (let i = 0; i < sums.length; i += 1) sums[i]! += values[i]!;
}

function divide(values: Float32Array, divisor: number): void {
  for (let i = 0; i < values.length; i += 1) values[i]! /= divisor;
}

/** The largest divisor up to a number, at least 1. */
function largestDivisor(dividend: number, most: number): number {
  let divisor = Math.max(1, Math.floor(most));
  while (dividend % divisor !== 0) divisor -= 1;
  return divisor;
}
