import sharp from 'sharp';

const cell = 200;
const gap = 4;

/** Writes pictures as rows and columns of squares, each cut to its middle; what is undefined stays white. */
export async function writeSheet(file, rows) {
  const tiles = [];
  for (const [row, pictures] of rows.entries()) {
    for (const [column, picture] of pictures.entries()) {
      if (picture === undefined) continue;
      const input = await sharp(picture).resize(cell, cell, { fit: 'cover' }).png().toBuffer();
      tiles.push({ input, left: column * (cell + gap), top: row * (cell + gap) });
    }
  }
  const [width, height] = [rows[0].length, rows.length].map((count) => count * (cell + gap) - gap);
  await sharp({ create: { width, height, channels: 3, background: '#fff' } })
    .composite(tiles)
    .jpeg({ quality: 84 })
    .toFile(file);
}
