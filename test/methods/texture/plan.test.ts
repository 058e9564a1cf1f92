import { describe, expect, it } from 'vitest';
import { StyleError } from '../../../src/errors.js';
import { resolveTextureSettings, type TextureOptions } from '../../../src/methods/texture/options.js';
import { planTexture } from '../../../src/methods/texture/plan.js';

const sizes = (options: TextureOptions, width: number, height: number): string[] =>
  planTexture({ width, height }, resolveTextureSettings(options)).scales.map(
    (scale) => `${scale.width}x${scale.height} of ${scale.sample.width}x${scale.sample.height}`,
  );

const errorOf = (options: object): StyleError => {
  try {
    planTexture({ width: 64, height: 64 }, resolveTextureSettings(options as TextureOptions));
  } catch (error) {
    if (error instanceof StyleError) return error;
    throw error;
  }
  throw new Error('no error');
};

describe('the scales of a texture', () => {
  it('shrink texture and sample alike, as far as there is something left of both', () => {
    expect(sizes({ size: '256x128' }, 200, 100)).toEqual(['128x64 of 100x50', '256x128 of 200x100']);
    // A larger texture has more of the same forms, not larger ones.
    expect(sizes({ size: '1024x512' }, 200, 100)).toEqual(['512x256 of 100x50', '1024x512 of 200x100']);
    expect(sizes({ size: '40x40' }, 300, 300)).toEqual(['40x40 of 300x300']);
    expect(sizes({ size: '400x400' }, 400, 50)).toEqual(['400x400 of 400x50']);
  });

  it('keep samples at their size, large ones at 512, and never enlarge', () => {
    expect(sizes({ size: '64x64', scales: [64] }, 2048, 1024)).toEqual(['64x64 of 512x256']);
    expect(sizes({ size: '64x64', scales: [64], sampleSize: 1000 }, 2048, 1024)).toEqual([
      '64x64 of 1000x500',
    ]);
    expect(sizes({ size: '64x64', scales: [64], sampleSize: 1000 }, 90, 80)).toEqual(['64x64 of 90x80']);
    expect(planTexture({ width: 90, height: 80 }, resolveTextureSettings({}))).toMatchObject({
      width: 90,
      height: 80,
    });
  });

  it('have sides that every pooling divides where the texture repeats', () => {
    const plan = planTexture(
      { width: 256, height: 256 },
      resolveTextureSettings({ size: '250x131', tileable: true }),
    );
    for (const { width, height, margin } of plan.scales) {
      expect([width % 16, height % 16, margin]).toEqual([0, 0, 0]);
    }
    expect([plan.width, plan.height]).toEqual([250, 131]);
  });

  it('share out a number of steps, or take one for each', () => {
    const steps = (options: TextureOptions): number[] =>
      planTexture({ width: 256, height: 256 }, resolveTextureSettings(options)).scales.map(
        ({ iterations }) => iterations,
      );
    expect(steps({ iterations: 13 }).reduce((sum, own) => sum + own, 0)).toBe(13);
    expect(steps({ scales: [32, 64], iterations: [3, 0] })).toEqual([3, 0]);
  });

  it.each([
    [{ size: '0x4' }, /size can't be "0x4"/],
    [{ size: '64' }, /size can't be "64"/],
    [{ size: '64x123456' }, /size/],
    [{ size: '32769x64' }, /size can't be "32769x64"/],
    [{ styleLayers: ['relu1_1', 'relu1_1'] }, /relu1_1 is named twice/],
    [{ styleLayers: ['relu1_1:0'] }, /weight 0/],
    [{ scales: [32, 64], iterations: [1] }, /1 numbers of iterations for 2 scales/],
    [{ histogramWeight: -1 }, /histogramWeight/],
    [{ seamless: true }, /seamless/],
  ])('%j is an error that says so', (options, text) => {
    expect(errorOf(options)).toMatchObject({
      code: 'E_ARGUMENT',
      message: expect.stringMatching(text) as string,
    });
  });
});
