import { describe, expect, it } from 'vitest';
import { createImage } from '../../src/images/image.js';

describe('createImage', () => {
  it('takes planes of the right length', () => {
    const [rgb, alpha] = [new Float32Array(18), new Float32Array(6)];
    expect(createImage(3, 2, rgb)).toEqual({ width: 3, height: 2, rgb });
    expect(createImage(3, 2, rgb, alpha)).toEqual({ width: 3, height: 2, rgb, alpha });
  });

  it('refuses all else', () => {
    const [rgb, alpha] = [new Float32Array(18), new Float32Array(6)];
    const wrong: Parameters<typeof createImage>[] = [
      [3, 3, rgb],
      [0, 2, new Float32Array(0)],
      [-3, -2, rgb],
      [1.5, 4, rgb],
      [NaN, 2, rgb],
      [3, 2, rgb, rgb],
      [3, 2, alpha],
    ];
    for (const planes of wrong) {
      expect(() => createImage(...planes)).toThrowError(expect.objectContaining({ code: 'E_IMAGE_SIZE' }));
    }
  });
});
