import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SineCoordinates } from '../../src/optimizers/sine-coordinates.js';

const coordinates = new SineCoordinates({ lower: -1, upper: 3 });
const angles = fc.double({ min: -12, max: 12, noNaN: true });

describe('SineCoordinates', () => {
  it('are those of Math.sin and Math.cos to 1e-10, within a quarter turn and beyond', () => {
    const ends = [-Math.PI, -Math.PI / 2, -0, 0, Math.PI / 2, Math.PI, 3 * Math.PI];
    fc.assert(
      fc.property(fc.array(angles), (drawn) => {
        const variables = Float64Array.from([...ends, ...drawn]);
        const values = new Float64Array(variables.length);
        const slopes = new Float64Array(variables.length);
        coordinates.toValues(variables, values);
        coordinates.pullBack(variables, new Float64Array(variables.length).fill(1), slopes);
        variables.forEach((angle, i) => {
          expect(Math.abs(values[i]! - (1 + 2 * Math.sin(angle)))).toBeLessThan(1e-10);
          expect(Math.abs(slopes[i]! - 2 * Math.cos(angle))).toBeLessThan(1e-10);
        });
      }),
    );
  });

  it('lead back to values that are not near a bound', () => {
    const values = Float64Array.of(-0.9, 0, 1, 2.9);
    const variables = new Float64Array(4);
    const again = new Float64Array(4);
    coordinates.fromValues(values, variables);
    coordinates.toValues(variables, again);
    values.forEach((value, i) => expect(again[i]).toBeCloseTo(value, 9));
  });
});
