import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignment, divideIntoTiles } from '../../src/methods/tiles.js';

describe('divideIntoTiles', () => {
  it('covers every pixel once, each with all that it sees, in windows of few sizes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 700 }),
        fc.integer({ min: 1, max: 700 }),
        fc.integer({ min: 8, max: 30 }).map((n) => alignment * n),
        fc.integer({ min: 0, max: 60 }),
        (width, height, side, radius) => {
          const tiles = divideIntoTiles({ width, height }, side, radius);
          const covered = new Uint8Array(width * height);
          for (const { rows, columns } of tiles) {
            for (const [span, length] of [
              [rows, height],
              [columns, width],
            ] as const) {
              expect(span.start % alignment).toBe(0);
              expect(span.start).toBeLessThanOrEqual(Math.max(0, span.from - radius));
              expect(span.start + span.length).toBeGreaterThanOrEqual(Math.min(length, span.to + radius));
              expect(span.start + span.length).toBeLessThanOrEqual(length);
            }
            for (let y = rows.from; y < rows.to; y += 1)
              for (let x = columns.from; x < columns.to; x += 1) covered[y * width + x]! += 1;
          }
          expect(covered.every((count) => count === 1)).toBe(true);
          const sizes = new Set(tiles.map(({ rows, columns }) => `${rows.length}x${columns.length}`));
          expect(sizes.size).toBeLessThanOrEqual(4);
        },
      ),
      { numRuns: 60 },
    );
  });
});
