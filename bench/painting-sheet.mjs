/*
 * The sheet of a network for any painting: `node bench/painting-sheet.mjs MODEL OUT.jpg PHOTOGRAPH... -- PAINTING...`. One row for each
 * painting, which stands at its left, one column for each photograph, which stands above them.
 */
import { createSession, stylize } from '../dist/node.js';
import { writeSheet } from './sheet.mjs';

const [model, figure, ...files] = process.argv.slice(2);
const photographs = files.slice(0, files.indexOf('--'));
const paintings = files.slice(photographs.length + 1);
const rows = [[undefined, ...photographs]];
const session = createSession();
for (const styles of paintings) {
  const row = [styles];
  for (const content of photographs) {
    const result = await stylize({ content, styles, fast: true, model, size: 512 }, { session });
    row.push(Buffer.from(await result.encode('png')));
  }
  rows.push(row);
}
await session.dispose();
await writeSheet(figure, rows);
