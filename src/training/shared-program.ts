import { estimateCost, type NamedTensors } from '../graph/index.js';
import type { InputValues, OutputValues, Program, Runtime } from '../runtime/runtime.js';

/** A graph of a number of pictures, each of whose outputs is a mean over them. */
export type GraphOfPictures = (pictures: number) => NamedTensors;

/** Overhead of a run, in floating-point operations: parameters in, outputs back, the start of a thousand operators. */
const operationsOfRun = 1e9;
/** The largest share of a run's cost that doesn't depend on its number of pictures. */
const toleratedShare = 0.05;

/** A range of a batch's pictures. */
interface PictureRange {
  readonly first: number;
  readonly pictures: number;
}

/** A range with its program. */
interface Part extends PictureRange {
  readonly program: Program;
}

/**
 * A graph of a batch of pictures, computed in parts on several runtimes in parallel; the outputs are averaged. With as many
 * runtimes of one thread as there are processors, all of them are busy even in operators that ONNX Runtime runs on one
 * thread. A runtime takes all of its pictures at once where a large share of the cost doesn't depend on their number;
 * otherwise a few at a time, which takes as long and needs less memory.
 */
export class SharedProgram {
  private constructor(
    /** For each runtime, its parts. */
    private readonly shares: readonly (readonly Part[])[],
    private readonly pictures: number,
  ) {}

  /** @param runtimes at most one per picture is used */
  static async compile(
    runtimes: readonly Runtime[],
    graphOf: GraphOfPictures,
    pictures: number,
  ): Promise<SharedProgram> {
    const used = runtimes.slice(0, pictures);
    const parts = divide(pictures, countParts(graphOf, pictures, used.length));
    const shares = used.map(async (runtime, index) => {
      const programs = new Map<number, Program>();
      const share: Part[] = [];
      for (const part of parts.filter((_, place) => place % used.length === index)) {
        const program = programs.get(part.pictures) ?? (await runtime.compile(graphOf(part.pictures)));
        programs.set(part.pictures, program);
        share.push({ ...part, program });
      }
      return share;
    });
    return new SharedProgram(await Promise.all(shares), pictures);
  }

  /** Keeps the values of inputs that are the same for all pictures. */
  async bind(inputs: InputValues): Promise<void> {
    await Promise.all(this.programs().map((program) => program.bind(inputs)));
  }

  /**
   * @param perPicture inputs whose first axis is that of the pictures
   * @param common inputs that are the same for all pictures
   * @returns the mean of each output over all pictures
   */
  async run(perPicture: InputValues, common: InputValues = {}): Promise<OutputValues> {
    const runs = this.shares.map(async (parts) => {
      const found: OutputValues[] = [];
      for (const part of parts) {
        found.push(await part.program.run({ ...common, ...this.slice(perPicture, part) }));
      }
      return found;
    });
    const found = (await Promise.all(runs)).flat();
    const means = found[0]!;
    if (found.length > 1) {
      const weights = this.shares.flat().map((part) => part.pictures / this.pictures);
      for (const [name, into] of Object.entries(means)) {
        const parts = found.map((outputs) => outputs[name]!);
        average(parts, weights, into);
      }
    }
    return means;
  }

  async dispose(): Promise<void> {
    await Promise.all(this.programs().map((program) => program.dispose()));
  }

  private programs(): Program[] {
    return [...new Set(this.shares.flat().map(({ program }) => program))];
  }

  private slice(inputs: InputValues, { first, pictures }: PictureRange): InputValues {
    return Object.fromEntries(
      Object.entries(inputs).map(([name, values]) => {
        const size = values.length / this.pictures;
        // A copy: a view would be sent to a worker with its whole buffer.
        return [name, values.slice(first * size, (first + pictures) * size)];
      }),
    );
  }
}

/** The number of parts of a batch: as many per runtime as the overhead of each part allows. */
function countParts(graphOf: GraphOfPictures, pictures: number, runtimes: number): number {
  const most = Math.ceil(pictures / runtimes);
  if (most === 1) return pictures;
  const [one, two] = [1, 2].map((count) => estimateCost(graphOf(count)).operations) as [number, number];
  const ofPicture = two - one;
  const always = one - ofPicture + operationsOfRun;
  const fewest = Math.max(1, always / (toleratedShare * ofPicture));
  return Math.min(pictures, Math.max(1, Math.floor(most / fewest)) * runtimes);
}

/** Parts of equal size, or the first ones with one picture more. */
function divide(pictures: number, parts: number): PictureRange[] {
  const [each, more] = [Math.floor(pictures / parts), pictures % parts];
  return Array.from({ length: parts }, (_, part) => ({
    first: part * each + Math.min(part, more),
    pictures: each + (part < more ? 1 : 0),
  }));
}

/** The mean of the parts' means, each weighted by its pictures. */
function average(parts: readonly Float32Array[], weights: readonly number[], into: Float32Array): void {
  for (let i = 0; i < into.length; i += 1) {
    let sum = 0;
    for (let part = 0; part < parts.length; part += 1) sum += weights[part]! * parts[part]![i]!;
    into[i] = sum;
  }
}
