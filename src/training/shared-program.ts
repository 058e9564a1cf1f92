import { estimateCost, type NamedTensors } from '../graph/index.js';
import type { InputValues, OutputValues, Program, Runtime } from '../runtime/runtime.js';

/** A graph of a number of pictures, each of whose outputs is a mean over them. */
export type GraphOfPictures = (pictures: number) => NamedTensors;

/** What a run costs by itself, in floating-point operations: parameters in, outputs back, a thousand operators started. */
const operationsOfRun = 1e9;
/** How much of a run's work may be the same whatever its pictures. */
const toleratedShare = 0.05;

/** Some of a batch's pictures, and what computes them. */
interface Part {
  readonly program: Program;
  readonly first: number;
  readonly pictures: number;
}

/**
 * A graph of a batch of pictures, done in parts, which are shared out among several runtimes that work at the same time; the
 * outputs are put together again. With as many runtimes of one thread as there are processors, every operator keeps all of
 * them busy, those included that ONNX Runtime runs on one thread. A runtime takes all of its pictures at once where they
 * have much work in common; otherwise few after few, which takes as long and needs less memory.
 */
export class SharedProgram {
  private constructor(
    /** For each runtime, its parts. */
    private readonly shares: readonly (readonly Part[])[],
    private readonly pictures: number,
  ) {}

  /** @param runtimes of which no more are used than there are pictures */
  static async compile(
    runtimes: readonly Runtime[],
    graphOf: GraphOfPictures,
    pictures: number,
  ): Promise<SharedProgram> {
    const used = runtimes.slice(0, pictures);
    const runs = Math.floor(Math.ceil(pictures / used.length) / fewestPictures(graphOf));
    const count = Math.min(pictures, Math.max(1, runs) * used.length);
    const sizes = Array.from({ length: count }, (_, part) => sizeOfPart(pictures, count, part));
    const firsts = sizes.map((_, part) => sizes.slice(0, part).reduce((sum, size) => sum + size, 0));
    const shares = used.map(async (runtime, index) => {
      const programs = new Map<number, Promise<Program>>();
      const own = sizes.map((_, part) => part).filter((part) => part % used.length === index);
      return Promise.all(
        own.map(async (part) => {
          const size = sizes[part]!;
          const program = programs.get(size) ?? runtime.compile(graphOf(size));
          programs.set(size, program);
          return { program: await program, first: firsts[part]!, pictures: size };
        }),
      );
    });
    return new SharedProgram(await Promise.all(shares), pictures);
  }

  /** Keeps the values of inputs that are the same for all pictures. */
  async bind(inputs: InputValues): Promise<void> {
    await Promise.all(this.programs().map((program) => program.bind(inputs)));
  }

  /**
   * @param perPicture inputs whose first axis is that of the pictures
   * @param common inputs that all pictures have in common
   * @returns the mean of each output over all pictures
   */
  async run(perPicture: InputValues, common: InputValues = {}): Promise<OutputValues> {
    const runs = this.shares.map(async (parts) => {
      const found: { readonly pictures: number; readonly outputs: OutputValues }[] = [];
      for (const part of parts) {
        const outputs = await part.program.run({ ...common, ...this.slice(perPicture, part) });
        found.push({ pictures: part.pictures, outputs });
      }
      return found;
    });
    const parts = (await Promise.all(runs)).flat();
    const { outputs } = parts[0]!;
    if (parts.length > 1) {
      const weights = parts.map((part) => part.pictures / this.pictures);
      for (const [name, values] of Object.entries(outputs)) {
        average(
          parts.map((part) => part.outputs[name]!),
          weights,
          values,
        );
      }
    }
    return outputs;
  }

  async dispose(): Promise<void> {
    await Promise.all(this.programs().map((program) => program.dispose()));
  }

  private programs(): Program[] {
    return [...new Set(this.shares.flat().map(({ program }) => program))];
  }

  private slice(inputs: InputValues, { first, pictures }: Part): InputValues {
    return Object.fromEntries(
      Object.entries(inputs).map(([name, values]) => {
        const size = values.length / this.pictures;
        // A copy: a view would travel to a worker with all of its memory.
        return [name, values.slice(first * size, (first + pictures) * size)];
      }),
    );
  }
}

/** With fewer pictures a run would spend too much on what it does whatever their number. */
function fewestPictures(graphOf: GraphOfPictures): number {
  const [one, two] = [1, 2].map((pictures) => estimateCost(graphOf(pictures)).operations) as [number, number];
  const ofPicture = two - one;
  const always = one - ofPicture + operationsOfRun;
  return Math.max(1, always / (toleratedShare * ofPicture));
}

/** As equal parts as can be: the first ones have one picture more where they can't be equal. */
const sizeOfPart = (pictures: number, parts: number, index: number): number =>
  Math.floor(pictures / parts) + (index < pictures % parts ? 1 : 0);

/** The mean of the parts' means, each weighted by its pictures. */
function average(parts: readonly Float32Array[], weights: readonly number[], into: Float32Array): void {
  for (let i = 0; i < into.length; i += 1) {
    let sum = 0;
    for (let part = 0; part < parts.length; part += 1) sum += weights[part]! * parts[part]![i]!;
    into[i] = sum;
  }
}
