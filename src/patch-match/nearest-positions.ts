import { throwIfAborted } from '../abort.js';
import { argMax, castToFloat, input, matmul, max, type NamedTensors } from '../graph/index.js';
import type { Program, Runtime } from '../runtime/runtime.js';

/** Vectors of positions, `[C, count]`: a channel's values of all positions one after the other. */
export interface PositionVectors {
  readonly channels: number;
  readonly count: number;
  readonly values: Float32Array;
}

/** Positions of a tile: the products of two tiles, 4 MB, stay in a processor's cache while they are compared. */
const tile = 1024;

/** The best candidate of a tile for each query of a tile: `score` and `match`, `[queries]`. */
function tileProducts(channels: number, queries: number, candidates: number): NamedTensors {
  const products = matmul(
    input('queries', [channels, queries]),
    input('candidates', [channels, candidates]),
    {
      transposeA: true,
    },
  );
  return { score: max(products, [1]), match: castToFloat(argMax(products, 1)) };
}

/**
 * Finds for every query vector the candidate with the largest inner product: the nearest by cosine where candidates have
 * unit length. Tile by tile, so that the memory does not grow with the number of pairs. Keeps the compiled graph; `dispose`
 * frees it.
 */
export class NearestPositions {
  private readonly programs = new Map<string, Program>();

  /** @param runtime stays the caller's, who disposes it */
  constructor(private readonly runtime: Runtime) {}

  /**
   * @returns for each query the number of its candidate, of equal ones the first
   */
  async find(
    queries: PositionVectors,
    candidates: PositionVectors,
    signal?: AbortSignal,
  ): Promise<Int32Array> {
    const { channels } = queries;
    const sizes = [queries, candidates].map(({ count }) => Math.min(tile, count)) as [number, number];
    const program = await this.compiled(channels, ...sizes);
    const best = new Int32Array(queries.count);
    const scores = new Float32Array(queries.count).fill(-Infinity);
    const starts = (count: number, size: number): number[] =>
      Array.from({ length: Math.ceil(count / size) }, (_, index) => Math.min(index * size, count - size));
    for (const first of starts(candidates.count, sizes[1])) {
      await program.bind({ candidates: cut(candidates, first, sizes[1]) });
      for (const from of starts(queries.count, sizes[0])) {
        throwIfAborted(signal);
        const { score, match } = await program.run({ queries: cut(queries, from, sizes[0]) });
        for (let i = 0; i < sizes[0]; i += 1) {
          if (score![i]! <= scores[from + i]!) continue;
          scores[from + i] = score![i]!;
          best[from + i] = first + match![i]!;
        }
      }
    }
    return best;
  }

  /** Frees the compiled graphs. */
  async dispose(): Promise<void> {
    const programs = [...this.programs.values()];
    this.programs.clear();
    await Promise.all(programs.map((program) => program.dispose()));
  }

  private async compiled(channels: number, queries: number, candidates: number): Promise<Program> {
    const key = `${channels} ${queries} ${candidates}`;
    const known =
      this.programs.get(key) ?? (await this.runtime.compile(tileProducts(channels, queries, candidates)));
    this.programs.set(key, known);
    return known;
  }
}

/** Some consecutive positions of all channels. */
function cut({ channels, count, values }: PositionVectors, from: number, length: number): Float32Array {
  const part = new Float32Array(channels * length);
  for (let channel = 0; channel < channels; channel += 1) {
    part.set(values.subarray(channel * count + from, channel * count + from + length), channel * length);
  }
  return part;
}
