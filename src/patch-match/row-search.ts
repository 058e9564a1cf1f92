import { throwIfAborted } from '../abort.js';
import type { NamedTensors } from '../graph/index.js';
import type { Program, Runtime } from '../runtime/runtime.js';
import { BestMatches } from './best-matches.js';
import type { Comparison, SearchControl } from './comparison.js';
import { ChannelsLast } from './channels-last.js';
import { NormFactors } from './patch-norms.js';
import { tapRadius, tapReach } from './patch-taps.js';
import { bestOfRow, rowMaxima, type RowTiles } from './row-correlation.js';
import { refinedAtOnce } from './search-cost.js';
import type { FeatureMap } from './windows.js';

/** The first of the two stages in what is reported as done. */
const firstStage = 0.95;

/**
 * Finds best matches in two stages: for each patch the target's row that has the best one, by {@link rowMaxima}; then the place
 * in that row, by {@link bestOfRow}. Only the largest scores are asked of the many pairs of the first stage, since finding out
 * where they are takes as long again.
 */
export class RowSearch {
  private readonly programs = new Map<string, { readonly key: string; readonly program: Program }>();

  /** @param runtime stays the caller's, who disposes it */
  constructor(private readonly runtime: Runtime) {}

  /** The best match of each of the input's positions. */
  async find(
    comparison: Comparison,
    tiles: RowTiles,
    { signal, onProgress }: SearchControl,
  ): Promise<BestMatches> {
    const { input, target, taps, scale, epsilon } = comparison;
    const sides: Sides = {
      input: new ChannelsLast(input, scale.input),
      inputNorms: new NormFactors(input, target, taps, 'input', scale.input, 1),
      targetNorms: new NormFactors(target, input, taps, 'target', scale.target, epsilon),
    };
    const rows = await this.bestRows(comparison, sides, tiles, {
      signal,
      onProgress: (done) => onProgress?.(firstStage * done),
    });
    const matches = await this.bestPlaces(comparison, sides, rows, signal);
    onProgress?.(1);
    return matches;
  }

  /** Frees the compiled graphs. */
  async dispose(): Promise<void> {
    const kept = [...this.programs.values()];
    this.programs.clear();
    await Promise.all(kept.map(({ program }) => program.dispose()));
  }

  /**
   * For each position the row of the target that has its best match. The target's rows are followed by rows of zeros, as many as
   * patches reach beyond it, and then by its first rows again: so each row of the input meets each of the target in turn.
   */
  private async bestRows(
    { input, target, taps, scale }: Comparison,
    sides: Sides,
    tiles: RowTiles,
    { signal, onProgress }: SearchControl,
  ): Promise<Int32Array> {
    const { rows, inputColumns, targetColumns, inputWidth, targetWidth } = tiles;
    const turns = target.height + tapRadius(taps);
    const window = rows + tapReach(taps);
    const norms = sides.inputNorms.rank;
    const shape = { ...tiles, channels: input.channels, taps, targetRows: turns, norms };
    const program = await this.compiled('rows', shape, () => rowMaxima(shape));
    const best = new BestMatches(input.height * input.width);
    const starts = [
      startsOf(target.width, targetColumns),
      startsOf(input.width, inputColumns),
      startsOf(input.height, rows),
    ] as const;
    // Filled anew for each run, since there are many. For rows beyond the target any factors do that are not zero.
    const targetRow = new BigInt64Array(window);
    const factors = {
      input: new Float32Array(rows * inputColumns * norms).fill(1),
      target: new Float32Array(rows * targetColumns * norms).fill(1),
    };
    const parts = starts.reduce((product, { length }) => product * length, 1);
    let done = 0;
    for (const targetColumn of starts[0]) {
      await program.bind({
        target: targetTile(target, targetColumn + taps.first, targetWidth, turns, scale.target),
      });
      const targetNorms = sides.targetNorms.ofColumns(targetColumn, targetColumns);
      for (const column of starts[1]) {
        const inputNorms = sides.inputNorms.ofColumns(column, inputColumns);
        for (const row of starts[2]) {
          const origin = [row + taps.first, column + taps.first] as const;
          await program.bind({ input: sides.input.window(origin, [window, inputWidth]) });
          const written: Float32Array[] = [];
          for (let turn = 0; turn < turns; turn += 1) {
            throwIfAborted(signal);
            for (let i = 0; i < window; i += 1) {
              targetRow[i] = BigInt((row + taps.first + i + turn + turns) % turns);
            }
            for (let y = 0; y < rows; y += 1) {
              const match = (row + y + turn) % turns;
              if (match >= target.height) continue;
              const inputFactors = inputNorms(row + y, match);
              // Away from the target's first and last rows they stay.
              if (inputFactors !== written[y]) factors.input.set(inputFactors, y * inputColumns * norms);
              written[y] = inputFactors;
              factors.target.set(targetNorms(match, row + y), y * targetColumns * norms);
            }
            const { score } = await program.run({
              targetRow,
              inputNorms: factors.input,
              targetNorms: factors.target,
            });
            for (let y = 0; y < rows; y += 1) {
              const match = (row + y + turn) % turns;
              if (match >= target.height) continue;
              const position = (row + y) * input.width + column;
              for (let x = 0; x < inputColumns; x += 1) {
                best.offer(position + x, match, score![y * inputColumns + x]!);
              }
            }
          }
          done += 1;
          onProgress?.(done / parts);
        }
      }
    }
    return best.matches;
  }

  /** The best match of each position, in the row that has it. */
  private async bestPlaces(
    { input, target, taps, scale }: Comparison,
    sides: Sides,
    rows: Int32Array,
    signal: AbortSignal | undefined,
  ): Promise<BestMatches> {
    const { inputNorms, targetNorms } = sides;
    const stretch = taps.count * input.channels;
    const shape = {
      patches: refinedAtOnce,
      values: taps.count * stretch,
      targetColumns: target.width,
      norms: inputNorms.rank,
    };
    const program = await this.compiled('places', shape, () => bestOfRow(shape));
    const best = new BestMatches(rows.length);
    const channelsLast = new ChannelsLast(target, scale.target);
    const write = (map: ChannelsLast, row: number, column: number, into: Float32Array, at: number): void => {
      for (let k = 0; k < taps.count; k += 1) {
        const y = row + taps.first + k * taps.step;
        const [pieces, length] = taps.step === 1 ? [1, taps.count] : [taps.count, 1];
        for (let l = 0; l < pieces; l += 1) {
          const x = column + taps.first + l * taps.step;
          map.writeRow(y, x, length, into, at + k * stretch + l * input.channels);
        }
      }
    };
    const unfolded = new Float32Array(target.width * shape.values);
    const patches = new Float32Array(refinedAtOnce * shape.values);
    const factors = new Float32Array(refinedAtOnce * shape.norms).fill(1);
    for (const [row, groups] of positionsByRow(rows, input, targetNorms)) {
      unfolded.fill(0);
      for (let x = 0; x < target.width; x += 1) write(channelsLast, row, x, unfolded, x * shape.values);
      await program.bind({ target: unfolded });
      for (const positions of groups) {
        const y = Math.floor(positions[0]! / input.width);
        const range = targetNorms.rowRange(y);
        await program.bind({ targetNorms: targetNorms.factors(row, range, 0, target.width) });
        for (let from = 0; from < positions.length; from += refinedAtOnce) {
          throwIfAborted(signal);
          const some = positions.slice(from, from + refinedAtOnce);
          patches.fill(0);
          some.forEach((position, i) => {
            const [at, column] = [Math.floor(position / input.width), position % input.width];
            write(sides.input, at, column, patches, i * shape.values);
            factors.set(inputNorms.factors(at, inputNorms.rowRange(row), column, 1), i * shape.norms);
          });
          const { score, match } = await program.run({ patches, inputNorms: factors });
          some.forEach((position, i) => {
            best.offer(position, row * target.width + match![i]!, score![i]!);
          });
        }
      }
    }
    return best;
  }

  /** A stage's graph for the shapes of this search; that for others is freed. */
  private async compiled(stage: string, shape: object, build: () => NamedTensors): Promise<Program> {
    const key = JSON.stringify(shape);
    const known = this.programs.get(stage);
    if (known?.key === key) return known.program;
    this.programs.delete(stage);
    await known?.program.dispose();
    const program = await this.runtime.compile(build());
    this.programs.set(stage, { key, program });
    return program;
  }
}

/** What both stages need of the maps. */
interface Sides {
  readonly input: ChannelsLast;
  readonly inputNorms: NormFactors;
  readonly targetNorms: NormFactors;
}

/** Where equal parts of a side begin; the last one overlaps the one before. */
function startsOf(side: number, part: number): number[] {
  return Array.from({ length: Math.ceil(side / part) }, (_, i) => Math.min(i * part, side - part));
}

/** Columns of all rows of the target, and of the rows of zeros after them, `[rows, C, columns]`. */
function targetTile(
  { channels, height, width, values }: FeatureMap,
  column: number,
  columns: number,
  rows: number,
  scale: number,
): Float32Array {
  const tile = new Float32Array(rows * channels * columns);
  const [from, to] = [Math.max(0, column), Math.min(width, column + columns)];
  for (let row = 0; row < height; row += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      const source = (channel * height + row) * width;
      const at = (row * channels + channel) * columns - column;
      for (let x = from; x < to; x += 1) tile[at + x] = values[source + x]! * scale;
    }
  }
  return tile;
}

/** Positions by the row of the target that they are looked for in, and in it by which taps lie inside the input's row. */
function positionsByRow(
  rows: Int32Array,
  { width }: FeatureMap,
  target: NormFactors,
): Map<number, number[][]> {
  const found = new Map<number, Map<string, number[]>>();
  rows.forEach((row, position) => {
    const { from, to } = target.rowRange(Math.floor(position / width));
    const groups = found.get(row) ?? new Map<string, number[]>();
    found.set(row, groups);
    const group = groups.get(`${from} ${to}`) ?? [];
    groups.set(`${from} ${to}`, group);
    group.push(position);
  });
  return new Map([...found].map(([row, groups]) => [row, [...groups.values()]]));
}
