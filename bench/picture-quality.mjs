/*
 * Judges what `stylize` makes of twelve pairs: `node bench/picture-quality.mjs PICTURES OUTPUT [--size 512] [--pairs 1,5]
 * [--every] NAME[=OPTIONS]...`. PICTURES is a folder with photographs and paintings, see the list; OPTIONS are those of `stylize` as
 * JSON, or `photograph` for the photograph as it is; each NAME is a folder in OUTPUT and a row of the table of medians, with quartiles
 * after them. With `--every` all photographs of the list are painted after all its paintings. Pictures that are there already are not
 * made again. The judge is not ours: judge.py in the folder that the environment variable PASTICHE_YARDSTICK names.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { createSession, stylize } from '../dist/node.js';
import { judgePictures, quantile } from './processes.mjs';

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
  options: {
    size: { type: 'string', default: '512' },
    pairs: { type: 'string' },
    every: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const [pictures, output, ...rows] = positionals;
const size = Number(values.size);
const listed = values.pairs
  ? values.pairs.split(',').map((number) => everyPair[Number(number) - 1])
  : everyPair;
const [photographs, paintings] = [0, 1].map((side) => [...new Set(listed.map((pair) => pair[side]))]);
const pairs = values.every
  ? photographs.flatMap((photograph) => paintings.map((painting) => [photograph, painting]))
  : listed;

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
    if (options === undefined) {
      await sharp(files[0]).rotate().resize(size, size, { fit: 'inside' }).png().toFile(path);
    } else {
      const result = await stylize({ content: files[0], styles: files[1], size, ...options }, { session });
      await result.write(path);
    }
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
  const text = split < 0 ? '{}' : row.slice(split + 1);
  const made = await results(name, text === 'photograph' ? undefined : JSON.parse(text), session);
  const columns = [
    ...measures.map((measure) => made.map(({ judged }) => judged[measure])),
    made.map(({ seconds }) => seconds),
  ];
  const cells = columns.map((column) => {
    const [lower, middle, upper] = [1, 2, 3].map((part) => quantile(column, part / 4).toPrecision(3));
    return `${middle} (${lower}, ${upper})`;
  });
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}
await session.dispose();
