import { describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../../src/images/image.js';
import { resizeImage } from '../../../src/images/resize.js';
import { ResizedPicture } from '../../../src/images/resized-picture.js';
import { initialPicture, refinedPicture } from '../../../src/methods/stylize/initial-picture.js';
import { randomPicture } from '../method-runs.js';

const [content, style, picture] = [
  randomPicture(40, 30, 1, new Float32Array(1200).fill(0.5)),
  randomPicture(20, 20, 2),
  randomPicture(10, 30, 3),
];
const start = (init: 'content' | 'style' | 'picture' | 'grey' | 'noise', seed = 0): Image =>
  initialPicture({ init, noise: 0.1, seed }, 24, 18, { content, style, picture });

describe('the picture to start from', () => {
  it.each([
    ['content', content],
    ['style', style],
    ['picture', picture],
  ] as const)('is the %s at the size of the scale, opaque', (init, source) => {
    expect(start(init)).toEqual(createImage(24, 18, resizeImage(source, 24, 18).rgb));
  });

  it('is grey', () => {
    expect(start('grey').rgb).toEqual(new Float32Array(3 * 24 * 18).fill(0.5));
  });

  it('is noise around grey, of the deviation and the seed', () => {
    const { rgb } = start('noise');
    const mean = rgb.reduce((sum, value) => sum + value, 0) / rgb.length;
    const variance = rgb.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rgb.length;
    expect(mean).toBeCloseTo(0.5, 1);
    expect(Math.sqrt(variance)).toBeCloseTo(0.1, 1);
    expect(start('noise').rgb).toEqual(rgb);
    expect(start('noise', 1).rgb).not.toEqual(rgb);
  });
});

describe('the start at a finer scale', () => {
  const coarse = resizeImage(content, 20, 15);

  it('is the coarse picture, enlarged', () => {
    for (const init of ['noise', 'grey', 'style', 'picture'] as const) {
      expect(
        refinedPicture(picture, new ResizedPicture(content, 2), { width: 40, height: 30 }, init),
      ).toEqual(resizeImage(picture, 40, 30));
    }
  });

  it('is the photograph itself, in all its detail, where nothing has changed it', () => {
    const refined = refinedPicture(
      createImage(20, 15, coarse.rgb),
      new ResizedPicture(content, 2),
      { width: 40, height: 30 },
      'content',
    );
    expect(refined.rgb).toEqual(content.rgb);
  });

  it('is the photograph with the change that the coarse picture has', () => {
    const lighter = createImage(
      20,
      15,
      coarse.rgb.map((value) => value + 0.25),
    );
    const { rgb } = refinedPicture(
      lighter,
      new ResizedPicture(content, 1),
      { width: 40, height: 30 },
      'content',
    );
    rgb.forEach((value, i) => expect(value).toBeCloseTo(Math.min(1, content.rgb[i]! + 0.25), 5));
  });
});
