/*
 * The sheet of a model's styles: `node bench/style-sheet.mjs MODEL OUT.jpg PHOTOGRAPH...`. One row for each style, one column for each
 * photograph, which stands above them.
 */
import { apply, createSession } from '../dist/node.js';
import { loadModel } from '../dist/weights/load-model.node.js';
import { writeSheet } from './sheet.mjs';

const [model, figure, ...photographs] = process.argv.slice(2);
const { styles } = (await loadModel(model)).weights;
const rows = [photographs];
const session = createSession();
for (const style of styles) {
  const row = [];
  for (const picture of photographs) {
    const result = await apply({ model, picture, style: [style], size: 512 }, { session });
    row.push(Buffer.from(await result.encode('png')));
  }
  rows.push(row);
}
await session.dispose();
await writeSheet(figure, rows);
