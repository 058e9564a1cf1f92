import { describe, expect, it } from 'vitest';
import { drawKnobs, StyleOrder } from '../../../src/training/style/drawn-conditions.js';

const knobs = 6;
const pictures = 4000;
const drawn = Array.from({ length: pictures }, (_, picture) => drawKnobs(7, picture, knobs));
/** How many of a drawing's knobs are of a value. */
const count = (values: Float32Array, value: number): number => values.filter((one) => one === value).length;
const share = (holds: (values: Float32Array) => boolean): number => drawn.filter(holds).length / pictures;

describe('drawn weights of an adjustable network', () => {
  it('stay within 0 and 2, and are the same for the same picture', () => {
    for (const values of drawn) {
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...values)).toBeLessThanOrEqual(2);
    }
    expect(drawKnobs(7, 11, knobs)).toEqual(drawn[11]);
    expect(drawKnobs(8, 11, knobs)).not.toEqual(drawn[11]);
  });

  it('are those of the default in a fifth, one moved in two fifths, one layer alone in a tenth', () => {
    // Three deviations of a share of 0.4 of 4,000 are 0.023.
    expect(share((values) => count(values, 1) === knobs)).toBeCloseTo(0.2, 1);
    expect(share((values) => count(values, 1) === knobs - 1)).toBeCloseTo(0.4, 1);
    expect(share((values) => count(values.slice(1), 0) === knobs - 2)).toBeCloseTo(0.1, 1);
  });

  it('move each knob alike where one is moved', () => {
    const moved = drawn.filter((values) => count(values, 1) === knobs - 1);
    for (let knob = 0; knob < knobs; knob++) {
      const values = moved.filter((one) => one[knob] !== 1).map((one) => one[knob]!);
      expect(values.length / moved.length).toBeCloseTo(1 / knobs, 1);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      expect(mean).toBeCloseTo(1, 0);
    }
  });
});

describe('the order of styles', () => {
  it('has each style once in each round', () => {
    const order = new StyleOrder(3, 5, 10);
    const batch = order.ofBatch(4);
    expect(batch.slice(0, 5).sort()).toEqual([0, 1, 2, 3, 4]);
    expect(batch.slice(5).sort()).toEqual([0, 1, 2, 3, 4]);
  });
});
