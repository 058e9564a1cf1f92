import { describe, expect, it } from 'vitest';
import { createImage } from '../../../src/images/image.js';
import { cutOut } from '../../../src/images/margin.js';
import { ObjectWindow } from '../../../src/methods/harmonize/object-window.js';

const [width, height] = [400, 300];
/** An object of 20 by 10 pixels. */
const parts = Float32Array.from({ length: width * height }, (_, i) => {
  const [x, y] = [i % width, Math.floor(i / width)];
  return x >= 200 && x < 220 && y >= 10 && y < 20 ? 1 : 0;
});
const window = ObjectWindow.around(parts, { width, height });

describe('ObjectWindow', () => {
  it('holds the object and its neighbourhood, as far as the picture goes, in whole positions of every layer', () => {
    expect({ ...window }).toEqual({ left: 128, top: 0, width: 160, height: 96 });
  });

  it('is the whole picture for an object that fills it, whatever its size', () => {
    const all = ObjectWindow.around(new Float32Array(30 * 21).fill(1), { width: 30, height: 21 });
    expect({ ...all }).toEqual({ left: 0, top: 0, width: 30, height: 21 });
  });

  it.each([1, 2, 8, 16])('cuts maps of %i pixels a position, and renumbers their positions', (cell) => {
    const map = { width: Math.floor(width / cell), height: Math.floor(height / cell) };
    const size = map.width * map.height;
    const numbers = Float32Array.from({ length: 2 * size }, (_, i) => i);
    const cut = window.cut(numbers, map, cell);
    const [columns, rows] = [160 / cell, 96 / cell];
    expect(cut).toHaveLength(2 * columns * rows);
    // The same place, found in the map and in its cut.
    const [x, y] = [Math.floor(210 / cell), Math.floor(15 / cell)];
    const [own] = window.renumber(Uint32Array.of(y * map.width + x), map, cell);
    expect(own).toBe(y * columns + x - 128 / cell);
    expect(cut[own!]).toBe(y * map.width + x);
    expect(cut[columns * rows + own!]).toBe(size + y * map.width + x);
  });

  it('pastes back what it cuts', () => {
    const picture = createImage(
      width,
      height,
      Float32Array.from({ length: 3 * width * height }, (_, i) => i / 1e6),
    );
    const whole = window.paste(picture, cutOut(picture, window)).rgb;
    expect(whole).toHaveLength(picture.rgb.length);
    expect(whole.every((value, i) => value === picture.rgb[i])).toBe(true);
    const black = createImage(160, 96, new Float32Array(3 * 160 * 96));
    const { rgb } = window.paste(picture, black);
    rgb.forEach((value, i) => {
      const [column, row] = [i % width, Math.floor(i / width) % height];
      const inside = column >= 128 && column < 288 && row < 96;
      if (value !== (inside ? 0 : picture.rgb[i])) expect.fail(`value ${i} is ${value}`);
    });
  });
});
