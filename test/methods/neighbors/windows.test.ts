import { afterAll, describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../../src/images/image.js';
import { neighborStylization } from '../../../src/methods/neighbors/neighbors-method.js';
import type { NeighborOptions } from '../../../src/methods/neighbors/options.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { toyPerceptual } from '../../toy-any-style.js';
import { planMethod, randomPicture, runInWindows } from '../method-runs.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const content = randomPicture(111, 83, 1);
const style = randomPicture(112, 84, 2);
const bench = { runtime, weights: toyPerceptual };
const options: NeighborOptions = {
  ...{ scales: [111], iterations: [2], splitIterations: 2, rematch: 1 },
  ...{ layers: ['relu1_1', 'relu2_1', 'relu3_1'], contentLayers: ['relu3_1'] },
};

describe('a stylisation by neighbours in windows', () => {
  it('is that of the whole', async () => {
    const { whole, windowed, difference } = await runInWindows(
      neighborStylization,
      bench,
      { content, styles: [style] },
      options,
      32,
    );
    expect(windowed.curve[0]!.total).toBeCloseTo(whole.curve[0]!.total, 4);
    expect(difference).toBeLessThan(5e-4);
  });

  it('is that of the whole with regions', async () => {
    const half = (width: number, height: number): Image =>
      createImage(
        width,
        height,
        Float32Array.from({ length: 3 * width * height }, (_, i) => (i % width < 50 ? 0 : 1)),
      );
    const masks = { contentMask: half(111, 83), styleMasks: [half(112, 84)] };
    const pictures = { content, styles: [style], ...masks };
    const { difference } = await runInWindows(neighborStylization, bench, pictures, options, 32);
    expect(difference).toBeLessThan(5e-4);
  });

  it('is planned where the whole does not fit', () => {
    const large = { content: randomPicture(611, 487, 1), styles: [style] };
    const more = { ...options, scales: [611] };
    const whole = planMethod(neighborStylization, toyPerceptual, large, more);
    const settings = neighborStylization.resolve(more);
    const least = neighborStylization.plan({ settings, pictures: large, memoryLimit: 1 }, toyPerceptual);
    expect(least.memoryBytes).toBeLessThan(whole.memoryBytes);
    expect(least.scales.map(({ window }) => window)).toEqual([256, 256]);
  });
});
