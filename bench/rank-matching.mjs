/*
 * Times rank matching of activations: every channel sorted, and given the target's values by rank. Arguments: channels,
 * values in a channel, repeats. Half of the values are zeros, as behind a rectifier. The target is sorted beforehand.
 */
import { RankTarget } from '../dist/engine.js';
import { megabytes, median } from './processes.mjs';

const [channels, size, repeats] = process.argv.slice(2).map(Number);
const activations = (seed) =>
  Float32Array.from({ length: channels * size }, (_, i) => Math.max(0, Math.sin((i + 1) * seed)));

const values = activations(12.9898);
const target = RankTarget.of(activations(78.233), channels);
const result = new Float32Array(values.length);
const times = [];
// The first match warms up, as it does in the yardstick.
for (let repeat = 0; repeat <= repeats; repeat += 1) {
  const start = performance.now();
  target.match(values, { result });
  times.push(performance.now() - start);
}
const timed = times.slice(1);
const rate = (milliseconds) => values.length / milliseconds / 1e3;
console.log(
  JSON.stringify({
    best: Math.min(...timed),
    median: median(timed),
    millions_per_second: rate(Math.min(...timed)),
    megabytes: megabytes(),
  }),
);
