import { describe, expect, it } from 'vitest';
import { StyleError } from '../../../src/errors.js';
import { resolveStylizeSettings, type StylizeOptions } from '../../../src/methods/stylize/options.js';
import { canvasSize, planScales } from '../../../src/methods/stylize/scales.js';

const errorOf = (options: object): StyleError => {
  try {
    resolveStylizeSettings(options as StylizeOptions);
  } catch (error) {
    if (error instanceof StyleError) return error;
    throw error;
  }
  throw new Error('no error');
};

describe('options', () => {
  it.each([
    [{ size: -5 }, /size/],
    [{ size: 12.5 }, /size/],
    [{ preset: 'monet' }, /preset.*monet/],
    [{ styleWeight: Number.NaN }, /styleWeight/],
    [{ contentWeight: -1 }, /contentWeight/],
    [{ pooling: 'median' }, /pooling/],
    [{ styleLayers: ['relu1_1:x'] }, /relu1_1:x/],
    [{ scales: [64, 128], iterations: [1, 2, 3] }, /3 numbers of iterations for 2 scales/],
    [{ optimizer: 'bounded', learningRate: 1 }, /bounded/],
    [{ colour: 'red' }, /colour/],
  ])('%j is an error that says so', (options, text) => {
    const error = errorOf(options);
    expect(error.code).toBe('E_ARGUMENT');
    expect(error.message).toMatch(text);
    expect(error.remedy).not.toBe('');
  });

  it('change the preset, and only what they say', () => {
    const preset = resolveStylizeSettings({ preset: 'd2l' });
    const changed = resolveStylizeSettings({
      preset: 'd2l',
      styleWeight: 3,
      tvWeight: 0,
      styleLayers: ['relu1_1', 'relu2_1:0.25'],
    });
    expect(changed).toEqual({
      ...preset,
      styleWeight: 3,
      totalVariationWeight: 0,
      styleLayers: { relu1_1: 2.5, relu2_1: 0.25 },
    });
  });

  it('switch between relative and plain losses', () => {
    expect(resolveStylizeSettings({ normalize: false })).toMatchObject({
      contentReduction: 'mean',
      styleReduction: 'mean',
    });
    expect(resolveStylizeSettings({ preset: 'gatys', normalize: true })).toMatchObject({
      contentReduction: 'relative',
      styleReduction: 'relative',
    });
    expect(resolveStylizeSettings({ preset: 'gatys', normalize: false })).toMatchObject({
      contentReduction: 'half-sum',
      styleReduction: 'gatys',
    });
  });

  it("give Adam a step of 2 % of the pixels' range in any units", () => {
    expect(resolveStylizeSettings({ preset: 'neural-style', optimizer: 'adam' }).optimizer).toMatchObject({
      learningRate: 0.02 * 255,
    });
    expect(resolveStylizeSettings({ optimizer: 'adam' }).optimizer).toMatchObject({
      learningRate: 0.02,
      clip: true,
    });
  });
});

describe('scales', () => {
  const sizes = (options: StylizeOptions, width: number, height: number): string[] =>
    planScales({ width, height }, resolveStylizeSettings(options)).scales.map(
      (scale) => `${scale.width}x${scale.height}*${scale.iterations}`,
    );

  it("end at the photograph's own size, odd or small", () => {
    expect(sizes({}, 333, 111).at(-1)).toMatch(/^333x111/);
    expect(sizes({}, 1, 1)).toEqual(['1x1*80']);
    expect(planScales({ width: 4000, height: 3000 }, resolveStylizeSettings({}))).toMatchObject({
      width: 4000,
      height: 3000,
    });
    expect(sizes({}, 4000, 3000).at(-1)).toMatch(/^1024x768/);
  });

  it('end at a size that was asked for', () => {
    expect(sizes({ size: 512 }, 4000, 3000).map((text) => text.split('*')[0])).toEqual([
      '128x96',
      '256x192',
      '512x384',
    ]);
    expect(sizes({ size: 300 }, 200, 100).at(-1)).toMatch(/^300x150/);
  });

  it('are as listed', () => {
    expect(sizes({ scales: [50, 100], iterations: [3, 4] }, 400, 200)).toEqual(['50x25*3', '100x50*4']);
    expect(sizes({ scales: [64], iterations: 7 }, 100, 100)).toEqual(['64x64*7']);
  });

  it('keep a total number of iterations whole', () => {
    const { scales } = planScales({ width: 800, height: 600 }, resolveStylizeSettings({ iterations: 37 }));
    expect(scales.reduce((sum, { iterations }) => sum + iterations, 0)).toBe(37);
  });

  it('have a margin that the picture can mirror', () => {
    const { scales } = planScales({ width: 1, height: 4000 }, resolveStylizeSettings({ size: 64 }));
    expect(scales.map(({ margin }) => margin)).toEqual(scales.map(() => 0));
    expect(canvasSize({ width: 20, height: 10, margin: 3, styleLongSide: 1, iterations: 1 })).toEqual({
      width: 26,
      height: 16,
    });
  });

  it("bring paintings to the result's size, times their scale", () => {
    const style = (options: StylizeOptions): number[] =>
      planScales({ width: 512, height: 256 }, resolveStylizeSettings({ size: 512, ...options })).scales.map(
        (scale) => scale.styleLongSide,
      );
    expect(style({})).toEqual([128, 256, 512]);
    expect(style({ styleScale: 0.5 })).toEqual([64, 128, 256]);
    expect(style({ styleSize: 800 })).toEqual([200, 400, 800]);
  });
});
