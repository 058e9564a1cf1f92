import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { autoTune } from '../../src/losses/auto-tune.js';

const length = (values: Float32Array, factor = 1): number => factor * Math.hypot(...values);
const vector = fc
  .array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 4, maxLength: 4 })
  .map((values) => Float32Array.from(values))
  .filter((values) => length(values) > 1e-3);

describe('automatic tuning', () => {
  it('shortens what is longer than its share, and leaves the rest', () => {
    fc.assert(
      fc.property(vector, vector, fc.double({ min: 0.01, max: 3, noNaN: true }), (style, other, share) => {
        const factors = autoTune(
          { style, other },
          { reference: 'style', shares: share === 1 ? {} : { other: share } },
        );
        expect(factors['style']).toBe(1);
        const allowed = share * length(style);
        const found = length(other, factors['other']);
        if (length(other) <= allowed) expect(factors['other']).toBe(1);
        else expect(found / allowed).toBeCloseTo(1, 6);
      }),
    );
  });

  it('lifts weak terms no further than it may', () => {
    const gradients = {
      style: Float32Array.of(3, 4),
      weak: Float32Array.of(0, 0.5),
      none: new Float32Array(2),
    };
    expect(autoTune(gradients, { reference: 'style', largest: 100 })).toEqual({
      style: 1,
      weak: 10,
      none: 1,
    });
    expect(autoTune(gradients, { reference: 'style', largest: 4 })).toEqual({ style: 1, weak: 4, none: 1 });
    expect(autoTune(gradients, { reference: 'none', largest: 4 })).toEqual({ style: 1, weak: 1, none: 1 });
  });

  it('does not depend on the units of the whole, so not on size or network', () => {
    fc.assert(
      fc.property(vector, vector, (style, other) => {
        const scaled = (values: Float32Array): Float32Array => values.map((value) => value / 1024);
        const options = { reference: 'style', largest: 1e6 };
        const [plain, small] = [
          autoTune({ style, other }, options),
          autoTune({ style: scaled(style), other: scaled(other) }, options),
        ];
        expect(small['other']! / plain['other']!).toBeCloseTo(1, 6);
      }),
    );
  });

  it('refuses what it can’t measure', () => {
    const a = Float32Array.of(1, 2);
    const code = (expected: string): unknown => expect.objectContaining({ code: expected });
    expect(() => autoTune({ a }, { reference: 'b' })).toThrow(code('E_ARGUMENT'));
    expect(() => autoTune({ a, b: Float32Array.of(1) }, { reference: 'a' })).toThrow(code('E_SHAPE'));
    expect(() => autoTune({ a, b: Float32Array.of(NaN, 1) }, { reference: 'a' })).toThrow(code('E_NUMERIC'));
  });
});
