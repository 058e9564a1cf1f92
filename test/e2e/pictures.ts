import sharp from 'sharp';

/** A picture that is the same every time: smooth in one direction, striped in the other. */
function pixels(width: number, height: number, channels: 3 | 4, kind: number): Uint8Array {
  const values = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * channels;
      values[at] = (255 * x) / width;
      values[at + 1] = 127 + 120 * Math.sin((kind + 2) * 0.3 * y);
      values[at + 2] = 255 - (200 * ((x * (kind + 1) + y) % 32)) / 32;
      if (channels === 4) values[at + 3] = x < width / 2 ? 255 : (7 * y) % 256;
    }
  }
  return values;
}

/** Writes an opaque picture in the format of its suffix. @param kind pictures of different kinds look different */
export async function writePicture(path: string, width: number, height: number, kind = 0): Promise<string> {
  await sharp(pixels(width, height, 3, kind), { raw: { width, height, channels: 3 } }).toFile(path);
  return path;
}

/** Writes a PNG file whose right half is more or less transparent. */
export async function writeTransparent(path: string, width: number, height: number): Promise<string> {
  await sharp(pixels(width, height, 4, 0), { raw: { width, height, channels: 4 } })
    .png()
    .toFile(path);
  return path;
}

/** The values of a picture file in rows, and what they are. */
export async function readPixels(path: string) {
  const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
  return { values: new Uint8Array(data), ...info };
}
