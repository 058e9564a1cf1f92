/*
 * Times the matching of all patches of one map with those of another. Arguments: side, channels, patch, repeats, and the search, exact
 * unless given.
 */
import { createNativeRuntime, PatchMatcher } from '../dist/engine.node.js';
import { megabytes, median } from './processes.mjs';

const [side, channels, patch, repeats] = process.argv.slice(2, 6).map(Number);
const search = process.argv[6];
const size = channels * side * side;
const maps = (seed) => ({
  shape: [1, channels, side, side],
  values: Float32Array.from({ length: size }, (_, i) => Math.max(0, Math.sin((i + 1) * seed))),
});

const [input, target] = [maps(12.9898), maps(78.233)];
const matcher = new PatchMatcher(createNativeRuntime());
const times = [];
let result;
// The first match compiles the graph and warms up.
for (let repeat = 0; repeat <= repeats; repeat += 1) {
  const start = performance.now();
  result = await matcher.match(input, target, { patch, search });
  times.push(performance.now() - start);
}
const timed = times.slice(1);
const mean = result.scores.reduce((sum, score) => sum + score, 0) / result.scores.length;
console.log(
  JSON.stringify({
    best: Math.min(...timed),
    median: median(timed),
    mean_score: mean,
    megabytes: megabytes(),
  }),
);
