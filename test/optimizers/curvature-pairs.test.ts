import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CurvaturePairs, type StartingMetric } from '../../src/optimizers/curvature-pairs.js';

const size = 5;
const vector = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: size, maxLength: size });
type Matrix = number[][];

/** The BFGS update of a dense inverse Hessian: Nocedal and Wright 2006, equation 6.17. */
function update(inverse: Matrix, s: number[], y: number[]): Matrix {
  const rho = 1 / s.reduce((sum, entry, i) => sum + entry * y[i]!, 0);
  const left = s.map((si, i) => y.map((yj, j) => (i === j ? 1 : 0) - rho * si * yj));
  const product = (a: Matrix, b: Matrix): Matrix =>
    a.map((row) => b[0]!.map((_, j) => row.reduce((sum, entry, k) => sum + entry * b[k]![j]!, 0)));
  const transposed = left[0]!.map((_, j) => left.map((row) => row[j]!));
  return product(product(left, inverse), transposed).map((row, i) =>
    row.map((entry, j) => entry + rho * s[i]! * s[j]!),
  );
}

const metricOf = (diagonal: readonly number[]): StartingMetric => ({
  scale: (vector, factor) => diagonal.forEach((entry, i) => (vector[i]! *= factor * entry)),
  weightedSquare: (vector) => diagonal.reduce((sum, entry, i) => sum + entry * vector[i]! ** 2, 0),
});

describe('curvature pairs', () => {
  it('multiply as the dense BFGS inverse Hessian of the last pairs does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(vector, vector), { minLength: 1, maxLength: 6 }),
        fc.array(fc.double({ min: 0.1, max: 3, noNaN: true }), { minLength: size, maxLength: size }),
        vector,
        fc.boolean(),
        (steps, diagonal, probe, scaled) => {
          // Gradient changes of a loss that curves upwards everywhere: the step, stretched and sheared a little.
          const usable = steps
            .filter(([s]) => s.some((entry) => Math.abs(entry) > 0.1))
            .map(([s, shear]) => ({ s, y: s.map((entry, i) => (2 + i) * entry + 0.1 * shear[i]!) }))
            .filter(({ s, y }) => s.reduce((sum, entry, i) => sum + entry * y[i]!, 0) > 0.01);
          fc.pre(usable.length > 0);
          const pairs = new CurvaturePairs(4);
          const zero = new Float64Array(size);
          for (const { s, y } of usable) {
            expect(pairs.add(zero, Float64Array.from(s), zero, Float64Array.from(y))).toBe(true);
          }
          const kept = usable.slice(-4);
          expect(pairs.count).toBe(kept.length);

          const start = scaled ? diagonal : diagonal.map(() => 1);
          const { s, y } = kept.at(-1)!;
          const factor =
            s.reduce((sum, entry, i) => sum + entry * y[i]!, 0) /
            y.reduce((sum, entry, i) => sum + start[i]! * entry * entry, 0);
          let inverse: Matrix = start.map((entry, i) => start.map((_, j) => (i === j ? factor * entry : 0)));
          for (const pair of kept) inverse = update(inverse, pair.s, pair.y);
          const expected = inverse.map((row) => row.reduce((sum, entry, j) => sum + entry * probe[j]!, 0));

          const found = Float64Array.from(probe);
          pairs.multiply(found, scaled ? metricOf(diagonal) : undefined);
          const size2 = 1 + Math.max(...inverse.flat().map(Math.abs));
          expected.forEach((value, i) => expect(Math.abs(found[i]! - value)).toBeLessThan(1e-8 * size2));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('leave out a step without curvature, whatever the scale of the loss', () => {
    const zero = new Float64Array(2);
    const s = Float64Array.of(1, 0);
    for (const scale of [1e-30, 1, 1e30]) {
      const pairs = new CurvaturePairs(3);
      expect(pairs.add(zero, s, zero, Float64Array.of(0, scale))).toBe(false);
      expect(pairs.add(zero, s, zero, Float64Array.of(-scale, 0))).toBe(false);
      expect(pairs.add(zero, s, zero, zero)).toBe(false);
      expect(pairs.add(zero, s, zero, Float64Array.of(NaN, 0))).toBe(false);
      expect(pairs.add(zero, s, zero, Float64Array.of(scale, scale))).toBe(true);
      expect(pairs.count).toBe(1);
    }
  });

  it.each([0, -1, 2.5])('refuse to be %s', (capacity) => {
    expect(() => new CurvaturePairs(capacity)).toThrow(expect.objectContaining({ code: 'E_ARGUMENT' }));
  });
});
