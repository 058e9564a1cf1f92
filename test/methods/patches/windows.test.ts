import { afterAll, describe, expect, it } from 'vitest';
import type { PatchStyleOptions } from '../../../src/methods/patches/options.js';
import { patchStylization } from '../../../src/methods/patches/patches-method.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { toyPerceptual } from '../../toy-any-style.js';
import { planMethod, randomPicture, runInWindows } from '../method-runs.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const content = randomPicture(111, 83, 1);
const style = randomPicture(112, 84, 2);
const options: PatchStyleOptions = {
  ...{ scales: [111], iterations: [3], rematch: 2, margin: 5 },
  ...{ patchLayers: ['relu2_1', 'relu3_1'], contentLayers: ['relu3_1'] },
};

describe('a stylisation by patches in windows', () => {
  it('is that of the whole', async () => {
    const { whole, windowed, difference } = await runInWindows(
      patchStylization,
      { runtime, weights: toyPerceptual },
      { content, style },
      options,
      32,
    );
    expect(windowed.curve[0]!.total).toBeCloseTo(whole.curve[0]!.total, 4);
    expect(difference).toBeLessThan(5e-4);
  });

  it('is planned where the whole does not fit', () => {
    const pictures = { content: randomPicture(1203, 907, 1), style };
    const more = { ...options, scales: [1203] };
    const whole = planMethod(patchStylization, toyPerceptual, pictures, more);
    const settings = patchStylization.resolve(more);
    const least = patchStylization.plan({ settings, pictures, memoryLimit: 1 }, toyPerceptual);
    expect(least.memoryBytes).toBeLessThan(whole.memoryBytes);
    expect(least.scales[0]).toMatchObject({ window: 256, compact: true });
  });
});
