import { describe, expect, it } from 'vitest';
import { createImage } from '../../src/images/image.js';
import { sampledGrid } from '../../src/images/sampled-grid.js';
import { resizeImage } from '../../src/images/resize.js';

describe('a picture by every so many pixels', () => {
  it('has the values of the middle of each square, and its name', () => {
    // Each value says where it stands.
    const [width, height] = [12, 9];
    const rgb = Float32Array.from({ length: 3 * width * height }, (_, i) => i);
    const alpha = Float32Array.from({ length: width * height }, (_, i) => -i);
    const picture = { ...createImage(width, height, rgb, alpha), name: 'a.png' };
    const small = sampledGrid(picture, 4);
    expect(small).toMatchObject({ width: 4, height: 3, name: 'a.png' });
    const places = [1, 4, 7].flatMap((row) => [1, 4, 7, 10].map((column) => row * 12 + column));
    expect([...small.rgb]).toEqual([0, 108, 216].flatMap((plane) => places.map((at) => plane + at)));
    expect([...small.alpha!]).toEqual(places.map((at) => -at));
  });

  it('of a ramp is what resampling makes of it, so it is not shifted', () => {
    const [width, height] = [90, 60];
    const ramp = Float32Array.from(
      { length: 3 * width * height },
      (_, i) => ((i % width) + (Math.floor(i / width) % height)) / 200,
    );
    const picture = createImage(width, height, ramp);
    const small = sampledGrid(picture, 30);
    const resized = resizeImage(picture, 30, 20);
    const inside = [...small.rgb.keys()].filter((i) => {
      const [x, y] = [i % 30, Math.floor(i / 30) % 20];
      return x > 3 && x < 26 && y > 3 && y < 16;
    });
    for (const i of inside) expect(small.rgb[i]).toBeCloseTo(resized.rgb[i]!, 5);
  });

  it('keeps a picture that has no two pixels for one, and a strip', () => {
    const picture = createImage(7, 5, new Float32Array(105));
    expect(sampledGrid(picture, 4)).toBe(picture);
    const strip = createImage(40, 1, new Float32Array(120));
    expect(sampledGrid(strip, 4)).toBe(strip);
  });
});
