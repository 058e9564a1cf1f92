import { describe, expect, it } from 'vitest';
import { flatness, variationOf } from '../../src/images/flatness.js';
import { createImage } from '../../src/images/image.js';
import { createRandom } from '../../src/random.js';

const grey = (width: number, height: number, value: (x: number, y: number) => number) =>
  createImage(
    width,
    height,
    Float32Array.from({ length: 3 * width * height }, (_, i) => {
      const at = i % (width * height);
      return value(at % width, Math.floor(at / width));
    }),
  );

describe('flatness', () => {
  it('is 1 on a plain picture of any size', () => {
    for (const [width, height] of [
      [1, 1],
      [1, 9],
      [7, 4],
    ] as const) {
      const plain = flatness(grey(width, height, () => 0.3));
      expect([...plain]).toEqual(new Array(width * height).fill(1));
    }
  });

  it('is low on an edge, and as high as on a plain away from it', () => {
    const step = flatness(grey(30, 10, (x) => (x < 15 ? 0.2 : 0.8)));
    expect(step[5 * 30 + 15]).toBeLessThan(0.05);
    expect(step[5 * 30 + 3]).toBeCloseTo(1, 6);
  });

  it('falls with the slope of a ramp as its exponential', () => {
    const ramp = flatness(grey(40, 20, (x) => 0.01 * x));
    expect(ramp[10 * 40 + 20]).toBeCloseTo(Math.exp(-0.01 / 0.02), 4);
  });
});

describe('the variation of a picture', () => {
  it('is that of its grain, whatever edges it has', () => {
    const random = createRandom(1);
    const grain = Float32Array.from({ length: 64 * 64 }, () => 0.01 * random.normal());
    const plain = variationOf(grey(64, 64, (x, y) => 0.5 + grain[y * 64 + x]!));
    const edges = variationOf(grey(64, 64, (x, y) => (x % 16 < 8 ? 0.2 : 0.8) + grain[y * 64 + x]!));
    expect(plain.luma).toBeGreaterThan(0.005);
    expect(edges.luma / plain.luma).toBeGreaterThan(0.85);
    expect(edges.luma / plain.luma).toBeLessThan(1.3);
  });

  it('of a plain picture is half a step of 8 bits, and of a grey one has no chroma', () => {
    expect(variationOf(grey(8, 8, () => 0.4))).toEqual({ luma: 0.5 / 255, chroma: 0.25 / 255 });
    expect(variationOf(grey(1, 1, () => 0.4))).toEqual({ luma: 0.5 / 255, chroma: 0.25 / 255 });
  });
});
