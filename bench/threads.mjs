/*
 * What threads bring: `node bench/threads.mjs [--threads=1,2,4,8] [--rounds=3] [NAME...]`. Each measurement is in a process of its own; a
 * round has each number of threads once, so that a change of the machine's speed meets all. Prints medians of the rounds in Markdown, and
 * against as many threads as there are processors: more of them must not be slower by 5 percent.
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { median, ours } from './processes.mjs';

const works = {
  'one iteration, VGG-19, 512x512': ['./iteration.mjs', 'vgg19', 512, 2, Infinity],
  'one iteration, shipped network, 512x512': ['./iteration.mjs', 'shipped', 512, 6, Infinity],
  'one pass, light network, 1920x1080': ['./style-network.mjs', 'light', 16, 1080, 1920, 3],
  'one training step, base 32, 256x256, batch 4': ['./training-step.mjs', 256, 4, 32, 2],
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: 'string', default: '1,2,4,8' },
    rounds: { type: 'string', default: '3' },
  },
});
const counts = values.threads.split(',').map(Number);
const rounds = Number(values.rounds);
const processors = availableParallelism();
const load = () => `Load of the machine: ${loadavg()[0].toFixed(1)}.`;

console.log(`${processors} processors, median of ${rounds} rounds. ${load()}\n`);
console.log(`| milliseconds with so many threads | ${counts.join(' | ')} | most beyond ${processors} |`);
console.log(`| --- |${' --- |'.repeat(counts.length + 1)}`);
for (const [name, args] of Object.entries(works)) {
  if (positionals.length > 0 && !positionals.some((part) => name.includes(part))) continue;
  const times = counts.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    counts.forEach((threads, index) => times[index].push(ours(...args, threads).median));
  }
  const typical = times.map(median);
  const atProcessors = typical[counts.indexOf(processors)];
  const beyond = typical.filter((_, index) => counts[index] > processors);
  const ratio =
    atProcessors === undefined || beyond.length === 0 ? '' : (Math.max(...beyond) / atProcessors).toFixed(2);
  console.log(`| ${name} | ${typical.map((one) => one.toFixed(0)).join(' | ')} | ${ratio} |`);
}
console.log(`\n${load()}`);
