import { describe, expect, it } from 'vitest';
import { createImage } from '../../../src/images/image.js';
import { paintInWindows, windowStarts } from '../../../src/methods/apply/windows.js';
import { randomPicture } from '../method-runs.js';

describe('windows', () => {
  it.each([
    [256, 256],
    [257, 256],
    [448, 256],
    [449, 256],
    [1001, 64],
  ])('cover %i pixels by %i from border to border, a quarter of them twice', (length, window) => {
    const starts = windowStarts(length, window);
    expect(starts[0]).toBe(0);
    expect(starts.at(-1)).toBe(length - window);
    for (const [index, start] of starts.slice(1).entries())
      expect(start - starts[index]!).toBeLessThanOrEqual(0.75 * window);
  });

  it('give a picture back that nobody changes', async () => {
    const picture = randomPicture(75, 50, 1);
    const painted = await paintInWindows(picture, { width: 32, height: 24 }, (part) => Promise.resolve(part));
    painted.rgb.forEach((value, i) => expect(value).toBeCloseTo(picture.rgb[i]!, 6));
  });

  it('fade into each other: no step between neighbours is large though the windows differ', async () => {
    let count = 0;
    const parts: number[] = [];
    const painted = await paintInWindows(
      randomPicture(112, 32, 2),
      { width: 64, height: 32 },
      ({ width, height }) => {
        const value = count;
        count += 1;
        return Promise.resolve(createImage(width, height, new Float32Array(3 * width * height).fill(value)));
      },
      { onPart: (done) => parts.push(done) },
    );
    expect(parts).toEqual([0.5, 1]);
    const row = painted.rgb.subarray(0, 112);
    expect([row[0], row[48], row[63], row[111]]).toEqual([0, 0, 1, 1]);
    row.slice(1).forEach((value, i) => {
      expect(value).toBeGreaterThanOrEqual(row[i]!);
      expect(value - row[i]!).toBeLessThan(0.25);
    });
  });

  it('stop where they are told to', async () => {
    const signal = AbortSignal.abort();
    const painting = paintInWindows(
      randomPicture(64, 64, 3),
      { width: 32, height: 32 },
      (part) => Promise.resolve(part),
      { signal },
    );
    await expect(painting).rejects.toMatchObject({ name: 'AbortError' });
  });
});
