import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nthSmallest } from '../../src/ranks/nth-smallest.js';

describe('the nth smallest value', () => {
  it('is the one at its place among the sorted ones', () => {
    const some = fc.oneof(
      fc.float32Array({ minLength: 1, maxLength: 200, noNaN: true }),
      // Many equal ones.
      fc
        .array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 200 })
        .map((list) => Float32Array.from(list)),
    );
    fc.assert(
      fc.property(some, fc.nat(), (values, at) => {
        const place = at % values.length;
        const expected = values.slice().sort()[place]!;
        // 0 and -0 are the same.
        expect(nthSmallest(values.slice(), place) - expected || 0).toBe(0);
      }),
    );
  });

  it('is found among sorted, falling and equal ones, too', () => {
    const count = 10_001;
    const rising = Float32Array.from({ length: count }, (_, i) => i);
    for (const values of [rising.slice(), rising.slice().reverse()])
      expect(nthSmallest(values, 5000)).toBe(5000);
    expect(nthSmallest(new Float32Array(count).fill(2), 5000)).toBe(2);
  });
});
