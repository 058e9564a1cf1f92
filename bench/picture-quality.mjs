/*
 * Judges what `stylize` makes of twelve pairs: `node bench/picture-quality.mjs PICTURES OUTPUT [--size 512] [--pairs 1,5]
 * NAME[=OPTIONS]...`. PICTURES is a folder with `content/` and `style/`, OPTIONS are those of `stylize` as JSON, each NAME is
 * a folder in OUTPUT and a row of the table of medians. Pictures that are there already are not made again.
 * The judge is not ours: judge.py in the folder that the environment variable PASTICHE_YARDSTICK names.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createSession, stylize } from '../dist/node.js';
import { judgePictures, median } from './processes.mjs';

/** Faces, animals, buildings and plain skies; calm paintings and wild ones. */
const everyPair = [
  ['ex/picos-de-europa', 'ex/great-wave'],
  ['singapore-skyline', 'the-scream'],
  ['astronaut', 'portrait-of-metzinger'],
  ['ex/nagasaki-boats', 'ex/poppies'],
  ['roman-colosseum', 'starry-night'],
  ['otter', 'koryusai-lovers-in-snow'],
  ['lake-sherburne', 'wheat-field-with-cypresses'],
  ['ex/two-dogs', 'ex/arcimboldo-spring'],
  ['ex/sunset', 'ex/ejiri'],
  ['spices', 'the-harvesters'],
  ['toucan', 'udnie'],
  ['astronaut', 'water-lilies'],
];
const where = (kind, name) => name.startsWith('ex/') ? join('/work/main/examples', `${name.slice(3)}.jpg`) : join(pictures, kind, `${name}.jpg`);
const measures = ['content', 'structure', 'style', 'luma_grain', 'chroma_grain'];

const { values, positionals } = parseArgs({
  options: { size: { type: 'string', default: '512' }, pairs: { type: 'string' } },
  allowPositionals: true,
});
const [pictures, output, ...rows] = positionals;
const size = Number(values.size);
const pairs = values.pairs
  ? values.pairs.split(',').map((number) => everyPair[Number(number) - 1])
  : everyPair;

async function results(name, options, session) {
  const folder = join(output, `${name}-${size}`);
  await mkdir(folder, { recursive: true });
  const known = join(folder, 'results.json');
  const found = existsSync(known) ? JSON.parse(await readFile(known, 'utf8')) : {};
  for (const [photograph, painting] of pairs) {
    const pair = `${photograph}-${painting}`.replaceAll('ex/', '');
    if (found[pair] !== undefined) continue;
    const content = where('content', photograph);
    const style = where('style', painting);
    const path = join(folder, `${pair}.png`);
    const before = performance.now();
    const result = await stylize({ content, styles: style, size, ...options }, { session });
    await result.write(path, { overwrite: true });
    const seconds = (performance.now() - before) / 1000;
    found[pair] = { ...judgePictures(content, style, [path])[0], seconds };
    await writeFile(known, JSON.stringify(found, null, 1));
  }
  return pairs.map((pair) => found[pair.join('-').replaceAll('ex/', '')]);
}

const session = createSession();
console.log(`| ${size} px, ${pairs.length} pairs, medians | ${measures.join(' | ')} | seconds |`);
console.log(`|${' --- |'.repeat(measures.length + 2)}`);
for (const row of rows) {
  const split = row.indexOf('=');
  const name = split < 0 ? row : row.slice(0, split);
  let options = split < 0 ? {} : JSON.parse(row.slice(split + 1));
  const { EXP, ...rest } = options; globalThis.EXP = EXP; options = rest;
  const judged = await results(name, options, session);
  const cells = [...measures, 'seconds'].map((measure) => median(judged.map((one) => one[measure])));
  console.log(`| ${name} | ${cells.map((value) => value.toPrecision(3)).join(' | ')} |`);
}
await session.dispose();
