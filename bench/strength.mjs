/*
 * The figure of `strength`: `node bench/strength.mjs PICTURES OUT.jpg [SIZE]`. Four pairs at five settings, one row a pair, after
 * photograph and painting. Prints, for each setting, the median content and style of the judge (see picture-quality.mjs).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { createSession, stylize } from '../dist/node.js';
import { judgePictures, median } from './processes.mjs';

const [pictures, figure, size = '256'] = process.argv.slice(2);
const pairs = [
  ['demo/content/roman-colosseum', 'demo/style/starry-night'],
  ['demo/content/astronaut', 'demo/style/portrait-of-metzinger'],
  ['examples/picos-de-europa', 'examples/great-wave'],
  ['demo/content/singapore-skyline', 'demo/style/the-scream'],
];
const strengths = [0, 0.25, 0.5, 0.75, 1];
const cell = 180;
const folder = await mkdtemp(join(tmpdir(), 'pastiche-strength-'));
const session = createSession();
const tiles = [];
const judged = strengths.map(() => []);
const tile = async (path, row, column) => {
  const input = await sharp(path).resize(cell, cell, { fit: 'cover' }).png().toBuffer();
  tiles.push({ input, left: column * (cell + 4), top: row * (cell + 4) });
};
for (const [row, names] of pairs.entries()) {
  const [content, styles] = names.map((name) => join(pictures, `${name}.jpg`));
  await tile(content, row, 0);
  await tile(styles, row, 1);
  for (const [column, strength] of strengths.entries()) {
    const path = join(folder, `${row}-${column}.png`);
    const result = await stylize({ content, styles, size: Number(size), strength }, { session });
    await result.write(path);
    judged[column].push(judgePictures(content, styles, [path])[0]);
    await tile(path, row, column + 2);
  }
}
await session.dispose();
const [width, height] = [strengths.length + 2, pairs.length].map((count) => count * (cell + 4) - 4);
await sharp({ create: { width, height, channels: 3, background: '#fff' } })
  .composite(tiles)
  .jpeg({ quality: 88 })
  .toFile(figure);
await rm(folder, { recursive: true });
for (const [column, strength] of strengths.entries()) {
  const [content, style] = ['content', 'style'].map((name) => median(judged[column].map((one) => one[name])));
  console.log(`strength ${strength}: content ${content.toFixed(3)}, style ${style.toFixed(4)}`);
}
