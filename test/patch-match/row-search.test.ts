import { afterAll, describe } from 'vitest';
import type { Comparison } from '../../src/patch-match/comparison.js';
import type { RowTiles } from '../../src/patch-match/row-correlation.js';
import { RowSearch } from '../../src/patch-match/row-search.js';
import { planRows } from '../../src/patch-match/search-cost.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { describeExactSearch } from './exact-search-cases.js';

const runtime = createNativeRuntime({ threads: 1 });
const search = new RowSearch(runtime);
afterAll(() => runtime.dispose());

/** Tiles of a few positions: matches are across them, and the last ones overlap those before. */
const smallTiles = ({ input, target }: Comparison, plan: RowTiles): RowTiles => ({
  ...plan,
  rows: Math.min(2, input.height),
  inputColumns: Math.min(3, input.width),
  targetColumns: Math.min(4, target.width),
});

describe('a search by rows', () => {
  describeExactSearch((comparison, control, small) => {
    const plan = planRows(comparison)!;
    return search.find(comparison, small ? smallTiles(comparison, plan) : plan, control);
  });
});
