import { StyleError } from '../errors.js';
import { textHeight, textPixels } from './bitmap-font.js';
import { createImage, type Image } from './image.js';

/** A picture and the line under it. */
export interface LabelledImage {
  readonly image: Image;
  readonly label: string;
}

/**
 * Pictures in rows and columns, each with a label under it, on white. Cells are as large as the largest picture; a place
 * without a picture stays white. A label that is longer than a picture is wide takes several lines, and columns are wider
 * than the pictures where a single word is. Opaque: alpha is left out.
 * @param rows of equal or different lengths; undefined leaves a place free
 * @throws StyleError `E_ARGUMENT` when there is no picture at all
 * @example
 * ```ts
 * import { readImage, writeImage } from 'pastiche';
 * import { contactSheet } from 'pastiche/engine';
 *
 * const [photo, painting] = [await readImage('photo.jpg'), await readImage('painting.jpg')];
 * const row = [{ image: photo, label: 'photograph' }, { image: painting, label: 'painting' }];
 * await writeImage('sheet.png', contactSheet([row]));
 * ```
 */
export function contactSheet(rows: readonly (readonly (LabelledImage | undefined)[])[]): Image {
  const cells = rows.flat().filter((cell) => cell !== undefined);
  if (cells.length === 0) {
    throw new StyleError(
      'E_ARGUMENT',
      'A sheet needs at least one picture, and there is none.',
      'Give at least one picture.',
    );
  }
  const pictureWidth = Math.max(...cells.map(({ image }) => image.width));
  const pictureHeight = Math.max(...cells.map(({ image }) => image.height));
  const labels = cells.map(({ label }) => label);
  // As large as lets the longest label fit under a picture in one line, and at least one pixel per pixel of the font.
  const scale = Math.max(
    1,
    Math.min(Math.floor(pictureWidth / longest(labels)), Math.ceil(pictureWidth / 256)),
  );
  const columnWidth = Math.max(pictureWidth, longest(labels.flatMap(wordsOf)) * scale);
  const linesOf = (label: string): string[] => wrap(label, Math.floor(columnWidth / scale));
  const gap = Math.max(4, Math.round(pictureWidth / 32));
  const lineHeight = (textHeight + 1) * scale;
  const lines = Math.max(...labels.map((label) => linesOf(label).length));
  const labelHeight = Math.round(textHeight * scale * 1.5) + (lines - 1) * lineHeight;
  const columns = Math.max(...rows.map((row) => row.length));
  const width = gap + columns * (columnWidth + gap);
  const height = gap + rows.length * (pictureHeight + labelHeight + gap);
  const sheet = createImage(width, height, new Float32Array(3 * width * height).fill(1));
  rows.forEach((row, down) =>
    row.forEach((cell, across) => {
      if (cell === undefined) return;
      const left = gap + across * (columnWidth + gap);
      const top = gap + down * (pictureHeight + labelHeight + gap);
      place(sheet, cell.image, left, top);
      linesOf(cell.label).forEach((line, index) =>
        write(sheet, line, scale, left, top + pictureHeight + 2 * scale + index * lineHeight),
      );
    }),
  );
  return sheet;
}

/** The space after each label, in the font's pixels, so that it doesn't run into the next one. */
const blank = 6;

/** Width of the longest of some texts with the space after it, in the font's pixels. */
const longest = (texts: readonly string[]): number =>
  blank + Math.max(...texts.map((text) => textPixels(text).width));

const wordsOf = (label: string): string[] => label.split(' ');

/** Breaks a label between words into lines no wider than `room`, with the space after them; greedily. */
function wrap(label: string, room: number): string[] {
  const [first = '', ...words] = wordsOf(label);
  const lines = [first];
  for (const word of words) {
    const longer = `${lines.at(-1)!} ${word}`;
    if (longest([longer]) <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function place(sheet: Image, { width, height, rgb }: Image, left: number, top: number): void {
  for (let row = 0; row < 3 * height; row += 1) {
    const channel = Math.floor(row / height);
    const target = (channel * sheet.height + top + (row % height)) * sheet.width + left;
    sheet.rgb.set(rgb.subarray(row * width, (row + 1) * width), target);
  }
}

/** Writes black letters, `scale` pixels for each of the font's. */
function write(sheet: Image, line: string, scale: number, left: number, top: number): void {
  const { width, ink } = textPixels(line);
  for (let y = 0; y < textHeight * scale; y += 1) {
    for (let x = 0; x < width * scale; x += 1) {
      if (ink[Math.floor(y / scale) * width + Math.floor(x / scale)] === 0) continue;
      for (let channel = 0; channel < 3; channel += 1) {
        sheet.rgb[(channel * sheet.height + top + y) * sheet.width + left + x] = 0;
      }
    }
  }
}
