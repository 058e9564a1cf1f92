import { describe, expect, it } from 'vitest';
import { invertLowerTriangle, whiten } from '../../../src/training/distillation/whitening.js';
import { forAll, type Draw } from '../../graph/draw.js';

type Rows = number[][];

const rowsOf = (values: ArrayLike<number>, size: number): Rows =>
  Array.from({ length: size }, (_, i) => Array.from({ length: size }, (__, j) => values[i * size + j]!));

const transposed = (a: Rows): Rows => a[0]!.map((_, j) => a.map((row) => row[j]!));

const product = (a: Rows, b: Rows): Rows =>
  a.map((row) => transposed(b).map((column) => row.reduce((sum, value, k) => sum + value * column[k]!, 0)));

const distanceFromIdentity = (a: Rows): number =>
  Math.max(...a.flatMap((row, i) => row.map((value, j) => Math.abs(value - (i === j ? 1 : 0)))));

/** Moments of random inputs, not all of which vary equally, and more samples than inputs: a positive matrix. */
function randomMoments(draw: Draw, size: number): { moments: Float64Array; rows: Rows } {
  const samples = 3 * size + 2;
  const scales = draw.numbers(size, 0.1, 4);
  const numbers = draw.numbers(size * samples);
  const inputs = Array.from({ length: size }, (_, i) =>
    Array.from(numbers.subarray(i * samples, (i + 1) * samples), (value) => value * scales[i]!),
  );
  const rows = product(inputs, transposed(inputs)).map((row) => row.map((value) => value / samples));
  return { moments: Float64Array.from(rows.flat()), rows };
}

describe('whitening', () => {
  it('gives inputs that are uncorrelated with mean square 1', () =>
    forAll(40, async (draw) => {
      const size = draw.integer(1, 9);
      const { moments, rows } = randomMoments(draw, size);
      const { factor, inverse } = whiten(moments, size, 0);
      const [lower, white] = [rowsOf(factor, size), rowsOf(inverse, size)];
      expect(distanceFromIdentity(product(product(white, rows), transposed(white)))).toBeLessThan(1e-9);
      expect(distanceFromIdentity(product(white, lower))).toBeLessThan(1e-9);
      const above = [lower, white].flatMap((matrix) => matrix.flatMap((row, i) => row.slice(i + 1)));
      expect(above.every((value) => value === 0)).toBe(true);
      await Promise.resolve();
    }));

  it('stretches no direction further than the damping allows, and whitens the damped moments exactly', () =>
    forAll(40, async (draw) => {
      const size = draw.integer(2, 8);
      const { moments, rows } = randomMoments(draw, size);
      // An input that never varies: without damping there would be no inverse at all.
      const dead = draw.integer(0, size - 1);
      for (let i = 0; i < size; i += 1) {
        moments[i * size + dead] = moments[dead * size + i] = rows[i]![dead] = rows[dead]![i] = 0;
      }
      const damping = 10 ** -draw.integer(1, 6);
      const added = (damping * rows.reduce((sum, row, i) => sum + row[i]!, 0)) / size;
      const white = rowsOf(whiten(moments, size, damping).inverse, size);
      const damped = rows.map((row, i) => row.map((value, j) => value + (i === j ? added : 0)));
      expect(distanceFromIdentity(product(product(white, damped), transposed(white)))).toBeLessThan(1e-6);
      const direction = Array.from(draw.numbers(size), (value) => [value]);
      const length = (column: Rows): number => Math.hypot(...column.flat());
      const stretch = length(product(white, direction)) / length(direction);
      expect(stretch).toBeLessThanOrEqual((1 / Math.sqrt(added)) * (1 + 1e-6));
      await Promise.resolve();
    }));

  it('takes the mean of what rounding has made of a pair', () => {
    const rounded = Float64Array.of(2, 0.5 + 1e-9, 0.5 - 1e-9, 1);
    expect(whiten(rounded, 2, 0.1)).toEqual(whiten(Float64Array.of(2, 0.5, 0.5, 1), 2, 0.1));
  });

  it.each([
    ['not finite', [1, 0, 0, NaN]],
    ['infinite', [1, 0, 0, Infinity]],
    ['not finite off the diagonal', [1, NaN, NaN, 1]],
    ['negative', [-1, 0, 0, -1]],
    ['of no possible inputs', [1, 3, 3, 1]],
  ])('refuses moments that are %s', (_, moments) => {
    expect(() => whiten(Float64Array.from(moments), 2, 1e-3)).toThrow(
      expect.objectContaining({ code: 'E_NUMERIC' }),
    );
  });
});

describe('the inverse of a lower triangle', () => {
  it('gives the identity, times the triangle, from both sides', () =>
    forAll(40, async (draw) => {
      const size = draw.integer(1, 10);
      const rows = Array.from({ length: size }, (_, i) =>
        Array.from({ length: size }, (__, j) =>
          // Zeros in between: they are passed over.
          j > i || (j < i && draw.boolean()) ? 0 : draw.integer(1, 9) / (j === i ? 2 : 5),
        ),
      );
      const inverse = rowsOf(invertLowerTriangle(Float64Array.from(rows.flat()), size), size);
      expect(distanceFromIdentity(product(inverse, rows))).toBeLessThan(1e-6);
      expect(distanceFromIdentity(product(rows, inverse))).toBeLessThan(1e-6);
      await Promise.resolve();
    }));
});
