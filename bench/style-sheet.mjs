/*
 * The sheet of a model's styles: `node bench/style-sheet.mjs MODEL OUT.jpg PHOTOGRAPH...`. One row for each style, one column for each
 * photograph, which stands above them.
 */
import sharp from 'sharp';
import { apply, createSession } from '../dist/node.js';
import { loadModel } from '../dist/weights/load-model.node.js';

const [model, figure, ...photographs] = process.argv.slice(2);
const { styles } = (await loadModel(model)).weights;
const cell = 200;
const tiles = [];
const place = async (bytes, row, column) => {
  const input = await sharp(bytes).resize(cell, cell, { fit: 'cover' }).png().toBuffer();
  tiles.push({ input, left: column * (cell + 4), top: row * (cell + 4) });
};
const session = createSession();
for (const [column, picture] of photographs.entries()) {
  await place(picture, 0, column);
  for (const [row, style] of styles.entries()) {
    const result = await apply({ model, picture, style: [style], size: 512 }, { session });
    await place(Buffer.from(await result.encode('png')), row + 1, column);
  }
}
await session.dispose();
const [width, height] = [photographs.length, styles.length + 1].map((count) => count * (cell + 4) - 4);
await sharp({ create: { width, height, channels: 3, background: '#fff' } })
  .composite(tiles)
  .jpeg({ quality: 86 })
  .toFile(figure);
