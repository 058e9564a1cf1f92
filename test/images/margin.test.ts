import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createImage } from '../../src/images/image.js';
import { addMirroredMargin, removeMargin } from '../../src/images/margin.js';

describe('mirrored margins', () => {
  it('repeat the picture mirrored at its edge, the edge itself once', () => {
    const image = createImage(3, 1, Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9));
    const wide = addMirroredMargin(image, 2);
    expect([wide.width, wide.height]).toEqual([7, 5]);
    expect([...wide.rgb.slice(14, 21)]).toEqual([3, 2, 1, 2, 3, 2, 1]);
    expect([...wide.rgb.slice(0, 7)]).toEqual([3, 2, 1, 2, 3, 2, 1]);
    expect([...wide.rgb.slice(35, 42)]).toEqual([6, 5, 4, 5, 6, 5, 4]);
  });

  it('come off again, whatever the sizes', () => {
    const side = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(side, side, fc.integer({ min: 0, max: 20 }), (width, height, margin) => {
        const rgb = Float32Array.from({ length: 3 * width * height }, (_, i) => i);
        const back = removeMargin(addMirroredMargin(createImage(width, height, rgb), margin), margin);
        expect(back).toEqual(createImage(width, height, rgb));
      }),
    );
  });
});
