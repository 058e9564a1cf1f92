import { describe, expect, it } from 'vitest';
import { resolvePatchStyleSettings } from '../../../src/methods/patches/options.js';

describe('resolvePatchStyleSettings', () => {
  it('shares weights between layers, or takes those given', () => {
    expect(resolvePatchStyleSettings().patchLayers).toEqual({ relu3_1: 0.5, relu4_1: 0.5 });
    expect(resolvePatchStyleSettings({ patchLayers: ['relu2_1:3'] }).patchLayers).toEqual({ relu2_1: 3 });
  });

  it.each([
    [{ patch: 2 }, /side 2/],
    [{ rematch: 0 }, /rematch can't be 0/],
    [{ contentWeight: 0, styleWeight: 0, tvWeight: 0 }, /All weights are 0/],
    [{ scales: [64, 128], iterations: [5] }, /1 numbers of iterations for 2 scales \(64, 128\)/],
  ])('refuses %j', (options, message) => {
    expect(() => resolvePatchStyleSettings(options)).toThrow(
      expect.objectContaining({ code: 'E_ARGUMENT', message: expect.stringMatching(message) }),
    );
  });
});
