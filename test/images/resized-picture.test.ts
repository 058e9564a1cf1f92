import { describe, expect, it } from 'vitest';
import { resizeImage } from '../../src/images/resize.js';
import { ResizedPicture } from '../../src/images/resized-picture.js';
import { randomPicture } from '../methods/method-runs.js';

describe('a picture at several sizes', () => {
  const picture = randomPicture(40, 30, 1);
  const [large, middle, small] = [
    { width: 40, height: 30 },
    { width: 20, height: 15 },
    { width: 12, height: 9 },
  ] as const;

  it('is resized once for the sizes that were wanted last, and is itself at its own', () => {
    const sizes = new ResizedPicture(picture, 2);
    expect(sizes.at(large)).toBe(picture);
    const first = sizes.at(middle);
    expect(first).toEqual(resizeImage(picture, 20, 15));
    expect(sizes.at(middle)).toBe(first);
    expect(sizes.at(small)).toEqual(resizeImage(picture, 12, 9));
    expect(sizes.at(middle)).toBe(first);
    sizes.at(large);
    sizes.at(small);
    expect(sizes.at(middle)).not.toBe(first);
  });

  it('forgets them', () => {
    const sizes = new ResizedPicture(picture, 2);
    const first = sizes.at(middle);
    sizes.forget();
    expect(sizes.at(middle)).not.toBe(first);
    expect(sizes.at(middle)).toEqual(first);
  });
});
