import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LinePoint } from '../../src/optimizers/cubic-interpolation.js';
import { strongWolfeSearch } from '../../src/optimizers/strong-wolfe.js';

/** Searches a function of one variable; also returns the point last kept. */
async function search(
  f: (t: number) => [value: number, slope: number],
  first: number,
): Promise<{ end: LinePoint; kept: LinePoint; start: LinePoint }> {
  const point = (distance: number): LinePoint => {
    const [value, slope] = f(distance);
    return { distance, value, slope };
  };
  const start = point(0);
  let last = start;
  let kept = start;
  const line = {
    at: (distance: number): Promise<LinePoint> => Promise.resolve((last = point(distance))),
    keep: (): void => {
      kept = last;
    },
  };
  return { end: await strongWolfeSearch(line, start, first, 1), kept, start };
}

const coefficient = fc.double({ min: -2, max: 2, noNaN: true });

describe('line search', () => {
  it('ends where the strong Wolfe conditions hold, on wavy functions and from first trials far too short or long', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(coefficient, { minLength: 3, maxLength: 3 }),
        fc.double({ min: -4, max: 2, noNaN: true }),
        async (waves, exponent) => {
          // A bowl with waves on it, bounded below, and downhill at 0.
          const slopeAtZero = waves.reduce((sum, a, k) => sum + a * (k + 1), 0);
          const tilt = 0.5 + Math.max(slopeAtZero, 0);
          const { end, kept, start } = await search((t) => {
            const value = waves.reduce((sum, a, k) => sum + a * Math.sin((k + 1) * t), 0);
            const slope = waves.reduce((sum, a, k) => sum + a * (k + 1) * Math.cos((k + 1) * t), 0);
            return [0.3 * t * t - tilt * t + value, 0.6 * t - tilt + slope];
          }, 10 ** exponent);
          expect(end.distance).toBeGreaterThan(0);
          expect(end.value).toBeLessThanOrEqual(start.value + 1e-4 * end.distance * start.slope);
          expect(Math.abs(end.slope)).toBeLessThanOrEqual(0.9 * Math.abs(start.slope));
          expect(kept).toEqual(end);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('comes back from where the function is not finite', async () => {
    for (const bad of [NaN, Infinity]) {
      const { end, start } = await search(
        (t) => (t < 1 ? [-Math.log(1 - t) - 3 * t, 1 / (1 - t) - 3] : [bad, bad]),
        50,
      );
      expect(end.distance).toBeGreaterThan(0);
      expect(end.distance).toBeLessThan(1);
      expect(Math.abs(end.slope)).toBeLessThanOrEqual(0.9 * Math.abs(start.slope));
    }
  });

  it('stays where it is when nothing lies lower', async () => {
    const { end, start } = await search((t) => [t, -1], 1);
    expect(end).toEqual(start);
  });
});
