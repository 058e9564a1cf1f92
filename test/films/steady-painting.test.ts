import { describe, expect, it } from 'vitest';
import { histogramDistance, histogramOf, SteadyPainting } from '../../src/films/steady-painting.js';
import { createImage, type Image } from '../../src/images/image.js';
import { createRandom } from '../../src/random.js';

const size = { width: 120, height: 80 };
const pixels = size.width * size.height;

/** A frame of a pattern that has moved. */
function drawFrame(left: number, top: number, turn = 0): Image {
  const rgb = Float32Array.from({ length: 3 * pixels }, (_, i) => {
    const [x, y] = [(i % size.width) - left, Math.floor((i % pixels) / size.width) - top];
    const waves =
      Math.sin(0.31 * x + 0.12 * y + turn) + Math.sin(0.09 * x - 0.23 * y) + Math.sin(0.4 * y + 0.05 * x);
    return 0.5 + 0.12 * waves;
  });
  return createImage(size.width, size.height, rgb);
}

/** What an unsteady painter makes of a frame: other noise each time. */
function painted(frame: Image, seed: number): Image {
  const random = createRandom(seed);
  return createImage(
    size.width,
    size.height,
    frame.rgb.map((value) => Math.min(1, Math.max(0, value + 0.1 * random.normal()))),
  );
}

/** The mean difference of two frames of which the second has moved by whole pixels. */
function flicker(before: Image, after: Image, [left, top]: readonly [number, number]): number {
  let [sum, count] = [0, 0];
  for (let y = 12; y < size.height - 12; y += 1) {
    for (let x = 12; x < size.width - 12; x += 1) {
      const [now, then] = [y * size.width + x, (y - top) * size.width + x - left];
      sum += Math.abs(after.rgb[now]! - before.rgb[then]!);
      count += 1;
    }
  }
  return sum / count;
}

const meanDifference = (one: Image, other: Image): number =>
  one.rgb.reduce((sum, value, i) => sum + Math.abs(value - other.rgb[i]!), 0) / one.rgb.length;

describe('SteadyPainting', () => {
  it.each([[[0, 0]], [[3, 1]], [[-2, 2]]] as const)(
    'flickers less than half as much in a film that moves by %s',
    (motion) => {
      const steady = new SteadyPainting();
      const frames = Array.from({ length: 6 }, (_, t) => drawFrame(motion[0] * t, motion[1] * t));
      const plain = frames.map((frame, t) => painted(frame, t + 1));
      const steadied = frames.map((frame, t) => steady.next(frame, plain[t]!).image);
      expect(steadied[0]).toBe(plain[0]);
      const ratio = flicker(steadied[4]!, steadied[5]!, motion) / flicker(plain[4]!, plain[5]!, motion);
      expect(ratio).toBeLessThan(0.5);
      // What is kept is where the film is now, and not where it was.
      expect(meanDifference(steadied[5]!, frames[5]!)).toBeLessThan(
        0.8 * meanDifference(plain[5]!, frames[5]!),
      );
    },
  );

  it('begins anew after a cut', () => {
    const steady = new SteadyPainting();
    const dark = createImage(
      size.width,
      size.height,
      drawFrame(0, 0).rgb.map((value) => 0.3 * value),
    );
    const bright = drawFrame(9, 5, 2);
    steady.next(dark, painted(dark, 1));
    const plain = painted(bright, 2);
    expect(steady.next(bright, plain)).toEqual({ image: plain, cut: true });
    expect(steady.next(bright, painted(bright, 3)).cut).toBe(false);
  });

  it('keeps nothing of what is seen no more', () => {
    const steady = new SteadyPainting();
    const [before, after] = [drawFrame(0, 0), drawFrame(0, 0)];
    // A grey square comes from nowhere.
    const inside = (at: number): boolean =>
      Math.abs((at % size.width) - 60) < 20 && Math.abs(Math.floor((at % pixels) / size.width) - 40) < 20;
    after.rgb.forEach((_, at) => inside(at) && (after.rgb[at] = 0.9));
    const black = createImage(size.width, size.height, new Float32Array(3 * pixels));
    const white = createImage(size.width, size.height, new Float32Array(3 * pixels).fill(1));
    steady.next(before, black);
    const { image, cut } = steady.next(after, white);
    expect(cut).toBe(false);
    const middle = 40 * size.width + 60;
    expect(image.rgb[middle]).toBe(1);
    expect(image.rgb[10 * size.width + 10]).toBeLessThan(0.5);
  });

  it('takes frames of any size', () => {
    const steady = new SteadyPainting();
    for (const [width, height] of [
      [1, 1],
      [1, 1],
      [3, 70],
      [641, 1],
    ] as const) {
      const frame = createImage(width, height, new Float32Array(3 * width * height).fill(0.5));
      expect(steady.next(frame, frame).image.rgb).toEqual(frame.rgb);
    }
  });
});

describe('histogramDistance', () => {
  it('is 0 for the same picture, small for one that has moved, and 1 for black and white', () => {
    const flat = (value: number): Float32Array =>
      histogramOf(createImage(4, 4, new Float32Array(48).fill(value)));
    const frame = histogramOf(drawFrame(0, 0));
    expect(histogramDistance(frame, frame)).toBe(0);
    expect(histogramDistance(frame, histogramOf(drawFrame(5, 3)))).toBeLessThan(0.1);
    expect(histogramDistance(flat(0), flat(1))).toBeCloseTo(1);
  });
});
