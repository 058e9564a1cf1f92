/*
 * What the weights of an adjustable model do: `node bench/adjustable.mjs MODEL PAINTING PHOTOGRAPHS OUT.jpg [--size 384]`.
 * Each weight goes over its range while the others stay at 1. The figure has one row for each weight, one column for each value, of the
 * first photograph of the folder PHOTOGRAPHS. The table has the loss that the weight belongs to, a mean over all photographs, and how often
 * the loss fell from one value to the next, over all photographs.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { apply, createSession, evaluate } from '../dist/node.js';
import { loadModel } from '../dist/weights/load-model.node.js';

const { values, positionals } = parseArgs({
  options: { size: { type: 'string', default: '384' } },
  allowPositionals: true,
});
const [model, painting, photographs, figure] = positionals;
const size = Number(values.size);
const settings = [0, 0.5, 1, 1.5, 2];
const cell = 180;

const { knobs } = (await loadModel(model)).weights;
const files = (await readdir(photographs)).filter((file) => /\.(jpe?g|png)$/.test(file)).sort();
const session = createSession();
const tiles = [];
const lossOf = (knob, { content, style }) =>
  knob === 'content' ? content.relative : style.layers[knob].relative;

console.log(`| ${files.length} photographs, ${size} px | ${settings.join(' | ')} | falls |`);
console.log(`|${' --- |'.repeat(settings.length + 2)}`);
for (const [row, knob] of knobs.entries()) {
  const means = settings.map(() => 0);
  let [falls, steps] = [0, 0];
  for (const [index, file] of files.entries()) {
    const content = join(photographs, file);
    let before;
    for (const [column, setting] of settings.entries()) {
      const order = { model, picture: content, size, layerWeights: [`${knob}=${setting}`] };
      const { image } = await apply(order, { session });
      const loss = lossOf(knob, await evaluate({ picture: image, content, style: painting }, { session }));
      means[column] += loss / files.length;
      if (before !== undefined) {
        steps += 1;
        falls += loss < before ? 1 : 0;
      }
      before = loss;
      if (index > 0) continue;
      const png = await (await apply(order, { session })).encode('png');
      const input = await sharp(Buffer.from(png)).resize(cell, cell, { fit: 'cover' }).png().toBuffer();
      tiles.push({ input, left: column * (cell + 4), top: row * (cell + 4) });
    }
  }
  const cells = means.map((mean) => mean.toPrecision(3));
  console.log(`| \`${knob}\` | ${cells.join(' | ')} | ${falls} of ${steps} |`);
}
await session.dispose();
const [width, height] = [settings.length, knobs.length].map((count) => count * (cell + 4) - 4);
await sharp({ create: { width, height, channels: 3, background: '#fff' } })
  .composite(tiles)
  .jpeg({ quality: 88 })
  .toFile(figure);
