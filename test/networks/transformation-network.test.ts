import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { constant, input } from '../../src/graph/index.js';
import { conditionalNetwork, conditionInputs } from '../../src/networks/conditional-network.js';
import { modelParameters } from '../../src/networks/style-model.js';
import {
  normalizationChannels,
  receptiveRadius,
  transformationNetwork,
  transformationNetworkShapes,
} from '../../src/networks/transformation-network.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { runOnce } from '../../src/runtime/runtime.js';
import { ParameterSet } from '../../src/training/parameter-set.js';
import { noise } from '../noise.js';
import { toyStyleModel } from '../toy-style-model.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const forms = ['light', 'johnson'] as const;

function parametersOf(options: Parameters<typeof transformationNetworkShapes>[0]): ParameterSet {
  const parameters = new ParameterSet(transformationNetworkShapes(options));
  parameters.initialize(1);
  return parameters;
}

describe('the transformation network', () => {
  it.each(forms)('of form %s keeps the size of any picture', async (form) => {
    const options = { form, base: 4, blocks: 1 };
    const parameters = parametersOf(options);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 17, max: 40 }), fc.integer({ min: 17, max: 40 }), async (h, w) => {
        const x = input('x', [1, 3, h, w]);
        const painted = transformationNetwork(x, parameters.inputs(), options);
        expect(painted.shape).toEqual([1, 3, h, w]);
        const values = await runOnce(runtime, { painted }, { x: noise(3 * h * w), ...parameters.values() });
        expect(values['painted']!.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 6 },
    );
  });

  it.each(forms)('of form %s sees no farther than it says, without its normalizations', async (form) => {
    const options = { form, base: 4, blocks: 1 };
    const parameters = parametersOf(options);
    const side = 128;
    const painted = transformationNetwork(
      input('x', [1, 3, side, side]),
      parameters.inputs(),
      options,
      (map) => map,
    );
    const plain = noise(3 * side * side);
    const changed = plain.slice();
    // A pixel in the middle of the red plane.
    changed[64 * side + 64] = 5;
    const run = async (x: Float32Array): Promise<Float32Array> =>
      (await runOnce(runtime, { painted }, { x, ...parameters.values() }))['painted']!;
    const [one, other] = [await run(plain), await run(changed)];
    const radius = receptiveRadius(options);
    let farthest = 0;
    for (let i = 0; i < side * side; i += 1) {
      if (one[i] === other[i]) continue;
      farthest = Math.max(farthest, Math.abs((i % side) - 64), Math.abs(Math.floor(i / side) - 64));
    }
    expect(farthest).toBeLessThanOrEqual(radius);
    // And not much less, or tiles would be larger than they need be.
    expect(farthest).toBeGreaterThan(radius / 2);
  });

  it('has a scale and a shift for every normalization', () => {
    const options = { base: 4, blocks: 2 };
    const shapes = transformationNetworkShapes(options);
    for (const [name, channels] of Object.entries(normalizationChannels(options)))
      expect([shapes[`${name}.scale`], shapes[`${name}.shift`]]).toEqual([[channels], [channels]]);
  });
});

describe('the conditional network', () => {
  it('blends styles in its normalizations, and knobs at 1 change nothing at the start', async () => {
    const model = toyStyleModel({ knobs: 2 });
    model.parameters['knobs.offsets']!.fill(0);
    const x = input('x', [2, 3, 24, 24]);
    const painted = conditionalNetwork(
      x,
      modelParameters(model),
      conditionInputs(model.options, 2),
      model.options,
    );
    const picture = noise(3 * 24 * 24);
    const both = new Float32Array(2 * picture.length);
    both.set(picture);
    both.set(picture, picture.length);
    const run = async (styles: number[], weights: number[]): Promise<Float32Array> =>
      (
        await runOnce(
          runtime,
          { painted },
          { x: both, styles: Float32Array.from(styles), weights: Float32Array.from(weights) },
        )
      )['painted']!;
    const apart = await run([1, 0, 0, 1], [1, 1, 2, 0]);
    const swapped = await run([0, 1, 1, 0], [1, 1, 1, 1]);
    const half = picture.length;
    // Each picture has its own style, and the knobs have no effect yet.
    for (let i = 0; i < half; i += 97) {
      expect(apart[i]).toBeCloseTo(swapped[half + i]!, 5);
      expect(apart[half + i]).toBeCloseTo(swapped[i]!, 5);
    }
    expect(apart.some((value, i) => i < half && Math.abs(value - apart[half + i]!) > 0.01)).toBe(true);
  });

  it('of one style is the plain network with that row', async () => {
    const model = toyStyleModel({ styles: 1 });
    const row = model.parameters['styles.offsets']!;
    const parameters = Object.fromEntries(
      Object.entries(modelParameters(model)).filter(([name]) => name !== 'styles.offsets'),
    );
    let from = 0;
    for (const [name, channels] of Object.entries(normalizationChannels(model.options))) {
      const part = (offset: number): Float32Array =>
        row.slice(from + offset * channels, from + (offset + 1) * channels);
      parameters[`${name}.scale`] = constant(
        part(0).map((value) => 1 + value),
        [channels],
      );
      parameters[`${name}.shift`] = constant(part(1), [channels]);
      from += 2 * channels;
    }
    const x = input('x', [1, 3, 24, 28]);
    const picture = noise(3 * 24 * 28);
    const plain = transformationNetwork(x, parameters, model.options);
    const conditional = conditionalNetwork(
      x,
      modelParameters(model),
      conditionInputs(model.options, 1),
      model.options,
    );
    const found = await runOnce(runtime, { plain, conditional }, { x: picture, styles: Float32Array.of(1) });
    found['plain']!.forEach((value, i) => expect(found['conditional']![i]).toBeCloseTo(value, 4));
  });
});
