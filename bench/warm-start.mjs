/*
 * What the result of one pass is worth as the start of the optimisation: `node bench/warm-start.mjs MODEL PHOTOGRAPH=PAINTING...
 * [--size 512]`. For each pair the default's loss and work, and for each other schedule the loss where it begins at the one pass and
 * where it begins at the photograph. Work is in steps at the full size: one at half of it counts a quarter.
 */
import { parseArgs } from 'node:util';
import { createSession, stylize } from '../dist/node.js';

const { values, positionals } = parseArgs({
  options: { size: { type: 'string', default: '512' } },
  allowPositionals: true,
});
const [model, ...pairs] = positionals;
const size = Number(values.size);
const schedules = [[[28, 34, 40]], [[40]], [[50]], [[20, 40]], [[34, 40]]].map(([iterations]) => ({
  iterations,
  scales: iterations.map((_, index) => size / 2 ** (iterations.length - 1 - index)),
}));
const workOf = ({ scales, iterations }) =>
  scales.reduce((sum, scale, index) => sum + iterations[index] * (scale / size) ** 2, 0);

const session = createSession();
console.log('| pair | steps, coarse to fine | work | from the photograph | from one pass |');
console.log('| --- | --- | --- | --- | --- |');
for (const pair of pairs) {
  const [content, styles] = pair.split('=');
  const start = await stylize({ content, styles, size, fast: true, model }, { session });
  for (const schedule of schedules) {
    const lossFrom = async (more) => {
      const { losses } = await stylize({ content, styles, ...schedule, ...more }, { session });
      return losses.total.toFixed(4);
    };
    const cells = [await lossFrom({}), await lossFrom({ initial: start.image })];
    console.log(
      `| ${[pair, schedule.iterations.join(', '), workOf(schedule).toFixed(1), ...cells].join(' | ')} |`,
    );
  }
}
await session.dispose();
