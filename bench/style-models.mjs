/*
 * Judges what a model makes of photographs: `node bench/style-models.mjs MODEL PHOTOGRAPHS OUTPUT STYLE=PAINTING... [--size 512]`.
 * MODEL is a name or a file, PHOTOGRAPHS a folder, each STYLE one of the model's and PAINTING what it was trained for. Prints a table of
 * medians over the photographs, one row for each style. Pictures go to OUTPUT. The judge is not ours: see picture-quality.mjs.
 */
import { mkdir, readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { apply, createSession } from '../dist/node.js';
import { judgePictures, median } from './processes.mjs';

const { values, positionals } = parseArgs({
  options: { size: { type: 'string', default: '512' } },
  allowPositionals: true,
});
const [model, photographs, output, ...styles] = positionals;
const size = Number(values.size);
const measures = ['content', 'style', 'structure', 'luma_grain', 'chroma_grain'];

await mkdir(output, { recursive: true });
const files = (await readdir(photographs)).filter((file) => /\.(jpe?g|png)$/.test(file)).sort();
const session = createSession();
console.log(`| ${files.length} photographs, ${size} px, medians | ${measures.join(' | ')} |`);
console.log(`|${' --- |'.repeat(measures.length + 1)}`);
for (const named of styles) {
  const [style, painting] = named.split('=');
  const judged = [];
  for (const file of files) {
    const path = join(output, `${basename(file, extname(file))}-${style}.png`);
    const photograph = join(photographs, file);
    const result = await apply({ model, picture: photograph, style: [style], size }, { session });
    await result.write(path);
    judged.push(judgePictures(photograph, painting, [path])[0]);
  }
  const cells = measures.map((measure) => median(judged.map((one) => one[measure])).toPrecision(3));
  console.log(`| ${style} | ${cells.join(' | ')} |`);
}
await session.dispose();
