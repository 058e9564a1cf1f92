/*
 * The sliders of a network for any painting: `node bench/painting-sliders.mjs MODEL OUT.jpg PHOTOGRAPH PAINTING OTHER`. The first row goes from
 * the photograph's own code to the painting's (`--strength`), the second one from the one painting to the other (`--style-blend`), both in
 * quarters. Prints how far each picture is from the first of its row: the root of the mean square difference.
 */
import { createSession, stylize } from '../dist/node.js';
import { writeSheet } from './sheet.mjs';

const [model, figure, content, painting, other] = process.argv.slice(2);
const parts = [0, 0.25, 0.5, 0.75, 1];
const session = createSession();
const paint = (options) => stylize({ content, fast: true, model, size: 512, ...options }, { session });
const rows = [
  await Promise.all(parts.map((strength) => paint({ styles: painting, strength }))),
  await Promise.all(parts.map((part) => paint({ styles: [painting, other], styleBlend: [1 - part, part] }))),
];
await session.dispose();
for (const [index, name] of ['strength', 'blend'].entries()) {
  const [first] = rows[index];
  const distances = rows[index].map(({ image: { rgb } }) =>
    Math.sqrt(rgb.reduce((sum, value, i) => sum + (value - first.image.rgb[i]) ** 2, 0) / rgb.length),
  );
  console.log(`| ${name} | ${distances.map((distance) => distance.toFixed(3)).join(' | ')} |`);
}
const pictures = rows.map((row) =>
  Promise.all(row.map(async (result) => Buffer.from(await result.encode('png')))),
);
await writeSheet(figure, [
  [content, painting, other, undefined, undefined],
  ...(await Promise.all(pictures)),
]);
