import { blocksOf } from './block-search.js';
import type { ComparedSizes } from './comparison.js';
import { patchesAlong } from './correlation.js';
import { normRank } from './patch-norms.js';
import { tapRadius, tapReach, tapsInside, type PatchTaps } from './patch-taps.js';
import type { RowTiles } from './row-correlation.js';
import { windowSize, type Blocks, type MapSize } from './windows.js';

/*
 * About how long the forms of the search take, in nanoseconds of one thread with AVX-512. Only their ratios matter, which are
 * much the same elsewhere.
 */

/** A multiplication with its addition in a matrix product. */
const multiplication = 0.0286;
/** Copying a value. */
const copy = 0.2;
/** A run of a graph, whatever it computes: its operators' start, and the threads that wait for each other. */
const run = 1e5;
/** By blocks, a product of positions: sums over the taps, norms, quotients and comparisons, each in passes of its own. */
const blockPass = { fixed: 2.2, tap: 0.2 };
/** By rows, a product of positions: a convolution for all taps. */
const rowPass = { fixed: 0.1, tap: 0.03 };
/** By rows, a pair of patches: norms, quotients and the largest. */
const rowPair = 1.1;

/** The most products of a run by rows: 1 MB, which stay in a processor's cache until they are summed. */
const mostProducts = 2 ** 18;
/** Ranges of columns from which on the norms' product takes more than the search by blocks. */
const mostNorms = 64;

/** What a search by blocks takes. */
function blockCost(sizes: ComparedSizes): number {
  const { channels, input, target, offsets } = blocksOf(sizes);
  const positions = (blocks: Blocks): number => windowSize(blocks).height * windowSize(blocks).width;
  const products = positions(input) * positions(target);
  const taps = offsets.length ** 2;
  const norms = 2 * taps * multiplication * patchesAlong(input) * positions(target);
  const each = channels * multiplication + blockPass.fixed + blockPass.tap * taps;
  return input.origins.length * target.origins.length * (products * each + norms + run);
}

/** How a search by rows is cut into runs, and what it takes. */
export interface RowPlan extends RowTiles {
  readonly cost: number;
}

/** The quickest search by rows; `undefined` where the products of a run or those of the norms would be too many. */
export function planRows({ input: a, target: b, taps }: ComparedSizes): RowPlan | undefined {
  const norms = normRank(tapsInside(a.width, taps), tapsInside(b.width, taps));
  if (norms > mostNorms) return undefined;
  const reach = tapReach(taps);
  const turns = b.height + tapRadius(taps);
  const refinement = refinementCost(a, b, taps);
  let best: RowPlan | undefined;
  for (const rows of partLengths(a.height)) {
    for (const inputColumns of partLengths(a.width)) {
      for (const targetColumns of partLengths(b.width)) {
        const inputWidth = wholeBlocks(inputColumns + reach);
        const targetWidth = wholeBlocks(targetColumns + reach + 1) - 1;
        const products = (rows + reach) * inputWidth * targetWidth;
        if (products > mostProducts) continue;
        const each = a.channels * multiplication + rowPass.fixed + rowPass.tap * taps.count ** 2;
        const pairs = rows * inputColumns * targetColumns * (rowPair + norms * multiplication);
        const gathered = (rows + reach) * a.channels * targetWidth * copy;
        const runs =
          turns *
          Math.ceil(a.height / rows) *
          Math.ceil(a.width / inputColumns) *
          Math.ceil(b.width / targetColumns);
        const cost = refinement + runs * (products * each + pairs + gathered + run);
        if (best === undefined || cost < best.cost) {
          best = { rows, inputColumns, targetColumns, inputWidth, targetWidth, cost };
        }
      }
    }
  }
  return best;
}

/** Patches of a run that looks for the place in a row. */
export const refinedAtOnce = 64;

/** What looking for each patch's place in the row of its best match takes. */
function refinementCost(a: MapSize, b: MapSize, { count }: PatchTaps): number {
  const patches = a.height * a.width;
  const values = count ** 2 * a.channels;
  const runs = patches / refinedAtOnce + b.height / 2;
  const pairs = runs * refinedAtOnce * b.width;
  return patches * values * copy + pairs * (values * multiplication + blockPass.fixed) + runs * run;
}

/** The quickest form of an exact search: by rows, with how it is cut, or by blocks where that is `undefined`. */
export function quickestRows(sizes: ComparedSizes): RowPlan | undefined {
  const rows = planRows(sizes);
  return rows !== undefined && rows.cost < blockCost(sizes) ? rows : undefined;
}

/** Lengths of equal parts of a side, in any number of parts. */
function partLengths(side: number): Set<number> {
  return new Set(Array.from({ length: side }, (_, i) => Math.ceil(side / (i + 1))));
}

/** ONNX Runtime's blocks have up to 16 numbers. */
const wholeBlocks = (length: number): number => Math.ceil(length / 16) * 16;
