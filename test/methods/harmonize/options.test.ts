import { describe, expect, it } from 'vitest';
import { passIterations, resolveHarmonizeSettings } from '../../../src/methods/harmonize/options.js';

describe('resolveHarmonizeSettings', () => {
  it('shares steps and weights out', () => {
    expect(resolveHarmonizeSettings().contentLayers).toEqual({ relu4_1: 0.5, relu4_2: 0.5 });
    expect(passIterations(resolveHarmonizeSettings({ iterations: 7 }).iterations)).toEqual([4, 3]);
    expect(passIterations(resolveHarmonizeSettings().iterations)).toEqual([80, 60]);
  });

  it.each([
    [{ patch: 2 }, /side 2/],
    [{ iterations: 1 }, /1 iteration is too few/],
    [{ iterations: [1, 2, 3] }, /3 numbers of iterations for two passes \(1, 2, 3\)/],
    [{ contentWeight: 0, styleWeight: 0, histogramWeight: 0, tvWeight: 0 }, /All weights are 0/],
    [{ feather: -1 }, /feather can't be -1/],
  ])('refuses %j', (options, message) => {
    expect(() => resolveHarmonizeSettings(options)).toThrow(
      expect.objectContaining({ code: 'E_ARGUMENT', message: expect.stringMatching(message) }),
    );
  });
});
