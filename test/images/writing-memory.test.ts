import { describe, expect, it } from 'vitest';
import { encodingMemory, hasOwnTables } from '../../src/images/writing-memory.js';

describe('what encoding takes', () => {
  it('grows with pixels, channels and bits, and with what the encoder holds', () => {
    const size = { width: 4000, height: 3000 };
    const png = { format: 'png', bitDepth: 8 } as const;
    const usual = encodingMemory(size, png, false);
    expect(encodingMemory({ width: 8000, height: 3000 }, png, false)).toBe(2 * usual);
    expect(encodingMemory(size, { ...png, bitDepth: 16 }, false)).toBe(2 * usual);
    expect(encodingMemory(size, png, true)).toBeCloseTo((4 / 3) * usual);
    expect(encodingMemory(size, { ...png, format: 'webp' }, false)).toBeGreaterThan(5 * usual);
  });

  it('of JPEG does not grow by the tables of large pictures, which have none of their own', () => {
    const jpeg = { format: 'jpeg', bitDepth: 8 } as const;
    const [small, large] = [
      { width: 5000, height: 5000 },
      { width: 5000, height: 5001 },
    ];
    expect([hasOwnTables(small), hasOwnTables(large)]).toEqual([true, false]);
    expect(encodingMemory(large, jpeg, false)).toBeLessThan(encodingMemory(small, jpeg, false) / 2);
  });
});
