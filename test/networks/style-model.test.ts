import * as ort from 'onnxruntime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { input } from '../../src/graph/index.js';
import { conditionalNetwork, conditionInputs } from '../../src/networks/conditional-network.js';
import {
  encodeStyleModel,
  modelInput,
  modelOutput,
  modelParameters,
  parseStyleModel,
} from '../../src/networks/style-model.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { runOnce } from '../../src/runtime/runtime.js';
import { noise } from '../noise.js';
import { toyStyleModel } from '../toy-style-model.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const largestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);

describe('a model as an ONNX file', () => {
  for (const form of ['light', 'johnson'] as const) {
    it(`of form ${form} gives in a plain session what our graph gives, at any size`, async () => {
      const model = toyStyleModel({ form, styles: 2, knobs: 3 });
      const session = await ort.InferenceSession.create(encodeStyleModel(model));
      expect(session.inputNames).toEqual(['picture', 'styles', 'weights']);
      for (const [height, width] of [
        [32, 48],
        [33, 35],
        [46, 37],
      ] as const) {
        const picture = noise(3 * height * width);
        const conditions = { styles: Float32Array.of(0.25, 0.75), weights: Float32Array.of(1, 0, 1.5) };
        const found = await session.run({
          picture: new ort.Tensor('float32', picture, [1, 3, height, width]),
          styles: new ort.Tensor('float32', conditions.styles, [1, 2]),
          weights: new ort.Tensor('float32', conditions.weights, [1, 3]),
        });
        expect(found[modelOutput]!.dims).toEqual([1, 3, height, width]);
        const x = input(modelInput, [1, 3, height, width]);
        const own = conditionalNetwork(
          x,
          modelParameters(model),
          conditionInputs(model.options, 1),
          model.options,
        );
        const { painted } = await runOnce(
          runtime,
          { painted: own },
          { [modelInput]: picture, ...conditions },
        );
        expect(largestDifference(found[modelOutput]!.data as Float32Array, painted!)).toBeLessThan(1e-4);
      }
      await session.release();
    });
  }

  it('of one style takes a picture and nothing else', async () => {
    const session = await ort.InferenceSession.create(encodeStyleModel(toyStyleModel({ styles: 1 })));
    expect(session.inputNames).toEqual(['picture']);
    await session.release();
  });

  it('comes back as it was', () => {
    const model = toyStyleModel({ styles: 3, knobs: 2 });
    const back = parseStyleModel(encodeStyleModel(model), 'toy.onnx');
    expect(back).toEqual(model);
  });

  it('is refused when it is cut off, something else, or not finite', () => {
    const bytes = encodeStyleModel(toyStyleModel());
    const code = (name: string) => expect.objectContaining({ code: name }) as Error;
    expect(() => parseStyleModel(bytes.subarray(0, bytes.length - 100), 'toy.onnx')).toThrow(
      code('E_WEIGHTS_FORMAT'),
    );
    expect(() => parseStyleModel(new TextEncoder().encode('no model'), 'toy.onnx')).toThrow(
      code('E_WEIGHTS_FORMAT'),
    );
    const broken = toyStyleModel();
    broken.parameters['output.bias']![0] = NaN;
    expect(() => parseStyleModel(encodeStyleModel(broken), 'toy.onnx')).toThrow(code('E_WEIGHTS_CONTENT'));
  });
});
