/*
 * Judges what `stylize` makes of twelve pairs: `node bench/picture-quality.mjs PICTURES OUTPUT [--size 512] [--pairs 1,5]
 * NAME[=OPTIONS]...`. PICTURES is a folder with photographs and paintings, see the list; OPTIONS are those of `stylize` as
 * JSON, each NAME is a folder in OUTPUT and a row of the table of medians. Pictures that are there already are not made
 * again. The judge is not ours: judge.py in the folder that the environment variable PASTICHE_YARDSTICK names.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { createSession, stylize } from '../dist/node.js';
import { judgePictures, median } from './processes.mjs';

/** Faces, animals, buildings and plain skies; calm paintings, prints and wild ones. */
const everyPair = [
  ['examples/picos-de-europa', 'examples/great-wave'],
  ['demo/content/singapore-skyline', 'demo/style/the-scream'],
  ['demo/content/astronaut', 'demo/style/portrait-of-metzinger'],
  ['examples/nagasaki-boats', 'examples/poppies'],
  ['demo/content/roman-colosseum', 'demo/style/starry-night'],
  ['demo/content/otter', 'demo/style/koryusai-lovers-in-snow'],
  ['demo/content/lake-sherburne', 'demo/style/wheat-field-with-cypresses'],
  ['examples/two-dogs', 'examples/arcimboldo-spring'],
  ['examples/sunset', 'examples/ejiri'],
  ['demo/content/spices', 'demo/style/the-harvesters'],
  ['demo/content/toucan', 'demo/style/udnie'],
  ['demo/content/astronaut', 'demo/style/water-lilies'],
];
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
  const names = [];
  for (const [photograph, painting] of pairs) {
    const pair = `${basename(photograph)}-${basename(painting)}`;
    names.push(pair);
    if (found[pair] !== undefined) continue;
    const [content, style] = [`${photograph}.jpg`, `${painting}.jpg`];
    const files = [join(pictures, content), join(pictures, style)];
    const path = join(folder, `${pair}.png`);
    const before = performance.now();
    const result = await stylize({ content: files[0], styles: files[1], size, ...options }, { session });
    await result.write(path);
    const seconds = (performance.now() - before) / 1000;
    found[pair] = { pair, content, style, seconds, judged: judgePictures(...files, [path])[0] };
    await writeFile(known, JSON.stringify(found, null, 1));
  }
  return names.map((pair) => found[pair]);
}

const session = createSession();
console.log(`| ${size} px, ${pairs.length} pairs, medians | ${measures.join(' | ')} | seconds |`);
console.log(`|${' --- |'.repeat(measures.length + 2)}`);
for (const row of rows) {
  const split = row.indexOf('=');
  const name = split < 0 ? row : row.slice(0, split);
  const options = split < 0 ? {} : JSON.parse(row.slice(split + 1));
  const made = await results(name, options, session);
  const cells = [
    ...measures.map((measure) => median(made.map(({ judged }) => judged[measure]))),
    median(made.map(({ seconds }) => seconds)),
  ];
  console.log(`| ${name} | ${cells.map((value) => value.toPrecision(3)).join(' | ')} |`);
}
await session.dispose();
