import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shareIterations } from '../../src/methods/share-iterations.js';

it('steps are shared out whole, all of them, each share within one of its exact part', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 5000 }),
      fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 8 }),
      (total, proportions) => {
        const shares = shareIterations(total, proportions);
        const sum = proportions.reduce((before, share) => before + share, 0);
        expect(shares.reduce((before, share) => before + share, 0)).toBe(total);
        shares.forEach((share, index) => {
          expect(Number.isInteger(share)).toBe(true);
          expect(Math.abs(share - (total * proportions[index]!) / sum)).toBeLessThanOrEqual(1);
        });
      },
    ),
  );
});
