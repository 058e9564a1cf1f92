import { describe, expect, it } from 'vitest';
import { matchColors as transfer } from '../../../src/images/color-matching.js';
import { matchColors } from '../../../src/methods/match-colors/match-colors-method.js';
import type { ColorMatchingOptions } from '../../../src/images/color-matching.js';
import { FakeRuntime } from '../../fake-runtime.js';
import { narrowVgg } from '../../networks/reference-vgg.js';
import { randomPicture, runMethod, thrownBy } from '../method-runs.js';

const pictures = {
  picture: randomPicture(12, 9, 1, new Float32Array(108).fill(0.5)),
  reference: randomPicture(7, 20, 2),
};

describe('match-colors', () => {
  it.each<ColorMatchingOptions>([{}, { mode: 'histogram', strength: 0.5 }, { mode: 'luminance' }])(
    'gives what its formula gives, without a network: %j',
    async (options) => {
      const runtime = new FakeRuntime();
      const bench = { runtime, weights: narrowVgg('vgg19') };
      const { image, stopped } = await runMethod(matchColors, bench, pictures, options);
      expect(image).toEqual(transfer(pictures.picture, pictures.reference, options));
      expect(stopped).toBe('finished');
      expect(runtime.compiled).toEqual([]);
      expect(matchColors.network).toBe(undefined);
    },
  );

  it('plans no steps, and has its facts in words', () => {
    const settings = matchColors.resolve({ strength: 0.5 });
    const plan = matchColors.plan({ settings, pictures }, undefined);
    expect(plan).toMatchObject({ width: 12, height: 9, scales: [], operations: 0 });
    expect(matchColors.describe(settings, { picture: ['a.png'], reference: ['b.png'] }, plan)).toEqual({
      title: 'a.png with the colours of b.png',
      before: 'picture',
      facts: [
        ['Colours', 'affine (monge-kantorovich)'],
        ['Strength', '0.5'],
      ],
    });
    expect(matchColors.terms(settings)).toEqual([]);
  });

  it('refuses options that can not be', () => {
    expect(thrownBy(() => matchColors.resolve({ strength: 2 }))).toMatchObject({
      ...{ code: 'E_ARGUMENT', option: 'strength' },
    });
  });
});
