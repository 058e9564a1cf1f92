import { describe, expect, it } from 'vitest';
import { textHeight, textPixels } from '../../src/images/bitmap-font.js';
import { contactSheet } from '../../src/images/contact-sheet.js';
import { createImage } from '../../src/images/image.js';

/** Text as lines of `#` and blanks. */
function drawn(text: string): string[] {
  const { width, ink } = textPixels(text);
  return Array.from({ length: textHeight }, (_, y) =>
    Array.from({ length: width }, (__, x) => (ink[y * width + x] === 1 ? '#' : ' '))
      .join('')
      .trimEnd(),
  );
}

describe('letters', () => {
  it('are drawn as they are', () => {
    expect(drawn('L1')).toEqual(['#   #', '#  ##', '#   #', '#   #', '#   #', '#   #', ' # ###', '', '']);
  });

  it('are there for everything that layers and methods are called, each another one', () => {
    const characters = [...'abcdefghijklmnopqrstuvwxyz0123456789_-+.,:/%()'];
    const shapes = characters.map((character) => drawn(character).join('\n'));
    expect(new Set(shapes).size).toBe(characters.length);
    for (const shape of shapes) expect(shape).toContain('#');
    expect(drawn('é').join('').trim()).toBe('');
  });
});

describe('a contact sheet', () => {
  const letters = (label: string): number => textPixels(label).ink.filter((value) => value === 1).length;
  const grey = createImage(40, 30, new Float32Array(3600).fill(0.5));

  it('has every picture at its place, white between, and ink under it', () => {
    const sheet = contactSheet([
      [{ image: grey, label: 'a' }, undefined],
      [undefined, { image: grey, label: 'b' }],
    ]);
    const at = (x: number, y: number): number => sheet.rgb[y * sheet.width + x]!;
    const gap = 4;
    const step = 40 + gap;
    expect(sheet.width).toBe(gap + 2 * step);
    expect(at(gap, gap)).toBe(0.5);
    expect(at(gap + step, gap)).toBe(1);
    expect(at(sheet.width - gap - 1, sheet.height - 14 - gap - 1)).toBe(0.5);
    const ink = sheet.rgb.reduce((count, value) => count + (value === 0 ? 1 : 0), 0) / 3;
    expect(ink).toBe(letters('ab'));
    expect(sheet.rgb.filter((value) => value === 0.5)).toHaveLength(2 * 3600);
  });

  it('has every label whole below its own picture, clear of its neighbours, at any size of the pictures', () => {
    const labels = ['picture', 'style relu1_1 - relu5_1', 'content relu4_2', 'x', 'style relu1_1 - relu4_1'];
    const widths = Array.from({ length: 29 }, (_, i) => 16 + 5 * i);
    for (const width of [...widths, 192, 256, 257, 300, 384, 511, 512]) {
      // Between rows and columns there are at most 16 pixels: row 16 of the sheet goes through the upper row's pictures.
      const image = createImage(width, 16, new Float32Array(48 * width).fill(0.5));
      const row = labels.map((label) => ({ image, label }));
      const sheet = contactSheet([row, row]);
      expect(sheet.rgb.filter((value) => value === 0.5).length).toBe(2 * 5 * 3 * 16 * width);
      const at = (x: number, y: number): number => sheet.rgb[y * sheet.width + x]!;
      const columns = Array.from({ length: sheet.width }, (_, x) => x);
      const lefts = columns.filter((x) => at(x, 16) !== 1 && at(x - 1, 16) === 1);
      expect(lefts).toHaveLength(labels.length);
      const inkIn = columns.map((x) => {
        const rows = Array.from({ length: sheet.height }, (_, y) => at(x, y));
        return rows.filter((value) => value === 0).length / 2;
      });
      const scale = width > 256 ? 2 : 1;
      labels.forEach((label, i) => {
        const ink = inkIn.slice(lefts[i], lefts[i + 1]);
        const sum = ink.reduce((total, value) => total + value, 0);
        expect({ width, label, ink: sum }).toEqual({ width, label, ink: letters(label) * scale ** 2 });
        expect(Math.max(...ink.slice(-10 * scale))).toBe(0);
      });
    }
  });

  it('of nothing is refused', () => {
    expect(() => contactSheet([[undefined]])).toThrow(/at least one picture/);
  });
});
