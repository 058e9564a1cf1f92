import { afterAll, describe, expect, it } from 'vitest';
import { input } from '../../src/graph/index.js';
import { colorMoments } from '../../src/images/affine-colors.js';
import {
  codeLayers,
  codeLength,
  codeOfMoments,
  colorLength,
  colorMomentsOf,
  paintingColors,
  styleMoments,
} from '../../src/networks/style-code.js';
import { vggFeatures } from '../../src/networks/vgg.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { runOnce } from '../../src/runtime/runtime.js';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { readVggWeights } from '../../src/weights/vgg-files.js';
import { toyTensors } from '../e2e/toy-network.js';
import { noise } from '../noise.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());
const network = await readVggWeights(encodeSafetensors(toyTensors()), 'toy.safetensors');
const [height, width] = [40, 56];
const x = input('x', [1, 3, height, width]);
const picture = noise(3 * height * width);

describe('the code of a painting', () => {
  it('is the logarithms of the means and deviations of its features', async () => {
    const maps = vggFeatures(x, network, [...codeLayers], { pooling: 'max', padding: 'zero' });
    const features = await runOnce(runtime, maps, { x: picture });
    const { code } = await runOnce(
      runtime,
      { code: codeOfMoments(styleMoments(x, network)) },
      { x: picture },
    );
    expect(code!.length).toBe(codeLength(network));
    const means: number[] = [];
    const deviations: number[] = [];
    for (const layer of codeLayers) {
      const channels = maps[layer]!.shape[1]!;
      const size = features[layer]!.length / channels;
      for (let channel = 0; channel < channels; channel += 1) {
        const values = [...features[layer]!.subarray(channel * size, (channel + 1) * size)];
        const mean = values.reduce((sum, value) => sum + value, 0) / size;
        means.push(mean);
        deviations.push(Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size));
      }
    }
    [...means, ...deviations].forEach((value, i) => expect(code![i]).toBeCloseTo(Math.log(value + 0.05), 2));
  });

  it('tells the mean and the covariance of the colours', async () => {
    const { colors } = await runOnce(runtime, { colors: paintingColors(x) }, { x: picture });
    expect(colors!.length).toBe(colorLength);
    const all = Uint32Array.from({ length: height * width }, (_, i) => i);
    const expected = colorMoments(picture, all);
    const { mean, covariance } = colorMomentsOf(colors!);
    mean.forEach((value, i) => expect(value).toBeCloseTo(expected.mean[i]!, 5));
    covariance.flat().forEach((value, i) => expect(value).toBeCloseTo(expected.covariance.flat()[i]!, 5));
  });

  it('has moments of two paintings side by side between those of each', async () => {
    const plain = new Float32Array(picture.length).fill(0.6);
    const moments = async (values: Float32Array): Promise<Float32Array> =>
      (await runOnce(runtime, { moments: styleMoments(x, network) }, { x: values })).moments!;
    const [one, other] = [await moments(picture), await moments(plain)];
    // Far from where they meet, which is a small part of the whole.
    const y = input('y', [1, 3, height, 8 * width]);
    const row = (values: Float32Array, at: number): Float32Array =>
      values.subarray(at * width, (at + 1) * width);
    const wide = new Float32Array(8 * picture.length);
    for (let line = 0; line < 3 * height; line += 1) {
      for (let part = 0; part < 8; part += 1)
        wide.set(row(part < 4 ? picture : plain, line), (8 * line + part) * width);
    }
    const { both } = await runOnce(runtime, { both: styleMoments(y, network) }, { y: wide });
    const first = 4;
    for (let i = 0; i < first; i += 1) expect(both![i]).toBeCloseTo((one[i]! + other[i]!) / 2, 1);
  });
});
