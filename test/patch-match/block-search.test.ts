import { afterAll, describe } from 'vitest';
import { BlockSearch } from '../../src/patch-match/block-search.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { describeExactSearch } from './exact-search-cases.js';

const runtime = createNativeRuntime({ threads: 1 });
const search = new BlockSearch(runtime);
afterAll(() => runtime.dispose());

describe('a search by blocks', () => {
  describeExactSearch((comparison, control) => search.find(comparison, control));
});
