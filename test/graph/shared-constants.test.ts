import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integers64, SharedConstants } from '../../src/graph/shared-constants.js';

describe('whole numbers of 64 bits', () => {
  it('are those that BigInt makes of them', () => {
    const edges = [
      0,
      -0,
      1,
      -1,
      2 ** 31 - 1,
      2 ** 31,
      -(2 ** 31),
      -(2 ** 31) - 1,
      2 ** 53 - 1,
      -(2 ** 53) + 1,
    ];
    const number = fc.oneof(fc.constantFrom(...edges), fc.maxSafeInteger(), fc.integer());
    fc.assert(
      fc.property(fc.array(number), (values) => {
        const expected = BigInt64Array.from(values, (value) => BigInt(value));
        expect(integers64(values)).toEqual(expected);
        if (values.every((value) => value === Math.fround(value)))
          expect(integers64(Float32Array.from(values))).toEqual(expected);
      }),
    );
  });
});

describe('shared constants', () => {
  it('have one name where type, shape and values are equal, and else names of their own', () => {
    const value = fc.constantFrom(-1, 0, 1, 2);
    const constant = fc.record({
      values: fc.array(value, { minLength: 1, maxLength: 4 }),
      isRow: fc.boolean(),
      isFloat: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(constant, { maxLength: 30 }), (all) => {
        const shared = new SharedConstants();
        const names = new Map<string, string>();
        let added = 0;
        for (const { values, isRow, isFloat } of all) {
          const data = isFloat ? Float32Array.from(values) : integers64(values);
          const shape = isRow ? [1, values.length] : [values.length];
          const dtype = isFloat ? 'float32' : 'int64';
          const name = shared.nameOf(data, shape, dtype, () => `constant ${(added += 1)}`);
          const text = JSON.stringify([values, isRow, isFloat]);
          expect(name).toBe(names.get(text) ?? name);
          names.set(text, name);
        }
        expect(new Set(names.values()).size).toBe(names.size);
        expect(added).toBe(names.size);
      }),
    );
  });
});
