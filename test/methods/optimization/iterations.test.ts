import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iterationsPerScale, shareIterations } from '../../../src/methods/optimization/iterations.js';
import { thrownBy } from '../method-runs.js';

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

describe('the steps of each scale', () => {
  it('are the usual ones where none are given', () => {
    expect(iterationsPerScale([64, 128], undefined, [7, 3])).toEqual([7, 3]);
  });

  it('are as given, zeros among them', () => {
    expect(iterationsPerScale([64, 128], [0, 9], [7, 3])).toEqual([0, 9]);
  });

  it('are in the proportions of the usual ones where there is one number for all', () => {
    expect(iterationsPerScale([64, 128], 20, [7, 3])).toEqual([14, 6]);
    expect(iterationsPerScale([64, 128, 256], 1, [1, 1, 1]).reduce((sum, own) => sum + own, 0)).toBe(1);
  });

  it('can not be of another number than the scales', () => {
    expect(thrownBy(() => iterationsPerScale([64, 128], [1, 2, 3], [7, 3]))).toMatchObject({
      code: 'E_ARGUMENT',
      option: 'iterations',
      message: 'There are 3 numbers of iterations for 2 scales (64, 128).',
    });
  });
});
