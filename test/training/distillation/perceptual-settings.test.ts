import { describe, expect, it } from 'vitest';
import {
  perceptualOptionsSchema,
  resolvePerceptualSettings,
  type PerceptualOptions,
} from '../../../src/training/distillation/perceptual-settings.js';

describe('the settings of a perceptual training', () => {
  it('are what is given and the defaults of everything else but the widths', () => {
    const given = { widths: [8, 16, 8, 8, 8], steps: 77, size: 48 };
    const settings = resolvePerceptualSettings(given);
    expect(settings).toMatchObject(given);
    expect(Object.keys(settings).sort()).toEqual(Object.keys(perceptualOptionsSchema.shape).sort());
    expect(resolvePerceptualSettings({})).not.toHaveProperty('widths');
  });

  it.each([
    [{ size: 40 }, /size 40/, /16/],
    [{ size: 16 }, /size 16/, /32/],
    [{ batch: 0 }, /batch 0/, /./],
    [{ steps: 1.5 }, /steps 1\.5/, /./],
    [{ layerwiseShare: 1.1 }, /layerwiseShare 1\.1/, /./],
    [{ momentum: 1 }, /momentum 1/, /./],
    [{ widths: [8, 8, 9, 8, 8] }, /widths\.2 9/, /8/],
    [{ widths: [8] }, /widths \[8\]/, /5/],
    [{ padding: 'none' as 'zero' }, /padding "none"/, /./],
    [{ seed: -1 }, /seed -1/, /./],
    [{ layerwiseRate: 0 }, /layerwiseRate 0/, /./],
  ] as [PerceptualOptions, RegExp, RegExp][])('refuse %j', (options, message, remedy) => {
    expect(() => resolvePerceptualSettings(options)).toThrow(
      expect.objectContaining({
        code: 'E_ARGUMENT',
        message: expect.stringMatching(message) as string,
        remedy: expect.stringMatching(remedy) as string,
      }),
    );
  });

  it('refuse a name that there is not', () => {
    expect(() => resolvePerceptualSettings({ widht: 3 } as PerceptualOptions)).toThrow(
      expect.objectContaining({ code: 'E_ARGUMENT', remedy: expect.stringContaining('widht') as string }),
    );
  });
});
