import { throwIfAborted } from '../abort.js';
import { createRandom, type Random } from '../random.js';
import { BestMatches } from './best-matches.js';
import { comparisonOf, type Comparison, type SearchControl } from './comparison.js';
import { PatchScores } from './patch-scores.js';
import type { FeatureMap, MapSize } from './windows.js';

/** Sides up to which a level's matches are found by comparing every pair. */
const coarsestSide = 32;
/** Times that every position looks for a better match, at each level. */
const iterations = 4;
/**
 * Half the side of the first window that a position looks around in. Much of what is further away a coarser level has compared:
 * windows of the whole map find little more.
 */
const widestRadius = 32;
/** Positions that are looked for before whoever wants to end the search is let in. */
const positionsAtOnce = 4096;

/** Pairs of patches that a position of a level compares: its start, and in each turn two neighbours' and one in each window. */
export const scoresOfPosition = 1 + iterations * (2 + Math.log2(2 * widestRadius));

/** Finds best matches by comparing every pair. */
export type ExactSearch = (comparison: Comparison, control: SearchControl) => Promise<BestMatches>;

/**
 * PatchMatch (Barnes et al. 2009, section 3): a position's match is likely next to that of its neighbour. Each position tries
 * its neighbours' matches, moved along (propagation), and positions in windows of halving sides around its own (random search), by
 * rows from the beginning and from the end in turn. Where the paper starts from random matches, this starts from those of the
 * maps at half the size, down to a level whose pairs are all compared.
 * @param exact for the coarsest level
 */
export async function approximateSearch(
  comparison: Comparison,
  seed: number,
  exact: ExactSearch,
  { signal, onProgress }: SearchControl,
): Promise<BestMatches> {
  const levels = levelsOf(comparison);
  const coarsest = levels.at(-1)!;
  let best = await exact(coarsest, { signal });
  // A level takes as long as it has positions.
  const sizes = levels.map(({ input }) => input.height * input.width);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let done = sizes.at(-1)!;
  onProgress?.(done / total);
  for (let level = levels.length - 2; level >= 0; level -= 1) {
    const search = new Level(levels[level]!, best.matches, levels[level + 1]!, createRandom(seed, level));
    for (let turn = 0; turn < iterations; turn += 1) {
      for (let from = 0; from < sizes[level]!; from += positionsAtOnce) {
        await new Promise((resolve) => setTimeout(resolve));
        throwIfAborted(signal);
        const to = Math.min(sizes[level]!, from + positionsAtOnce);
        search.improve(from, to, turn % 2 === 1);
        done += (to - from) / iterations;
        onProgress?.(Math.min(1, done / total));
      }
    }
    best = search.best;
  }
  return best;
}

/** The comparison, and that of the maps at half the size, and so on. */
function levelsOf(comparison: Comparison): Comparison[] {
  const { input, target } = comparison;
  const { patch, stride } = comparison;
  if (isCoarsest(input, target, patch)) return [comparison];
  const half = comparisonOf(halved(input), halved(target), { patch, stride });
  return [comparison, ...levelsOf(half)];
}

/** Whether all pairs of two maps are compared. */
export function isCoarsest(input: MapSize, target: MapSize, patch: number): boolean {
  const sides = [input.height, input.width, target.height, target.width];
  return Math.max(...sides) <= coarsestSide || Math.min(...sides) < 2 * patch;
}

/** The size of a map at the next coarser level; a last row or column of an odd number is left out. */
export const coarserSize = ({ channels, height, width }: MapSize): MapSize => ({
  channels,
  height: Math.floor(height / 2),
  width: Math.floor(width / 2),
});

/** Means of 2 x 2 positions. */
function halved(map: FeatureMap): FeatureMap {
  const { channels, height, width, values } = map;
  const { height: rows, width: columns } = coarserSize(map);
  const half = new Float32Array(channels * rows * columns);
  for (let row = 0; row < channels * rows; row += 1) {
    const [channel, y] = [Math.floor(row / rows), row % rows];
    const [upper, lower] = [(channel * height + 2 * y) * width, (channel * height + 2 * y + 1) * width];
    for (let x = 0; x < columns; x += 1) {
      const [i, j] = [upper + 2 * x, lower + 2 * x];
      half[row * columns + x] = (values[i]! + values[i + 1]! + values[j]! + values[j + 1]!) / 4;
    }
  }
  return { channels, height: rows, width: columns, values: half };
}

/** One level's matches, which get better. */
class Level {
  readonly best: BestMatches;
  private readonly scores: PatchScores;
  private readonly input: FeatureMap;
  private readonly target: FeatureMap;

  /** @param matches those of the coarser level */
  constructor(
    comparison: Comparison,
    matches: Int32Array,
    coarser: Comparison,
    private readonly random: Random,
  ) {
    [this.input, this.target] = [comparison.input, comparison.target];
    this.scores = new PatchScores(comparison);
    const { height, width } = this.input;
    this.best = new BestMatches(height * width);
    const half = { input: coarser.input, target: coarser.target };
    for (let position = 0; position < height * width; position += 1) {
      const [y, x] = [Math.floor(position / width), position % width];
      const [above, before] = [
        Math.min(y >> 1, half.input.height - 1),
        Math.min(x >> 1, half.input.width - 1),
      ];
      const match = matches[above * half.input.width + before]!;
      const row = 2 * Math.floor(match / half.target.width) + (y - 2 * above);
      const column = 2 * (match % half.target.width) + (x - 2 * before);
      const start =
        Math.min(row, this.target.height - 1) * this.target.width + Math.min(column, this.target.width - 1);
      this.best.offer(position, start, this.scores.score(position, start));
    }
  }

  /** Some of the positions, by rows; the other way round if `backwards`. */
  improve(from: number, to: number, backwards: boolean): void {
    const size = this.input.height * this.input.width;
    for (let i = from; i < to; i += 1) {
      const position = backwards ? size - 1 - i : i;
      this.propagate(position, backwards ? 1 : -1);
      this.searchAround(position);
    }
  }

  /** Tries the matches of the neighbours that come before in this order. */
  private propagate(position: number, before: 1 | -1): void {
    const { width, height } = this.input;
    const [y, x] = [Math.floor(position / width), position % width];
    if (x + before >= 0 && x + before < width) this.tryMoved(position, position + before, 0, -before);
    if (y + before >= 0 && y + before < height) {
      this.tryMoved(position, position + before * width, -before, 0);
    }
  }

  private tryMoved(position: number, neighbor: number, down: number, right: number): void {
    const match = this.best.matches[neighbor]!;
    const { width } = this.target;
    this.try(position, Math.floor(match / width) + down, (match % width) + right);
  }

  private searchAround(position: number): void {
    const { height, width } = this.target;
    for (let radius = widestRadius; radius >= 1; radius /= 2) {
      const match = this.best.matches[position]!;
      const near = (center: number, length: number): number => {
        const from = Math.max(0, Math.ceil(center - radius));
        const to = Math.min(length - 1, Math.floor(center + radius));
        return from + Math.floor(this.random.uniform() * (to - from + 1));
      };
      this.try(position, near(Math.floor(match / width), height), near(match % width, width));
    }
  }

  private try(position: number, row: number, column: number): void {
    const { height, width } = this.target;
    if (row < 0 || row >= height || column < 0 || column >= width) return;
    const match = row * width + column;
    if (match === this.best.matches[position]) return;
    this.best.offer(position, match, this.scores.score(position, match));
  }
}
