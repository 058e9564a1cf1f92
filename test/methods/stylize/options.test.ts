import { describe, expect, it } from 'vitest';
import { StyleError } from '../../../src/errors.js';
import {
  blendWeights,
  resolveStylizeSettings,
  type StylizeOptions,
} from '../../../src/methods/stylize/options.js';
import { stylizePresetNames, stylizePresets } from '../../../src/methods/stylize/presets.js';
import { thrownBy } from '../method-runs.js';

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
    [{ styleWeight: 1e31 }, /styleWeight can't be 1e\+31/],
    [{ styleLayers: ['relu1_1', 'relu1_1:2'] }, /relu1_1 is named twice in styleLayers/],
    [{ styleSize: 100, styleScale: 1 }, /styleSize and styleScale/],
    [{ strength: 0.3, contentWeight: 1 }, /strength and contentWeight/],
    [{ strength: 1.5 }, /strength/],
    [{ strength: -0.1 }, /strength/],
    [{ contentWeight: 0, styleWeight: 0, tvWeight: 0, grainWeight: 0 }, /All weights are 0/],
  ])('%j is an error that says so', (options, text) => {
    const error = errorOf(options);
    expect(error.code).toBe('E_ARGUMENT');
    expect(error.message).toMatch(text);
    expect(error.remedy).not.toBe('');
  });

  it.each([
    [{ feather: 3 }, {}, 'feather', /feather is 3, and there is no mask/],
    [{ init: 'picture' }, {}, 'init', /start is to be a picture, and none was given/],
    [{ init: 'noise' }, { initial: 1 }, 'init', /a picture to start from, and the option init is noise/],
    [{ styleBlend: [1, 2] }, { styles: 3 }, 'styleBlend', /blend 1,2 doesn't fit 3 style/],
    [{ styleBlend: [0, 0] }, { styles: 2 }, 'styleBlend', /blend 0,0 doesn't fit 2 style/],
  ])('%j with the pictures %j is an error', (options, more, option, text) => {
    const given = { content: 1, styles: 1, ...more };
    const error = thrownBy(() => resolveStylizeSettings(options as StylizeOptions, given));
    expect(error).toMatchObject({
      ...{ code: 'E_ARGUMENT', option },
      message: expect.stringMatching(text) as string,
    });
    // Nobody said yet how many pictures there are.
    expect(resolveStylizeSettings(options as StylizeOptions)).toBeTypeOf('object');
  });

  it('may ask for what their pictures are for', () => {
    const given = { content: 1, styles: 2, mask: 1, initial: 1 };
    const options: StylizeOptions = { feather: 3, init: 'picture', styleBlend: [1, 2] };
    expect(resolveStylizeSettings(options, given)).toMatchObject(options);
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
      tvWeight: 0,
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

describe('a strength', () => {
  it.each(stylizePresetNames)('says how much the photograph counts in the preset %s', (preset) => {
    const weightAt = (strength: number): number => resolveStylizeSettings({ preset, strength }).contentWeight;
    const usual = stylizePresets[preset].contentWeight;
    expect(weightAt(0.5)).toBe(usual);
    expect(weightAt(0) / usual).toBeCloseTo(12, 10);
    expect(weightAt(1) * 12).toBeCloseTo(usual, 10);
    // Equal steps of strength are equal factors.
    expect(weightAt(0.25) ** 2 / (weightAt(0) * weightAt(0.5))).toBeCloseTo(1, 10);
  });

  it('changes nothing else', () => {
    const { contentWeight: _, ...others } = resolveStylizeSettings({ strength: 0.8 });
    expect(resolveStylizeSettings({})).toMatchObject(others);
  });

  it('is refused together with a content weight, by its name', () => {
    const error = thrownBy(() => resolveStylizeSettings({ strength: 0.5, contentWeight: 0.3 }));
    expect(error).toMatchObject({ code: 'E_ARGUMENT', option: 'strength' });
  });
});

describe('the weights of paintings', () => {
  it('are parts of 1, equal ones unless they are given', () => {
    expect(blendWeights(undefined, 4)).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(blendWeights([3, 1], 2)).toEqual([0.75, 0.25]);
  });

  it.each([
    [undefined, 0, /No style picture/],
    [[1], 2, /blend 1 doesn't fit 2 style picture/],
    [[0, 0], 2, /blend 0,0 doesn't fit 2/],
  ])('can not be %j for %i paintings', (blend, count, text) => {
    expect(thrownBy(() => blendWeights(blend, count))).toMatchObject({
      code: 'E_ARGUMENT',
      message: expect.stringMatching(text) as string,
    });
  });
});
