import type { NamedTensors } from '../graph/index.js';
import type { InputValues, OutputValues, Program, Runtime } from '../runtime/runtime.js';

/** A graph of a number of pictures, each of whose outputs is a mean over them. */
export type GraphOfPictures = (pictures: number) => NamedTensors;

interface Share {
  readonly program: Program;
  readonly pictures: number;
}

/**
 * A graph of a batch of pictures, shared out among several runtimes that work at the same time, each on its pictures; the
 * outputs are put together again. With as many runtimes of one thread as there are processors, every operator keeps all of
 * them busy, those included that ONNX Runtime runs on one thread.
 */
export class SharedProgram {
  private constructor(
    private readonly shares: readonly Share[],
    private readonly pictures: number,
  ) {}

  /** @param runtimes of which no more are used than there are pictures */
  static async compile(
    runtimes: readonly Runtime[],
    graphOf: GraphOfPictures,
    pictures: number,
  ): Promise<SharedProgram> {
    const used = runtimes.slice(0, pictures);
    const shares = await Promise.all(
      used.map(async (runtime, index) => {
        const own = shareOf(pictures, used.length, index);
        return { program: await runtime.compile(graphOf(own)), pictures: own };
      }),
    );
    return new SharedProgram(shares, pictures);
  }

  /** Keeps the values of inputs that are the same for all pictures. */
  async bind(inputs: InputValues): Promise<void> {
    await Promise.all(this.shares.map(({ program }) => program.bind(inputs)));
  }

  /**
   * @param perPicture inputs whose first axis is that of the pictures
   * @param common inputs that all pictures have in common
   * @returns the mean of each output over all pictures
   */
  async run(perPicture: InputValues, common: InputValues = {}): Promise<OutputValues> {
    let first = 0;
    const runs = this.shares.map(({ program, pictures }) => {
      const own = this.slice(perPicture, first, first + pictures);
      first += pictures;
      return program.run({ ...common, ...own });
    });
    const [outputs, ...others] = await Promise.all(runs);
    if (others.length > 0) {
      for (const [name, values] of Object.entries(outputs!)) {
        this.average([values, ...others.map((other) => other[name]!)], values);
      }
    }
    return outputs!;
  }

  async dispose(): Promise<void> {
    await Promise.all(this.shares.map(({ program }) => program.dispose()));
  }

  private slice(inputs: InputValues, first: number, end: number): InputValues {
    return Object.fromEntries(
      Object.entries(inputs).map(([name, values]) => {
        const size = values.length / this.pictures;
        // A copy: a view would travel to a worker with all of its memory.
        return [name, values.slice(first * size, end * size)];
      }),
    );
  }

  /** The mean of the shares' means, each as often as it has pictures. */
  private average(parts: readonly Float32Array[], into: Float32Array): void {
    const weights = this.shares.map(({ pictures }) => pictures / this.pictures);
    for (let i = 0; i < into.length; i += 1) {
      let sum = 0;
      for (let part = 0; part < parts.length; part += 1) sum += weights[part]! * parts[part]![i]!;
      into[i] = sum;
    }
  }
}

/** As equal shares as can be: the first ones have one picture more where they can't be equal. */
const shareOf = (pictures: number, shares: number, index: number): number =>
  Math.floor(pictures / shares) + (index < pictures % shares ? 1 : 0);
