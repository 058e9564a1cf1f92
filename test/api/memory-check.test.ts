import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StyleError } from '../../src/errors.js';
import { formatGigabytes, largestFittingSize } from '../../src/api/memory-check.js';
import { nodePlatform } from '../../src/api/platform.node.js';

describe('the largest size that fits', () => {
  it('is that of a search through all sizes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 0, max: 3000 }),
        fc.integer({ min: 1, max: 200 }),
        (tooLarge, limit, smallest) => {
          const fits = (size: number): boolean => {
            if (size < smallest) throw new StyleError('E_IMAGE_SIZE', `${size} is too small.`, 'Use more.');
            return size <= limit;
          };
          let expected: number | undefined;
          for (let size = 16; size < tooLarge; size += 16)
            if (size >= smallest && size <= limit) expected = size;
          expect(largestFittingSize(tooLarge, fits)).toBe(expected);
        },
      ),
    );
  });

  it('does not swallow other errors', () => {
    const broken = () => {
      throw new StyleError('E_LAYER', 'There is no such layer.', 'Name another.');
    };
    expect(() => largestFittingSize(512, broken)).toThrowError('There is no such layer.');
  });
});

it('tells how much memory there is, in bytes', () => {
  expect(nodePlatform.availableMemory()).toBeGreaterThan(1e7);
  expect([9.4e6, 1.34e9].map(formatGigabytes)).toEqual(['9 MB', '1.3 GB']);
});
