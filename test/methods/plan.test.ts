import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createImage } from '../../src/images/image.js';
import { addMirroredMargin } from '../../src/images/margin.js';
import { canvasSize, fittingMargin } from '../../src/methods/plan.js';

const side = fc.integer({ min: 1, max: 40 });

describe('a margin', () => {
  it('is as wide as asked for, or as there is picture to mirror', () => {
    expect(fittingMargin(16, { width: 100, height: 50 })).toBe(16);
    expect(fittingMargin(16, { width: 100, height: 10 })).toBe(9);
    expect(fittingMargin(16, { width: 1, height: 10 })).toBe(0);
  });

  it('makes the canvas that a picture with such a margin has', () => {
    fc.assert(
      fc.property(side, side, fc.integer({ min: 0, max: 60 }), (width, height, wanted) => {
        const margin = fittingMargin(wanted, { width, height });
        const picture = createImage(width, height, new Float32Array(3 * width * height));
        const canvas = addMirroredMargin(picture, margin);
        expect(canvasSize({ width, height, margin })).toEqual({ width: canvas.width, height: canvas.height });
      }),
    );
  });
});
