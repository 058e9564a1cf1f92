import { describe, expect, it } from 'vitest';
import { constant, input, sizeOf } from '../../src/graph/index.js';
import { enlargingParameters } from '../../src/networks/enlarging-model.js';
import {
  enlargingNetwork,
  enlargingNetworkShapes,
  enlargingRadius,
} from '../../src/networks/enlarging-network.js';
import { valuesOf } from '../graph-values.js';
import { noise } from '../noise.js';
import { toyEnlargingModel } from './toy-enlarging-model.js';

describe('a network that enlarges pictures', () => {
  it('has about 200 thousand parameters at its default design', () => {
    const shapes = enlargingNetworkShapes({ factor: 4, width: 48, layers: 8 });
    const count = Object.values(shapes).reduce((sum, shape) => sum + sizeOf(shape), 0);
    // By hand: 3 to 48 channels, eight times 48 to 48, and 48 to 3 x 4 x 4.
    expect(count).toBe(48 * 28 + 8 * 48 * (48 * 9 + 1) + 48 * (48 * 9 + 1));
  });

  it.each([2, 4] as const)('makes pictures %i times as large, of any size from one pixel', (factor) => {
    const model = toyEnlargingModel({ factor });
    for (const [height, width] of [
      [1, 1],
      [2, 1],
      [5, 7],
    ] as const) {
      const x = input('x', [2, 3, height, width]);
      const enlarged = enlargingNetwork(x, enlargingParameters(model), model.options);
      expect(enlarged.shape).toEqual([2, 3, factor * height, factor * width]);
    }
  });

  it('without numbers is the picture enlarged bilinearly', async () => {
    const { options } = toyEnlargingModel();
    const parameters = Object.fromEntries(
      Object.entries(enlargingNetworkShapes(options)).map(([name, shape]) => [
        name,
        constant(new Float32Array(sizeOf(shape)), shape),
      ]),
    );
    const [height, width] = [3, 5];
    const picture = noise(3 * height * width);
    const x = constant(picture, [1, 3, height, width]);
    const found = await valuesOf(enlargingNetwork(x, parameters, options));
    const at = (channel: number, y: number, x: number): number => {
      const inside = (place: number, length: number): number => Math.min(length - 1, Math.max(0, place));
      return picture[(channel * height + inside(y, height)) * width + inside(x, width)]!;
    };
    for (let channel = 0; channel < 3; channel += 1) {
      for (let y = 0; y < 4 * height; y += 1) {
        for (let x = 0; x < 4 * width; x += 1) {
          const [v, u] = [(y + 0.5) / 4 - 0.5, (x + 0.5) / 4 - 0.5];
          const [top, left] = [Math.floor(v), Math.floor(u)];
          const [b, r] = [v - top, u - left];
          const expected =
            (1 - b) * ((1 - r) * at(channel, top, left) + r * at(channel, top, left + 1)) +
            b * ((1 - r) * at(channel, top + 1, left) + r * at(channel, top + 1, left + 1));
          expect(found[(channel * 4 * height + y) * 4 * width + x]).toBeCloseTo(expected, 5);
        }
      }
    }
  });

  it('sees as far as its radius says, and no farther', async () => {
    const model = toyEnlargingModel();
    const radius = enlargingRadius(model.options);
    const side = 2 * radius + 5;
    const x = input('x', [1, 3, side, side]);
    const enlarged = enlargingNetwork(x, enlargingParameters(model), model.options);
    const picture = noise(3 * side * side);
    const changed = picture.slice();
    const middle = radius + 2;
    changed[middle * side + middle]! += 10;
    const [before, after] = await Promise.all(
      [picture, changed].map((values) => valuesOf(enlarged, { x: values })),
    );
    const rows = Array.from({ length: 4 * side }, (_, y) =>
      Array.from({ length: 4 * side }, (_, column) => y * 4 * side + column).some(
        (place) => before![place] !== after![place],
      ),
    );
    const seen = rows.flatMap((differs, y) => (differs ? [Math.floor(y / 4)] : []));
    expect(Math.min(...seen)).toBe(middle - radius);
    expect(Math.max(...seen)).toBe(middle + radius);
  });
});
