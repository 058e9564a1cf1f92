import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { opticalFlow, type Plane } from '../../src/films/optical-flow.js';
import { createRandom } from '../../src/random.js';

const size = { width: 96, height: 72 };

/** A pattern that is known between its pixels: waves of many lengths and directions. */
function drawPattern(seed: number): (x: number, y: number) => number {
  const random = createRandom(seed);
  const waves = Array.from({ length: 12 }, () => {
    const length = 12 * 8 ** random.uniform();
    const direction = 2 * Math.PI * random.uniform();
    const turn = (2 * Math.PI) / length;
    return [turn * Math.cos(direction), turn * Math.sin(direction), 2 * Math.PI * random.uniform()] as const;
  });
  return (x, y) => 0.5 + waves.reduce((sum, [a, b, c]) => sum + 0.04 * Math.sin(a * x + b * y + c), 0);
}

const drawPlane = (value: (x: number, y: number) => number): Plane => ({
  ...size,
  values: Float32Array.from({ length: size.width * size.height }, (_, at) =>
    value(at % size.width, Math.floor(at / size.width)),
  ),
});

/** How far a flow is from a known one, in pixels, where it is not near the border; the least first. */
function errors(
  from: Plane,
  to: Plane,
  known: (x: number, y: number) => readonly [number, number],
): number[] {
  const flow = opticalFlow(from, to);
  const found: number[] = [];
  for (let y = 16; y < size.height - 16; y += 1) {
    for (let x = 16; x < size.width - 16; x += 1) {
      const at = y * size.width + x;
      const [across, down] = known(x, y);
      found.push(Math.hypot(flow.across[at]! - across, flow.down[at]! - down));
    }
  }
  return found.sort((a, b) => a - b);
}

const meanError = (...given: Parameters<typeof errors>): number => {
  const found = errors(...given);
  return found.reduce((sum, error) => sum + error, 0) / found.length;
};

describe('opticalFlow', () => {
  it('finds any shift, parts of a pixel too', () => {
    const medians: number[] = [];
    const shift = fc.double({ min: -5, max: 5, noNaN: true });
    fc.assert(
      fc.property(shift, shift, fc.integer({ min: 1, max: 1000 }), (across, down, seed) => {
        const pattern = drawPattern(seed);
        const to = drawPlane((x, y) => pattern(x - across, y - down));
        const found = errors(drawPlane(pattern), to, () => [across, down]);
        const median = found[Math.floor(found.length / 2)]!;
        // Some patterns are nearly the same along a line, where nobody can tell how far they have moved.
        expect(median).toBeLessThan(0.5);
        medians.push(median);
      }),
      { numRuns: 20 },
    );
    expect(medians.sort((a, b) => a - b)[10]).toBeLessThan(0.05);
  });

  it('finds a picture that grows from its middle', () => {
    const pattern = drawPattern(7);
    const growth = 1.04;
    const [middleX, middleY] = [size.width / 2, size.height / 2];
    const to = drawPlane((x, y) =>
      pattern(middleX + (x - middleX) / growth, middleY + (y - middleY) / growth),
    );
    const known = (x: number, y: number): [number, number] => [
      (growth - 1) * (x - middleX),
      (growth - 1) * (y - middleY),
    ];
    expect(meanError(drawPlane(pattern), to, known)).toBeLessThan(0.15);
  });

  it('takes a change of light for no motion', () => {
    const pattern = drawPattern(3);
    const to = drawPlane((x, y) => 0.1 + pattern(x - 2, y));
    expect(meanError(drawPlane(pattern), to, () => [2, 0])).toBeLessThan(0.1);
  });

  it('has no motion where there is nothing to see, and for planes that are smaller than a patch', () => {
    const grey = drawPlane(() => 0.5);
    expect(meanError(grey, grey, () => [0, 0])).toBe(0);
    const small = { width: 5, height: 1, values: new Float32Array(5) };
    expect(opticalFlow(small, small)).toMatchObject({ width: 5, height: 1, across: new Float32Array(5) });
  });
});
