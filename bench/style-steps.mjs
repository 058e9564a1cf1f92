/*
 * How many steps of the optimisation a one-pass picture is worth, as in Johnson et al. 2016, figure 5:
 * `node bench/style-steps.mjs MODEL PHOTOGRAPHS STYLE=PAINTING:CONTENT_WEIGHT... [--size 384] [--most 150]`.
 * The loss is that of `stylize`'s default at one scale, with the content weight that the style was trained with. For each start, the
 * photograph and noise, the number of steps after which the optimisation's loss is below that of the one-pass picture: medians over the
 * photographs.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { apply, createSession, stylize } from '../dist/node.js';
import { median } from './processes.mjs';

const { values, positionals } = parseArgs({
  options: { size: { type: 'string', default: '384' }, most: { type: 'string', default: '150' } },
  allowPositionals: true,
});
const [model, photographs, ...styles] = positionals;
const [size, most] = [Number(values.size), Number(values.most)];
const files = (await readdir(photographs)).filter((file) => /\.(jpe?g|png)$/.test(file)).sort();
const folder = await mkdtemp(join(tmpdir(), 'pastiche-style-steps-'));
const session = createSession();

/** Optimises at one scale until the loss is at most `goal`. @returns the losses by step */
async function optimise(order, steps, goal = -Infinity) {
  const losses = [];
  const reached = new AbortController();
  const onProgress = (event) => {
    if (event.type !== 'iteration') return;
    losses.push(event.losses.total);
    if (event.losses.total <= goal) reached.abort();
  };
  await stylize(
    { ...order, size, scales: [size], iterations: [steps] },
    { session, signal: reached.signal, onProgress },
  );
  return losses;
}

console.log(
  `| ${files.length} photographs, ${size} px | loss of one pass | from the photograph | from noise |`,
);
console.log('| --- | --- | --- | --- |');
for (const named of styles) {
  const [, style, styles, weight] = /^([^=]+)=(.+):([\d.]+)$/.exec(named);
  const found = { loss: [], content: [], noise: [] };
  for (const file of files) {
    const content = join(photographs, file);
    const picture = join(folder, 'picture.png');
    await (await apply({ model, picture: content, style: [style], size }, { session })).write(picture);
    const order = { content, styles, contentWeight: Number(weight) };
    const [loss] = await optimise({ ...order, initial: picture }, 1);
    found.loss.push(loss);
    for (const init of ['content', 'noise']) {
      const losses = await optimise({ ...order, init }, most, loss);
      found[init].push(losses.at(-1) <= loss ? losses.length : Infinity);
    }
  }
  const steps = (init) => (median(found[init]) === Infinity ? `more than ${most}` : median(found[init]));
  const loss = median(found.loss).toPrecision(3);
  console.log(`| \`${style}\` | ${loss} | ${steps('content')} | ${steps('noise')} |`);
}
await session.dispose();
await rm(folder, { recursive: true });
