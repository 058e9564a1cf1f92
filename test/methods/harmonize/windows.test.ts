import { afterAll, describe, expect, it } from 'vitest';
import { createImage } from '../../../src/images/image.js';
import { harmonize } from '../../../src/methods/harmonize/harmonize-method.js';
import type { HarmonizeOptions } from '../../../src/methods/harmonize/options.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { toyPerceptual } from '../../toy-any-style.js';
import { planMethod, randomPicture, runInWindows } from '../method-runs.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const [width, height] = [141, 103];
const painting = randomPicture(width, height, 1);
const composite = randomPicture(width, height, 2);
/** White in an oblique band from edge to edge. */
const mask = createImage(
  width,
  height,
  Float32Array.from({ length: 3 * width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width) % height];
    return Math.abs(x - y - 20) < 30 ? 1 : 0;
  }),
);
const options: HarmonizeOptions = {
  ...{ iterations: [2, 2], tvWeight: 1, contentLayers: ['relu3_1'], referenceLayer: 'relu3_1' },
  ...{ coarseLayers: ['relu2_1', 'relu3_1'], fineLayers: ['relu1_1', 'relu3_1'] },
  ...{ histogramLayers: ['relu1_1', 'relu3_1'] },
};

describe('a harmonisation in windows', () => {
  it('is that of the whole', async () => {
    const { whole, windowed, difference } = await runInWindows(
      harmonize,
      { runtime, weights: toyPerceptual },
      { painting, composite, mask },
      options,
      32,
    );
    expect(windowed.curve[0]!.total).toBeCloseTo(whole.curve[0]!.total, 4);
    expect(difference).toBeLessThan(5e-4);
  });

  it('is planned where the whole does not fit', () => {
    const pictures = {
      painting: randomPicture(1203, 907, 1),
      composite: randomPicture(1203, 907, 2),
      mask: randomPicture(1203, 907, 3),
    };
    const more = { ...options, size: 1203 };
    const whole = planMethod(harmonize, toyPerceptual, pictures, more);
    const settings = harmonize.resolve(more);
    const least = harmonize.plan({ settings, pictures, memoryLimit: 1 }, toyPerceptual);
    expect(least.memoryBytes).toBeLessThan(whole.memoryBytes);
    expect(least.scales[0]).toMatchObject({ window: 256, compact: true });
  });
});
