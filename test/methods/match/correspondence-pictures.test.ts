import { describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../../src/images/image.js';
import {
  drawCorrespondence,
  drawScores,
  rebuildFromPatches,
} from '../../../src/methods/match/correspondence-pictures.js';
import { createRandom } from '../../../src/random.js';

/** A map of positions that match themselves, moved, inside a target of the same size. */
function shifted(height: number, width: number, rows: number, columns: number) {
  const inside = (value: number, length: number): number => Math.min(Math.max(value, 0), length - 1);
  const field = Int32Array.from({ length: 2 * height * width }, (_, i) => {
    const position = Math.floor(i / 2);
    return i % 2 === 0
      ? inside(Math.floor(position / width) + rows, height)
      : inside((position % width) + columns, width);
  });
  return { height, width, targetHeight: height, targetWidth: width, field };
}

const pixel = ({ rgb, width, height }: Image, x: number, y: number): number[] =>
  [0, 1, 2].map((channel) => rgb[(channel * height + y) * width + x]!);

function randomImage(width: number, height: number, seed: number): Image {
  const random = createRandom(seed);
  return createImage(
    width,
    height,
    Float32Array.from({ length: 3 * width * height }, () => random.uniform()),
  );
}

describe('drawCorrespondence', () => {
  it.each([
    ['right', 0, 1, [1, 0, 0]],
    ['below', 1, 0, [0.5, 1, 0]],
    ['to the left', 0, -1, [0, 1, 1]],
    ['above', -1, 0, [0.5, 0, 1]],
  ])('shows a match %s by its hue', (_, rows, columns, color) => {
    const picture = drawCorrespondence(shifted(3, 3, rows, columns));
    pixel(picture, 1, 1).forEach((value, channel) => expect(value).toBeCloseTo(color[channel]!, 5));
  });

  it('shows the same place as white, also where all are', () => {
    expect([...drawCorrespondence(shifted(2, 3, 0, 0)).rgb]).toEqual(new Array(18).fill(1));
  });

  it('shows half the distance half as saturated', () => {
    const field = { ...shifted(1, 5, 0, 0), field: Int32Array.of(0, 2, 0, 2, 0, 2, 0, 3, 0, 4) };
    const picture = drawCorrespondence(field);
    expect(pixel(picture, 0, 0)[1]).toBeCloseTo(0, 5);
    expect(pixel(picture, 1, 0)[1]).toBeCloseTo(0.5, 5);
    expect(pixel(picture, 4, 0)).toEqual([1, 1, 1]);
  });
});

describe('drawScores', () => {
  it('is grey from 0 to 1', () => {
    const { rgb } = drawScores(Float32Array.of(-0.5, 0.25, 1.0001), 1, 3);
    expect([...rgb]).toEqual([0, 0.25, 1, 0, 0.25, 1, 0, 0.25, 1]);
  });
});

describe('rebuildFromPatches', () => {
  const offsets = [-1, 0, 1];

  it('gives back a picture matched with itself', () => {
    const image = randomImage(13, 9, 1);
    const scale = { cell: 4, pixels: 1 };
    const rebuilt = rebuildFromPatches(
      shifted(2, 3, 0, 0),
      { width: 13, height: 9, scale },
      { image, scale },
      offsets,
    );
    rebuilt.rgb.forEach((value, i) => expect(value).toBeCloseTo(image.rgb[i]!, 6));
  });

  it('averages the overlapping copies of patches', () => {
    const image = randomImage(5, 4, 2);
    const scale = { cell: 1, pixels: 1 };
    const random = createRandom(3);
    const field = Int32Array.from({ length: 24 }, (_, i) =>
      Math.floor(random.uniform() * (i % 2 === 0 ? 4 : 5)),
    );
    const correspondence = { height: 3, width: 4, targetHeight: 4, targetWidth: 5, field };
    const rebuilt = rebuildFromPatches(
      correspondence,
      { width: 4, height: 3, scale },
      { image, scale },
      offsets,
    );
    for (let y = 0; y < 3; y += 1) {
      for (let x = 0; x < 4; x += 1) {
        const copies: number[][] = [];
        for (let row = Math.max(0, y - 1); row <= Math.min(2, y + 1); row += 1) {
          for (let column = Math.max(0, x - 1); column <= Math.min(3, x + 1); column += 1) {
            const [v, u] = [
              field[2 * (row * 4 + column)]! + y - row,
              field[2 * (row * 4 + column) + 1]! + x - column,
            ];
            if (v >= 0 && v < 4 && u >= 0 && u < 5) copies.push(pixel(image, u, v));
          }
        }
        pixel(rebuilt, x, y).forEach((value, channel) => {
          const mean = copies.reduce((sum, copy) => sum + copy[channel]!, 0) / copies.length;
          expect(value).toBeCloseTo(mean, 6);
        });
      }
    }
  });

  it('copies from a larger picture in its own detail', () => {
    const image = randomImage(8, 8, 4);
    const rebuilt = rebuildFromPatches(
      shifted(2, 2, 0, 0),
      { width: 8, height: 8, scale: { cell: 2, pixels: 2 } },
      { image, scale: { cell: 2, pixels: 2 } },
      offsets,
    );
    rebuilt.rgb.forEach((value, i) => expect(value).toBeCloseTo(image.rgb[i]!, 5));
  });
});
