import { afterAll, describe, expect, it } from 'vitest';
import { createSession, apply } from '../../../src/node.js';
import { createImage, type Image } from '../../../src/images/image.js';
import { luminanceOf } from '../../../src/images/luminance.js';
import type { ApplyOptions } from '../../../src/methods/apply/options.js';
import type { ApplyPictures } from '../../../src/methods/apply/apply-method.js';
import { createRandom } from '../../../src/random.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { toyStyleModel } from '../../toy-style-model.js';

const session = createSession({ runtime: createNativeRuntime({ threads: 1 }) });
afterAll(() => session.dispose());

/** Soft shapes, so that the network sees edges. */
function picture(width: number, height: number, seed = 1, alpha?: Float32Array): Image {
  const random = createRandom(seed);
  const phases = Array.from({ length: 6 }, () => 6 * random.uniform());
  const rgb = Float32Array.from({ length: 3 * width * height }, (_, i) => {
    const [channel, y, x] = [Math.floor(i / (width * height)), Math.floor(i / width) % height, i % width];
    return 0.5 + 0.45 * Math.sin(0.13 * x + phases[channel]!) * Math.cos(0.17 * y + phases[3 + channel]!);
  });
  return createImage(width, height, rgb, alpha);
}

const half = (width: number, height: number, isLeft: boolean): Image => {
  const plane = Float32Array.from({ length: width * height }, (_, i) =>
    i % width < width / 2 === isLeft ? 1 : 0,
  );
  const rgb = new Float32Array(3 * plane.length);
  for (const channel of [0, 1, 2]) rgb.set(plane, channel * plane.length);
  return createImage(width, height, rgb);
};

const model = toyStyleModel({ styles: 2 });
const run = async (
  pictures: ApplyPictures & { readonly picture: Image },
  options: ApplyOptions = {},
  of = model,
): Promise<Image> => (await apply({ model: of, ...pictures, ...options }, { session })).image;

const largest = (a: Image, b: Image): number =>
  a.rgb.reduce((most, value, i) => Math.max(most, Math.abs(value - b.rgb[i]!)), 0);

describe('apply', () => {
  it('gives in tiles what it gives as a whole, at odd sizes too', async () => {
    for (const form of ['light', 'johnson'] as const) {
      const of = toyStyleModel({ form });
      const photograph = picture(211, 173);
      const whole = await run({ picture: photograph }, {}, of);
      const tiled = await run({ picture: photograph }, { tile: 64 }, of);
      expect(largest(whole, tiled)).toBeLessThan(2e-4);
    }
  });

  it('keeps size and transparency, of the smallest pictures as well', async () => {
    for (const [width, height] of [
      [1, 1],
      [1, 40],
      [37, 2],
      [33, 35],
    ] as const) {
      const alpha = new Float32Array(width * height).fill(0.5);
      const painted = await run({ picture: picture(width, height, 2, alpha) });
      expect([painted.width, painted.height]).toEqual([width, height]);
      expect(painted.rgb.every((value) => value >= 0 && value <= 1)).toBe(true);
      expect(painted.alpha).toEqual(alpha);
    }
  });

  it('keeps the photograph’s colours, or carries them over into the paint’s range', async () => {
    const photograph = picture(150, 131);
    const paint = await run({ picture: photograph });
    const kept = await run({ picture: photograph }, { preserveColors: 'chroma' });
    const [before, after] = [luminanceOf(paint), luminanceOf(kept)];
    expect(after.every((value, i) => Math.abs(value - before[i]!) < 1e-3)).toBe(true);
    const mean = ({ rgb }: Image, channel: number): number =>
      rgb.subarray(channel * 150 * 131, (channel + 1) * 150 * 131).reduce((sum, value) => sum + value, 0) /
      (150 * 131);
    for (const channel of [0, 1, 2])
      expect(Math.abs(mean(kept, channel) - mean(paint, channel))).toBeLessThan(0.05);
    expect(largest(kept, paint)).toBeGreaterThan(0.05);
    const tiled = await run({ picture: photograph }, { preserveColors: 'chroma', tile: 64 });
    expect(largest(kept, tiled)).toBeLessThan(2e-3);
    const half = await run({ picture: photograph }, { preserveColors: 'chroma', strength: 0.5 });
    expect(half.rgb.every((value, i) => Math.abs(2 * value - kept.rgb[i]! - photograph.rgb[i]!) < 1e-5)).toBe(
      true,
    );
  });

  it('paints as much as strength and mask say', async () => {
    const photograph = picture(40, 36);
    const whole = await run({ picture: photograph });
    const none = await run({ picture: photograph }, { strength: 0 });
    expect(none.rgb).toEqual(photograph.rgb);
    const some = await run({ picture: photograph }, { strength: 0.25 });
    const mean = createImage(
      40,
      36,
      photograph.rgb.map((value, i) => 0.75 * value + 0.25 * whole.rgb[i]!),
    );
    expect(largest(some, mean)).toBeLessThan(1e-6);
    const masked = await run({ picture: photograph, mask: half(40, 36, true) });
    masked.rgb.forEach((value, i) => expect(value).toBe(i % 40 < 20 ? whole.rgb[i]! : photograph.rgb[i]!));
  });

  it('takes styles by name, blends them, and gives each its region', async () => {
    const photograph = picture(40, 36);
    const wave = await run({ picture: photograph });
    const udnie = await run({ picture: photograph }, { style: ['udnie'] });
    expect(await run({ picture: photograph }, { style: ['wave:3', 'udnie:0'] })).toEqual(wave);
    const both = await run({ picture: photograph }, { style: ['wave', 'udnie'] });
    expect(largest(both, wave)).toBeGreaterThan(0.01);
    expect(largest(both, udnie)).toBeGreaterThan(0.01);
    const regions = await run(
      { picture: photograph, styleMasks: [half(40, 36, true), half(40, 36, false)] },
      { style: ['wave', 'udnie'] },
    );
    regions.rgb.forEach((value, i) => expect(value).toBeCloseTo((i % 40 < 20 ? wave : udnie).rgb[i]!, 4));
  });

  it('keeps colours', async () => {
    const photograph = picture(40, 36);
    const whole = await run({ picture: photograph });
    const kept = await run({ picture: photograph }, { preserveColors: 'luminance' });
    const [from, to] = [luminanceOf(whole), luminanceOf(kept)];
    // Where nothing is clipped, the paint's brightness.
    const inside = from.filter((_, i) =>
      [0, 1, 2].every((channel) => {
        const value = kept.rgb[channel * from.length + i]!;
        return value > 0.01 && value < 0.99;
      }),
    );
    expect(inside.length).toBeGreaterThan(from.length / 3);
    expect(Math.abs(mean(to) - mean(from))).toBeLessThan(0.05);
  });

  it('of an adjustable model changes with weights and seeds, the same each time', async () => {
    const of = toyStyleModel({ knobs: 3 });
    const photograph = picture(40, 36);
    const plain = await run({ picture: photograph }, {}, of);
    expect(await run({ picture: photograph }, { layerWeights: ['relu1_1=1'] }, of)).toEqual(plain);
    const others = [{ layerWeights: ['content=0.2'] }, { seed: 1 }, { seed: 2 }];
    for (const options of others)
      expect(largest(await run({ picture: photograph }, options, of), plain)).toBeGreaterThan(1e-4);
    expect(await run({ picture: photograph }, { seed: 1 }, of)).toEqual(
      await run({ picture: photograph }, { seed: 1 }, of),
    );
  });

  it('refuses what the model does not have, by name', async () => {
    const photograph = picture(20, 20);
    const cases: [options: ApplyOptions, text: RegExp][] = [
      [{ style: ['sunday'] }, /no style "sunday".*\n?.*/],
      [{ style: ['wave', 'wave'] }, /named twice/],
      [{ style: ['wave:0'] }, /weight 0/],
      [{ style: ['wave:x'] }, /no weight that can be used/],
      [{ strength: 1.5 }, /strength can't be 1.5/],
      [{ layerWeights: ['relu1_1=1'] }, /can't be adjusted/],
      [{ seed: 3 }, /can't be adjusted/],
      [{ feather: 2 }, /no mask/],
    ];
    for (const [options, text] of cases)
      await expect(run({ picture: photograph }, options)).rejects.toThrow(text);
    const adjustable = toyStyleModel({ knobs: 2 });
    await expect(run({ picture: photograph }, { layerWeights: ['relu9_1=1'] }, adjustable)).rejects.toThrow(
      /no weight "relu9_1"/,
    );
    await expect(
      run({ picture: photograph, styleMasks: [half(20, 20, true)] }, { style: ['wave', 'udnie'] }),
    ).rejects.toThrow(/1 masks of styles, and 2 styles/);
  });
});

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
