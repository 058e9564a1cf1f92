/*
 * A page to choose by eye between several methods without knowing which is which: `node bench/blind-comparison.mjs PICTURES
 * OUTPUT SEED NAME...`, after picture-quality.mjs has made the rows NAME in OUTPUT. Pairs and sides are in an order drawn by
 * SEED. Writes `blind.html`, `blind-N.jpg` for each pair (photograph and painting above, the results below as A, B, C) and
 * `blind-key.json`. With `--tally CHOICES`, such as `A,C,B,...` by the pages' numbers (a dash where none was better), it
 * prints how often each was chosen.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { createRandom } from '../dist/random.js';

const { values, positionals } = parseArgs({
  options: { size: { type: 'string', default: '512' }, tally: { type: 'string' } },
  allowPositionals: true,
});
const [pictures, output, seed, ...names] = positionals;
const keyFile = join(output, 'blind-key.json');

if (values.tally !== undefined) {
  const key = JSON.parse(await readFile(keyFile, 'utf8'));
  const counts = Object.fromEntries([...names, 'none'].map((name) => [name, 0]));
  values.tally.split(',').forEach((letter, index) => {
    const chosen = key[index].order[letter.charCodeAt(0) - 65] ?? 'none';
    counts[chosen] += 1;
    console.log(`${index + 1}. ${key[index].pair}: ${chosen}`);
  });
  console.log(JSON.stringify(counts));
  process.exit();
}

const random = createRandom(Number(seed));
const shuffled = (list) =>
  list
    .map((value) => [random.uniform(), value])
    .sort(([a], [b]) => a - b)
    .map(([, value]) => value);

const results = JSON.parse(
  await readFile(join(output, `${names[0]}-${values.size}`, 'results.json'), 'utf8'),
);
const key = shuffled(Object.values(results)).map(({ pair, content, style }) => ({
  ...{ pair, content, style },
  order: shuffled(names),
}));
const cell = 512;
const tile = (path, height = cell) =>
  sharp(path).resize(cell, height, { fit: 'contain', background: '#fff' }).png().toBuffer();
for (const [index, { pair, content, style, order }] of key.entries()) {
  const above = await Promise.all(
    [join(pictures, content), join(pictures, style)].map((path) => tile(path, 256)),
  );
  const below = await Promise.all(
    order.map((name) => tile(join(output, `${name}-${values.size}`, `${pair}.png`))),
  );
  await sharp({ create: { width: cell * names.length, height: 256 + cell, channels: 3, background: '#fff' } })
    .composite([
      ...above.map((input, column) => ({ input, left: column * cell, top: 0 })),
      ...below.map((input, column) => ({ input, left: column * cell, top: 256 })),
    ])
    .jpeg({ quality: 92 })
    .toFile(join(output, `blind-${index + 1}.jpg`));
}
await writeFile(keyFile, JSON.stringify(key, null, 1));
const letters = names.map((_, i) => String.fromCharCode(65 + i));
const rows = key.map(
  (_, index) => `<h2>${index + 1}</h2><img src="blind-${index + 1}.jpg" width="100%">
<p>${letters.map((letter) => `<label><input type="radio" name="${index}" value="${letter}"> ${letter}</label> `).join('')}</p>`,
);
await writeFile(
  join(output, 'blind.html'),
  `<!doctype html><meta charset="utf-8"><title>Which is better?</title><h1>Which would you hang on a wall?</h1>
<p>Photograph and painting above; ${letters.join(', ')} from left to right.</p>${rows.join('\n')}
<p><button onclick="document.querySelector('output').textContent = ${JSON.stringify(key.map((_, i) => i))}.map(
  (i) => document.querySelector('input[name=&quot;' + i + '&quot;]:checked')?.value ?? '-').join()">Show my choices</button>
<output></output></p>`,
);
console.log(`${key.length} pairs in ${join(output, 'blind.html')}`);
