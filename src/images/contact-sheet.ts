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
 * without a picture stays white. Opaque: alpha is left out.
 * @param rows of equal or different lengths; undefined leaves a place free
 * @throws StyleError `E_ARGUMENT` when there is no picture at all
 */
export function contactSheet(rows: readonly (readonly (LabelledImage | undefined)[])[]): Image {
  const cells = rows.flat().filter((cell) => cell !== undefined);
  if (cells.length === 0) {
    throw new StyleError('E_ARGUMENT', 'A sheet of no pictures was asked for.', 'Give at least one picture.');
  }
  const cellWidth = Math.max(...cells.map(({ image }) => image.width));
  const cellHeight = Math.max(...cells.map(({ image }) => image.height));
  // Letters are as large as lets the longest label stand under a picture, at least as drawn.
  const longest = Math.max(...cells.map(({ label }) => textPixels(label).width));
  const scale = Math.max(1, Math.min(Math.floor(cellWidth / longest), Math.ceil(cellWidth / 256)));
  const gap = Math.max(4, Math.round(cellWidth / 32));
  const labelHeight = Math.round(textHeight * scale * 1.5);
  const columns = Math.max(...rows.map((row) => row.length));
  const width = gap + columns * (cellWidth + gap);
  const height = gap + rows.length * (cellHeight + labelHeight + gap);
  const sheet = createImage(width, height, new Float32Array(3 * width * height).fill(1));
  rows.forEach((row, down) =>
    row.forEach((cell, across) => {
      if (cell === undefined) return;
      const left = gap + across * (cellWidth + gap);
      const top = gap + down * (cellHeight + labelHeight + gap);
      place(sheet, cell.image, left, top);
      write(sheet, cell.label, scale, left, top + cellHeight + Math.round(scale * 2), cellWidth + gap);
    }),
  );
  return sheet;
}

function place(sheet: Image, { width, height, rgb }: Image, left: number, top: number): void {
  for (let row = 0; row < 3 * height; row += 1) {
    const channel = Math.floor(row / height);
    const target = (channel * sheet.height + top + (row % height)) * sheet.width + left;
    sheet.rgb.set(rgb.subarray(row * width, (row + 1) * width), target);
  }
}

/** Black letters, `scale` pixels for each of theirs; what is wider than there is room for is cut off. */
function write(sheet: Image, label: string, scale: number, left: number, top: number, room: number): void {
  const { width, ink } = textPixels(label);
  for (let y = 0; y < textHeight * scale; y += 1) {
    for (let x = 0; x < Math.min(width * scale, room); x += 1) {
      if (ink[Math.floor(y / scale) * width + Math.floor(x / scale)] === 0) continue;
      for (let channel = 0; channel < 3; channel += 1) {
        sheet.rgb[(channel * sheet.height + top + y) * sheet.width + left + x] = 0;
      }
    }
  }
}
