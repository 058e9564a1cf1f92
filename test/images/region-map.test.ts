import { describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../src/images/image.js';
import {
  formatRegionColor,
  parseRegionColor,
  readRegionMask,
  regionMapAt,
} from '../../src/images/region-map.js';
import { createRandom } from '../../src/random.js';

/** A mask from the colour of every pixel. */
function mask(width: number, height: number, colorAt: (x: number, y: number) => number): Image {
  const rgb = new Float32Array(3 * width * height);
  for (let i = 0; i < width * height; i += 1) {
    const color = colorAt(i % width, Math.floor(i / width));
    [16, 8, 0].forEach((shift, channel) => {
      rgb[channel * width * height + i] = ((color >> shift) & 255) / 255;
    });
  }
  return createImage(width, height, rgb);
}

describe('region masks', () => {
  it('have a region for each colour or grey', () => {
    const colors = [0x000000, 0x404040, 0x808080, 0xff0000];
    const { labels, colors: found } = readRegionMask(
      mask(16, 4, (x) => colors[Math.floor(x / 4)]!),
      'It',
    );
    expect(found).toEqual([0x000000, 0x404040, 0x808080, 0xff0000]);
    expect([...labels.subarray(0, 16)]).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
  });

  it('give soft edges and the noise of lossy formats to their regions', () => {
    const random = createRandom(1);
    const soft = mask(20, 12, (x) => {
      const grey = Math.min(255, Math.max(0, (x - 8) * 60 + Math.round(4 * random.uniform())));
      return grey * 0x010101;
    });
    const { colors, labels } = readRegionMask(soft, 'It');
    expect(colors).toHaveLength(2);
    expect(colors[0]).toBeLessThan(0x050505);
    expect(colors[1]).toBe(0xffffff);
    expect([...labels.subarray(0, 20)].join('')).toMatch(/^0{9,12}1{8,11}$/);
  });

  it('are refused when they are photographs', () => {
    const random = createRandom(2);
    const noise = mask(24, 24, () => Math.floor(random.uniform() * 2 ** 24));
    expect(() => readRegionMask(noise, 'The content mask')).toThrow(/The content mask has no areas/);
    const tiles = mask(30, 30, (x, y) => Math.floor(x / 3) * 25 + Math.floor(y / 3) * 25 * 256);
    expect(() => readRegionMask(tiles, 'It')).toThrow(/has 100 areas/);
  });

  it('have regions that add up to everything at any size, margin included', () => {
    const { width, height, labels, colors } = readRegionMask(
      mask(11, 9, (x, y) => (x + y < 9 ? 0xffffff : 0x0000ff)),
      'It',
    );
    const planes = new Map(
      colors.map((_, region) => [region, Float32Array.from(labels, (label) => (label === region ? 1 : 0))]),
    );
    const map = regionMapAt({ width, height, planes }, 17, 6, 3);
    expect([map.width, map.height]).toEqual([23, 12]);
    const [one, other] = [map.planes.get(0)!, map.planes.get(1)!];
    one.forEach((value, i) => expect(value + other[i]!).toBeCloseTo(1, 5));
    // Mirrored beyond the border, the border itself not repeated.
    expect(one[3 * 23 + 2]).toBe(one[3 * 23 + 4]);
  });

  it('name colours as people do', () => {
    expect(parseRegionColor('White')).toBe(0xffffff);
    expect(parseRegionColor('#ff8000')).toBe(0xff8000);
    expect(parseRegionColor('mask.png')).toBeUndefined();
    expect([0xffffff, 0x000000, 0x0a0b0c].map(formatRegionColor)).toEqual(['white', 'black', '#0a0b0c']);
  });
});
