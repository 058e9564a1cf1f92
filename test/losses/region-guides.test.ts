import { describe, expect, it } from 'vitest';
import { RegionGuides } from '../../src/losses/region-guides.js';

/** A mask of random parts as the only region's plane. */
const guidesOf = (plane: Float32Array, width: number, height: number): RegionGuides =>
  new RegionGuides({ width, height, planes: new Map([[0, plane]]) });

describe('guides', () => {
  it('are averaged down two by two, a remainder left out, and have unit energy', () => {
    const plane = Float32Array.from({ length: 35 }, (_, i) => ((i * 7) % 5) / 4);
    const guides = guidesOf(plane, 7, 5);
    // Rows 0 to 3 and columns 0 to 5 of the 5 rows and 7 columns, as VGG's pooling sees them.
    const expected: number[] = [];
    for (let y = 0; y < 2; y += 1) {
      for (let x = 0; x < 3; x += 1) {
        let sum = 0;
        for (const [dy, dx] of [
          [0, 0],
          [0, 1],
          [1, 0],
          [1, 1],
        ] as const) {
          sum += plane[(2 * y + dy) * 7 + 2 * x + dx]!;
        }
        expected.push(sum / 4);
      }
    }
    const guide = guides.guide(0, 2);
    const energy = expected.reduce((sum, value) => sum + value ** 2, 0);
    expected.forEach((value, i) => expect(guide[i]).toBeCloseTo(value / Math.sqrt(energy), 6));
    expect(guides.area(0, 2)).toBeCloseTo(
      expected.reduce((sum, value) => sum + value, 0),
      5,
    );
    expect([...guides.positions(0, 2)]).toEqual(
      expected.flatMap((value, position) => (value >= 0.5 ? [position] : [])),
    );
    expect(guides.guide(0, 3)).toHaveLength(1);
  });

  it('of a region without a position are zero, not NaN', () => {
    expect([...guidesOf(new Float32Array(4), 2, 2).guide(0, 1)]).toEqual([0, 0, 0, 0]);
  });
});
