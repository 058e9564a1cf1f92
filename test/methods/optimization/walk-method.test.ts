import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { createImage } from '../../../src/images/image.js';
import { harmonize } from '../../../src/methods/harmonize/harmonize-method.js';
import type { AnyMethod, PictureSet } from '../../../src/methods/method.js';
import type { OptimizedPicture } from '../../../src/methods/optimization/walk-method.js';
import { ProgramCache } from '../../../src/runtime/program-cache.js';
import { neighborStylization } from '../../../src/methods/neighbors/neighbors-method.js';
import { patchStylization } from '../../../src/methods/patches/patches-method.js';
import { reconstruct } from '../../../src/methods/reconstruct/reconstruct-method.js';
import { gramStylization } from '../../../src/methods/stylize/gram-method.js';
import { texture } from '../../../src/methods/texture/texture-method.js';
import type { VggWeights } from '../../../src/networks/vgg-weights.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { readToyWeights } from '../../toy-weights.js';
import { errorOf, planMethod, randomPicture, runMethod, thrownBy, type RunControl } from '../method-runs.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());
const weights = await readToyWeights();

const content = randomPicture(40, 32, 1);
const painting = randomPicture(36, 44, 2);
const mask = createImage(
  40,
  32,
  Float32Array.from({ length: 3 * 40 * 32 }, (_, i) => {
    const [x, y] = [i % 40, Math.floor(i / 40) % 32];
    return x >= 4 && x < 28 && y >= 4 && y < 28 ? 1 : 0;
  }),
);
const two = ['relu1_1', 'relu2_1'];

/** What a method is tried with: its pictures, and options with few steps. `more` asks for more steps in the end. */
interface Case {
  readonly method: AnyMethod;
  readonly pictures: PictureSet;
  readonly options: object;
  readonly more: object;
}
const photograph = { content, styles: [painting] };
const scales = { scales: [24, 32], margin: 4, styleLayers: two, contentLayers: ['relu2_2'] };
const patched = {
  scales: [20, 24],
  margin: 2,
  rematch: 2,
  patchLayers: ['relu2_1'],
  contentLayers: ['relu2_2'],
};
const pasted = { painting: randomPicture(40, 32, 3), composite: content, mask };
const cases: Readonly<Record<string, Case>> = {
  gram: {
    method: gramStylization,
    pictures: photograph,
    options: { ...scales, iterations: [3, 2] },
    more: { iterations: [3, 4] },
  },
  'gram with tuned weights, histograms and detail': {
    method: gramStylization,
    pictures: photograph,
    options: {
      ...{ ...scales, iterations: [2, 3], autoTune: true, lockDetail: 1 },
      ...{ histogramWeight: 50, histogramLayers: ['relu1_1', 'relu2_1'] },
    },
    more: { iterations: [2, 5] },
  },
  'gram by Adam, averaged, in other units': {
    method: gramStylization,
    pictures: photograph,
    options: { ...scales, preset: 'd2l', iterations: [3, 2], average: 0.9 },
    more: { iterations: [3, 3] },
  },
  'gram by L-BFGS, in other units': {
    method: gramStylization,
    pictures: photograph,
    options: { ...scales, preset: 'gatys', iterations: [2, 2], tvWeight: 1e-3 },
    more: { iterations: [2, 3] },
  },
  texture: {
    method: texture,
    pictures: { sample: painting },
    options: { size: '32x24', scales: [24, 32], styleLayers: two, iterations: [2, 2] },
    more: { iterations: [2, 4] },
  },
  'texture, tileable and with histograms': {
    method: texture,
    pictures: { sample: painting },
    options: {
      ...{ size: '30x24', scales: [16, 32], styleLayers: two, iterations: [2, 2], tileable: true },
      ...{ histogramWeight: 3, histogramLayers: ['relu1_1', 'relu2_1'], autoTune: true },
    },
    more: { iterations: [2, 3] },
  },
  reconstruct: {
    method: reconstruct,
    pictures: { picture: content },
    options: { layer: 'relu2_1', size: 32, iterations: 4 },
    more: { iterations: 6 },
  },
  'reconstruct all layers': {
    method: reconstruct,
    pictures: { picture: content },
    options: { allLayers: true, size: 20, iterations: 1 },
    // Of the last of the pictures.
    more: {},
  },
  // Two rounds and a half, and two rounds.
  patches: {
    method: patchStylization,
    pictures: { content, style: painting },
    options: { ...patched, iterations: [5, 3] },
    more: { iterations: [5, 6] },
  },
  // One search at each scale, and two rounds of one by layer.
  neighbors: {
    method: neighborStylization,
    pictures: photograph,
    options: {
      ...{ scales: [24, 32], margin: 4, layers: two, contentLayers: ['relu2_2'] },
      ...{ iterations: [2, 2], splitIterations: 3, rematch: 2 },
    },
    more: { splitIterations: 5 },
  },
  harmonize: {
    method: harmonize,
    pictures: pasted,
    options: {
      ...{ iterations: [2, 2], coarseLayers: two, fineLayers: two, referenceLayer: 'relu2_1' },
      ...{ contentLayers: ['relu2_2'], histogramLayers: ['relu1_1'] },
    },
    more: { iterations: [2, 4] },
  },
};

/** The graphs of each case; they don't depend on the number of steps. */
const caches = new Map<object, ProgramCache>();
const runCase = (
  { method, pictures, options, more }: Case,
  control?: RunControl,
  network: VggWeights = weights,
): Promise<OptimizedPicture> => {
  const programs = caches.get(more) ?? new ProgramCache(runtime);
  programs.keep(100);
  caches.set(more, programs);
  const bench = { runtime, weights: network, programs };
  return runMethod(method, bench, pictures, options, control) as Promise<OptimizedPicture>;
};

const digest = (values: Float32Array): string =>
  createHash('sha256')
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex');

/** All of a result that is the same each time, the picture's bits in short. */
const comparable = ({ image, losses, iterations, evaluations, stopped, curve }: OptimizedPicture) => ({
  ...{ losses, iterations, evaluations, stopped },
  ...{ width: image.width, height: image.height, alpha: image.alpha && digest(image.alpha) },
  rgb: digest(image.rgb),
  curve: curve.map(({ elapsed: _, ...point }) => point),
});

describe.each(Object.entries(cases))('%s', (_, one) => {
  it('goes on from the state of any step to the same bits as if it had not been interrupted', async () => {
    const states: Uint8Array[] = [];
    const whole = await runCase(one, {
      onProgress: (event) => event.type === 'iteration' && states.push(event.state()),
    });
    expect(states).toHaveLength(whole.iterations);
    for (const state of states) {
      const steps: number[] = [];
      const resumed = await runCase(one, {
        resume: state,
        onProgress: (event) => event.type === 'iteration' && steps.push(event.iteration),
      });
      expect(comparable(resumed)).toEqual(comparable(whole));
      // The steps before are not done again, and time goes on.
      expect(steps).toEqual(
        whole.curve.slice(whole.iterations - steps.length).map(({ iteration }) => iteration),
      );
      expect(steps).toHaveLength(states.length - 1 - states.indexOf(state));
      const times = resumed.curve.map(({ elapsed }) => elapsed);
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }
  });

  it('does more steps from the state of its end than it was asked for at first', async () => {
    const finished = await runCase(one);
    const more = { ...one, options: { ...one.options, ...one.more } };
    const [resumed, whole] = [await runCase(more, { resume: finished.state() }), await runCase(more)];
    expect(comparable(resumed)).toEqual(comparable(whole));
  });

  it('has no result when it is ended before the first step, and the best so far afterwards', async () => {
    const error = await errorOf(runCase(one, { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ name: 'AbortError' });
    const stop = new AbortController();
    const stopped = await runCase(one, {
      signal: stop.signal,
      onProgress: (event) => event.type === 'iteration' && event.iteration === 1 && stop.abort(),
    });
    const whole = await runCase(one);
    expect(stopped).toMatchObject({ stopped: 'cancelled', iterations: 1 });
    expect(stopped.image.width).toBe(whole.image.width);
    expect(comparable(await runCase(one, { resume: stopped.state() }))).toEqual(comparable(whole));
  });
});

describe('a state', () => {
  const gram = cases['gram']!;
  const stateOf = async (one: Case): Promise<Uint8Array> => (await runCase(one)).state();
  const refused = async (one: Case, state: Uint8Array, network?: VggWeights): Promise<void> => {
    const error = await errorOf(runCase(one, { resume: state }, network));
    expect(error).toMatchObject({ code: 'E_STATE', option: 'resume' });
  };

  it.each(Object.entries(cases))('of %s is refused by every other method', async (_, one) => {
    const state = await stateOf(one);
    const others = new Map(Object.values(cases).map((other) => [other.method, other]));
    others.delete(one.method);
    expect(others.size).toBeGreaterThan(2);
    for (const other of others.values()) await refused(other, state);
  });

  it('of other pictures is refused, also where one value differs', async () => {
    const rgb = content.rgb.with(1234, 0.5);
    const state = await stateOf(gram);
    await refused({ ...gram, pictures: { ...photograph, content: createImage(40, 32, rgb) } }, state);
    await refused({ ...gram, pictures: { ...photograph, styles: [painting, painting] } }, state);
    await refused({ ...gram, pictures: { ...photograph, mask } }, state);
  });

  it('of other settings is refused', async () => {
    const state = await stateOf(gram);
    for (const other of [{ styleWeight: 2 }, { seed: 1 }, { optimizer: 'adam' }, { scales: [24, 30] }]) {
      await refused({ ...gram, options: { ...gram.options, ...other } }, state);
    }
  });

  it('of another network is refused', async () => {
    const conv2_1 = weights.convolutions['conv2_1']!;
    const changed = { ...conv2_1, bias: conv2_1.bias.with(3, 0.11) };
    const other = { ...weights, convolutions: { ...weights.convolutions, conv2_1: changed } };
    await refused(gram, await stateOf(gram), other);
  });

  it('that is none is refused', async () => {
    await refused(gram, new Uint8Array(100));
    await refused(gram, (await stateOf(gram)).subarray(0, 1000));
  });
});

describe('a plan', () => {
  it.each(Object.entries(cases))(
    'of %s tells scales and steps as they are done, and a cost',
    async (_, one) => {
      const plan = planMethod(one.method, weights, one.pictures, one.options);
      const { curve } = await runCase(one);
      expect(plan.scales.map(({ iterations }) => iterations)).toEqual(
        plan.scales.map((_scale, index) => curve.filter(({ scale }) => scale === index).length),
      );
      expect(plan.operations).toBeGreaterThan(0);
      expect(plan.memoryBytes).toBeGreaterThan(1e8);
    },
  );
});

describe('scales that are too small for a layer', () => {
  const narrow = randomPicture(60, 18, 5);
  const options = { scales: [24, 40, 60], iterations: [7, 5, 3], margin: 0, styleLayers: ['relu5_1'] };
  const pictures = { content: narrow, styles: [painting] };
  const bench = { runtime, weights };

  it('are left out, and the first of the others does the most steps that one of them would have done', async () => {
    // relu5_1 takes 16 pixels: 24x7 and 40x12 have fewer.
    const plan = planMethod(gramStylization, weights, pictures, options);
    expect(plan.scales).toMatchObject([{ width: 60, height: 18, iterations: 7 }]);
    const { curve, image } = await runMethod(gramStylization, bench, pictures, options);
    expect(curve.map(({ scale }) => scale)).toEqual(new Array(7).fill(0));
    expect(image).toMatchObject({ width: 60, height: 18 });
  });

  it('leave their steps to the others where the steps were asked for in one number', async () => {
    const scales = [24, 48, 60];
    const plan = planMethod(gramStylization, weights, pictures, { ...options, scales, iterations: 12 });
    expect(plan.scales).toMatchObject([{ width: 60, height: 18, iterations: 12 }]);
    const wide = { content: randomPicture(96, 32, 5), styles: [painting] };
    const some = planMethod(gramStylization, weights, wide, {
      ...options,
      scales: [24, 48, 96],
      iterations: 12,
    });
    expect(some.scales.map(({ width }) => width)).toEqual([48, 96]);
    expect(some.scales.reduce((sum, { iterations }) => sum + iterations, 0)).toBe(12);
  });

  it.each<[string, AnyMethod, PictureSet, object]>([
    [
      'patches',
      patchStylization,
      { content: narrow, style: painting },
      { patchLayers: ['relu5_1'], margin: 0 },
    ],
    ['texture', texture, { sample: narrow }, { size: '60x18', styleLayers: ['relu5_1'] }],
  ])('leave all steps of one number to the others in %s', (_, method, some, more) => {
    const plan = planMethod(method, weights, some, { scales: [24, 60], iterations: 13, ...more });
    expect(plan.scales).toMatchObject([{ width: 60, height: 18, iterations: 13 }]);
  });

  it('are an error where it is a pass of a harmonisation, which both are needed', () => {
    const low = randomPicture(60, 14, 5);
    const parts = { painting: low, composite: low, mask: low };
    const planned = thrownBy(() => planMethod(harmonize, weights, parts, { iterations: 13 }));
    expect(planned).toMatchObject({ code: 'E_IMAGE_SIZE' });
  });

  it('are an error where it is the finest, which names the picture', async () => {
    const small = { ...options, scales: [24, 40], iterations: [7, 5] };
    const refused = (named: object) => () =>
      planMethod(gramStylization, weights, { ...pictures, content: { ...narrow, ...named } }, small);
    expect(thrownBy(refused({}))).toMatchObject({
      code: 'E_IMAGE_SIZE',
      message:
        'The picture content, which is 60x18, is looked at in 40x12: a picture of 40x12 is too small to reach relu5_1.',
    });
    expect(thrownBy(refused({ name: 'a.jpg' }))).toMatchObject({
      message: expect.stringMatching(/^"a\.jpg", which is 60x18, is looked at in 40x12: /) as string,
    });
    const error = await errorOf(runMethod(gramStylization, bench, pictures, small));
    expect(error).toMatchObject({ code: 'E_IMAGE_SIZE' });
  });

  it('are named by the picture that they are of', () => {
    const flat = randomPicture(40, 3, 6);
    const found = thrownBy(() =>
      planMethod(
        gramStylization,
        weights,
        { content, styles: [painting, flat] },
        { scales: [32], styleLayers: ['relu4_1'] },
      ),
    );
    expect(found).toMatchObject({
      message: expect.stringMatching(/^The picture styles, which is 40x3, is looked at in 32x2: /) as string,
    });
    const byPatches = thrownBy(() =>
      planMethod(
        patchStylization,
        weights,
        { content, style: { ...flat, name: 'p.png' } },
        { scales: [32], iterations: 1 },
      ),
    );
    expect(byPatches).toMatchObject({
      message: expect.stringMatching(/^"p\.png", which is 40x3, is looked at in 32x2: /) as string,
    });
  });
});
