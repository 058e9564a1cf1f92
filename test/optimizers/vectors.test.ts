import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runningSums } from '../../src/optimizers/vectors.js';

const numbers = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 40 });

describe('runningSums', () => {
  it('are others when a value or the order of two has changed', () => {
    fc.assert(
      fc.property(numbers, fc.nat(), fc.nat(), (values, one, other) => {
        const [i, j] = [one % values.length, other % values.length];
        fc.pre(values[i] !== values[j]);
        const before = runningSums(Float32Array.from(values));
        const changed = Float32Array.from(values);
        changed[i]! += 1;
        expect(runningSums(changed)).not.toEqual(before);
        const swapped = Float32Array.from(values);
        [swapped[i], swapped[j]] = [swapped[j]!, swapped[i]!];
        fc.pre(i !== j);
        expect(runningSums(swapped)).not.toEqual(before);
      }),
    );
  });
});
