/*
 * Judges networks by the pictures that they make: each pair is stylised with each of them, same settings and seed, and
 * every picture is measured under the first network, the teacher, in the full network's space where it has projections.
 *
 *   node bench/compare-networks.mjs FOLDER PAIRS.txt TEACHER STUDENT... [--size 384] [--pictures .]
 *
 * PAIRS.txt has one photograph and one painting a line, files in the folder of --pictures; a pair that is not there is left out.
 * FOLDER gets the pictures, results.json and sheet.jpg: what each
 * network made of a pair, side by side, two pairs in a row.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, parse } from 'node:path';
import sharp from 'sharp';
import { evaluate, stylize } from '../dist/node.js';
import { median } from './processes.mjs';

const args = process.argv.slice(2);
const option = (name, standard) => {
  const at = args.indexOf(name);
  return at < 0 ? standard : args.splice(at, 2)[1];
};
const size = Number(option('--size', 384));
const root = option('--pictures', '.');
const [folder, list, ...networks] = args;
const teacher = networks[0];
const pairs = (await readFile(list, 'utf8'))
  .split('\n')
  .map((line) => line.trim().split(/\s+/))
  .filter(([first, second]) => second !== undefined && !first.startsWith('#'))
  .map((pair) => pair.map((path) => join(root, path)))
  .filter((pair) => {
    const missing = pair.find((path) => !existsSync(path));
    if (missing !== undefined) console.log(`left out: ${pair.join(' ')}, as there is no ${missing}`);
    return missing === undefined;
  });
await mkdir(folder, { recursive: true });

const rows = [];
for (const [content, style] of pairs) {
  const made = {};
  for (const network of networks) {
    const output = join(folder, `${parse(content).name}-${parse(style).name}-${parse(network).name}.png`);
    const began = performance.now();
    const result = await stylize({ content, styles: style, network, size });
    await result.write(output);
    const seconds = (performance.now() - began) / 1000;
    const judged = await evaluate({ picture: output, content, style, network: teacher });
    const layers = Object.fromEntries(
      Object.entries(judged.style.layers).map(([layer, { relative }]) => [layer, relative]),
    );
    made[basename(network)] = {
      output,
      seconds,
      style: judged.style.relative,
      layers,
      content: judged.content.relative,
    };
    console.log(
      basename(content),
      basename(style),
      basename(network),
      judged.style.relative,
      judged.content.relative,
    );
  }
  rows.push({ content, style, made });
}

const summary = Object.fromEntries(
  networks.map((path) => {
    const name = basename(path);
    const own = rows.map(({ made }) => made[name]);
    const base = rows.map(({ made }) => made[basename(teacher)]);
    return [
      name,
      {
        style: median(own.map(({ style }) => style)),
        content: median(own.map(({ content }) => content)),
        styleRatio: median(own.map(({ style }, i) => style / base[i].style)),
        contentRatio: median(own.map(({ content }, i) => content / base[i].content)),
      },
    ];
  }),
);
console.log(JSON.stringify(summary, null, 1));
await writeFile(join(folder, 'results.json'), JSON.stringify({ size, summary, rows }, null, 1));

const [width, height, gap] = [size, Math.round(size * 0.75), 6];
const across = 2 * networks.length;
const pictures = rows.flatMap(({ made }) => Object.values(made).map(({ output }) => output));
const tiles = await Promise.all(
  pictures.map(async (path, index) => ({
    input: await sharp(path).resize(width, height, { fit: 'contain', background: '#fff' }).png().toBuffer(),
    left: (index % across) * (width + gap),
    top: Math.floor(index / across) * (height + gap),
  })),
);
await sharp({
  create: {
    width: across * (width + gap) - gap,
    height: Math.ceil(pictures.length / across) * (height + gap) - gap,
    channels: 3,
    background: '#fff',
  },
})
  .composite(tiles)
  .jpeg({ quality: 85 })
  .toFile(join(folder, 'sheet.jpg'));
