import { afterAll, describe, expect, it } from 'vitest';
import { createImage } from '../../../src/images/image.js';
import { harmonize } from '../../../src/methods/harmonize/harmonize-method.js';
import type { AnyMethod } from '../../../src/methods/method.js';
import type { OptimizedPicture } from '../../../src/methods/optimization/walk-method.js';
import { patchStylization } from '../../../src/methods/patches/patches-method.js';
import { gramStylization } from '../../../src/methods/stylize/gram-method.js';
import { stylize } from '../../../src/methods/stylize/stylize-method.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { readToyWeights } from '../../toy-weights.js';
import { randomPicture, runMethod, thrownBy } from '../method-runs.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());
const weights = await readToyWeights();

const [content, painting] = [randomPicture(40, 32, 1), randomPicture(40, 32, 2)];
const mask = createImage(
  40,
  32,
  Float32Array.from({ length: 3 * 40 * 32 }, (_, i) => (i % 40 >= 4 && i % 40 < 30 ? 1 : 0)),
);

/** The methods that stylize chooses from, with pictures in its names and in theirs, and few steps. */
const variants = {
  gram: {
    method: gramStylization as AnyMethod,
    own: { content, styles: [painting], mask },
    pictures: { content, styles: [painting], mask },
    options: { scales: [24, 32], iterations: [2, 2], styleLayers: ['relu1_1', 'relu2_1'], feather: 2 },
  },
  patches: {
    method: patchStylization as AnyMethod,
    own: { content, style: painting },
    pictures: { content, styles: [painting] },
    options: { scales: [24], iterations: 3, rematch: 2, patchLayers: ['relu2_1'] },
  },
  harmonize: {
    method: harmonize as AnyMethod,
    own: { painting, composite: content, mask },
    pictures: { content, styles: [painting], mask },
    options: { iterations: [2, 2], fineLayers: ['relu2_1'], referenceLayer: 'relu2_1' },
  },
};

describe.each(Object.entries(variants))('stylize by %s', (name, { method, own, pictures, options }) => {
  it('gives to the last bit what that method gives', async () => {
    const bench = { runtime, weights };
    const direct = (await runMethod(method, bench, own, options)) as OptimizedPicture;
    const chosen = await runMethod(stylize, bench, pictures, { method: name as 'gram', ...options });
    expect(chosen.image).toEqual(direct.image);
    const losses = ({ curve }: OptimizedPicture) => curve.map(({ elapsed: _, ...point }) => point);
    expect(losses(chosen)).toEqual(losses(direct));
    expect(chosen).toMatchObject({ losses: direct.losses, evaluations: direct.evaluations });
    expect(chosen.iterations).toBe(4 - (name === 'patches' ? 1 : 0));
  });

  it('has the defaults, plans and terms of that method', () => {
    const settings = method.resolve(options) as object;
    const chosen = stylize.resolve({ method: name as 'gram', ...options });
    expect(chosen).toEqual({ method: name, ...settings });
    expect(stylize.plan({ settings: chosen, pictures }, weights)).toEqual(
      method.plan({ settings, pictures: own }, weights),
    );
    expect(stylize.terms(chosen)).toEqual(method.terms(settings));
    expect(stylize.network!(chosen)).toBe(method.network!(settings));
    const resized = method.resized!(settings, 24, own, 3) as object;
    expect(stylize.resized!(chosen, 24, pictures, 3)).toEqual({ method: name, ...resized });
  });

  it('goes on from its own states', async () => {
    const bench = { runtime, weights };
    const own = { method: name as 'gram', ...options };
    const whole = await runMethod(stylize, bench, pictures, own);
    const resumed = await runMethod(stylize, bench, pictures, own, { resume: whole.state() });
    expect(resumed.image).toEqual(whole.image);
  });
});

it('stylize is by Gram matrices unless it is told otherwise', () => {
  expect(stylize.resolve({})).toEqual({ method: 'gram', ...gramStylization.resolve({}) });
  expect(stylize.output).toEqual({ kind: 'picture' });
  expect(stylize.stepwise!()).toBe(true);
  expect(stylize.stepwise!(stylize.resolve({ fast: true }))).toBe(false);
});

it.each([
  [{ rematch: 3 }, { content: 1, styles: 1 }, 'rematch', /With method gram there is no option rematch/],
  [
    { method: 'patches', preset: 'gatys' },
    { content: 1, styles: 1 },
    'preset',
    /With method patches .* preset/,
  ],
  [
    { method: 'patches' },
    { content: 1, styles: 2 },
    'styles',
    /patches there is one picture for styles, not 2/,
  ],
  [{ method: 'patches' }, { content: 1, styles: 1, mask: 1 }, 'mask', /patches there is no option mask/],
  [
    { method: 'harmonize', scales: [64] },
    { content: 1, styles: 1, mask: 1 },
    'scales',
    /With method harmonize .* scales/,
  ],
  [{ method: 'harmonize' }, { content: 1, styles: 1 }, 'mask', /harmonize there has to be a mask/],
  [{ method: 'harmonize' }, { content: 3, styles: 1, mask: 1 }, 'content', /one picture for content, not 3/],
  [{ method: 'monet' }, { content: 1, styles: 1 }, 'method', /method can't be "monet"/],
  [{ method: 'patches', patch: 2 }, { content: 1, styles: 1 }, undefined, /side 2/],
])('stylize refuses %j with %j', (options, counts, option, text) => {
  const error = thrownBy(() => stylize.resolve(options as never, counts));
  expect(error).toMatchObject({ code: 'E_ARGUMENT', message: expect.stringMatching(text) as string });
  if (option !== undefined) expect(error).toMatchObject({ option });
});
