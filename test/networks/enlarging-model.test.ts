import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { constant, encodeOnnx, input, square } from '../../src/graph/index.js';
import {
  encodeEnlargingModel,
  enlargingParameters,
  parseEnlargingModel,
} from '../../src/networks/enlarging-model.js';
import { enlargingNetwork } from '../../src/networks/enlarging-network.js';
import { createRandom } from '../../src/random.js';
import { valuesOf } from '../graph-values.js';
import { thrownBy } from '../methods/method-runs.js';
import { toyEnlargingModel } from './toy-enlarging-model.js';

describe('the file of a model that enlarges pictures', () => {
  it('is read back as it was written', () => {
    const model = toyEnlargingModel({ factor: 2, width: 5, layers: 1 });
    expect(parseEnlargingModel(encodeEnlargingModel(model), 'toy.onnx')).toEqual(model);
  });

  it.each([
    [1, 1],
    [7, 3],
    [35, 37],
    [64, 21],
  ])('computes %i x %i in a plain session of ONNX Runtime as our graph does', async (height, width) => {
    const model = toyEnlargingModel();
    const random = createRandom(2);
    const picture = Float32Array.from({ length: 3 * height * width }, () => random.uniform());
    const session = await InferenceSession.create(encodeEnlargingModel(model));
    const { enlarged } = await session.run({
      picture: new Tensor('float32', picture, [1, 3, height, width]),
    });
    expect(enlarged!.dims).toEqual([1, 3, 4 * height, 4 * width]);
    const x = constant(picture, [1, 3, height, width]);
    const expected = await valuesOf(enlargingNetwork(x, enlargingParameters(model), model.options));
    const found = enlarged!.data as Float32Array;
    expect(Math.max(...expected.map((value, i) => Math.abs(value - found[i]!)))).toBeLessThan(1e-5);
    await session.release();
  });

  it('is refused when it is something else, of another version, or damaged', () => {
    const x = input('x', [2]);
    const other = encodeOnnx({ y: square(x) }).bytes;
    for (const bytes of [other, Uint8Array.of(1, 2, 3), new Uint8Array()])
      expect(thrownBy(() => parseEnlargingModel(bytes, 'other.onnx'))).toMatchObject({
        code: 'E_WEIGHTS_FORMAT',
        message: expect.stringContaining('other.onnx') as string,
      });
    const newer = { pastiche: JSON.stringify({ format: 'pastiche enlarging model 9' }) };
    const bytes = encodeOnnx({ y: square(x) }, newer).bytes;
    expect(thrownBy(() => parseEnlargingModel(bytes, 'newer.onnx'))).toMatchObject({
      code: 'E_WEIGHTS_FORMAT',
    });
    const model = toyEnlargingModel();
    model.parameters['layer1.weight']![3] = NaN;
    const damaged = encodeEnlargingModel(model);
    expect(thrownBy(() => parseEnlargingModel(damaged, 'damaged.onnx'))).toMatchObject({
      code: 'E_WEIGHTS_CONTENT',
      message: expect.stringContaining('layer1.weight') as string,
    });
  });
});
