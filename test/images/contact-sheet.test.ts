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
    const letters = [...textPixels('ab').ink].filter((value) => value === 1).length;
    expect(ink).toBe(letters);
    expect(sheet.rgb.filter((value) => value === 0.5)).toHaveLength(2 * 3600);
  });

  it('of nothing is refused', () => {
    expect(() => contactSheet([[undefined]])).toThrow(/no pictures/);
  });
});
