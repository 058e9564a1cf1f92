import { beforeAll, describe, expect, it } from 'vitest';
import {
  add,
  channelMoments,
  convolution,
  constant,
  divide,
  gradients,
  input,
  instanceNormalization,
  multiply,
  transpose,
  type Tensor,
} from '../../src/graph/index.js';
import { channelStatistics, channelStatisticsLoss } from '../../src/losses/channel-statistics.js';
import { contentLoss } from '../../src/losses/content.js';
import { gramLoss, gramMatrix } from '../../src/losses/gram.js';
import { totalVariation } from '../../src/losses/total-variation.js';
import { vggFeatures, type Pooling } from '../../src/networks/vgg.js';
import type { VggWeights } from '../../src/networks/vgg-weights.js';
import {
  readGolden,
  readGoldenJson,
  readGoldenNetwork,
  relativeDistance,
  type GoldenTensor,
} from '../golden-values.js';
import { valuesOf, valuesOfAll } from '../graph-values.js';

const styleLayers = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1'];
const total = (terms: Tensor[]): Tensor => terms.reduce((sum, term) => add(sum, term));

describe('the quarter-width VGG-19 and PyTorch agree', () => {
  let network: VggWeights;
  let golden: (name: string) => GoldenTensor;
  let scalars: Record<string, number>;
  beforeAll(async () => {
    network = await readGoldenNetwork();
    golden = await readGolden('losses.safetensors');
    scalars = ((await readGoldenJson('losses.json')) as { values: Record<string, number> }).values;
  });

  const inputOf = (name: string): Tensor => input(name, golden(name).shape);
  const pictures = (): Record<string, Float32Array> =>
    Object.fromEntries(['x', 'content', 'style'].map((name) => [name, golden(name).values]));

  describe.each([
    ['max', 'max'],
    ['avg', 'average'],
  ] as const)('%s pooling', (short, pooling: Pooling) => {
    const features = (picture: Tensor): Record<string, Tensor> =>
      vggFeatures(picture, network, [...styleLayers, 'relu4_2'], { pooling, padding: 'zero' });

    it('on the features of every layer', async () => {
      const found = await valuesOfAll(features(inputOf('x')), pictures());
      for (const [layer, values] of Object.entries(found)) {
        expect(relativeDistance(values, golden(`features.${short}.${layer}`).values), layer).toBeLessThan(
          5e-6,
        );
      }
    });

    /** The losses of generate.py, made of our own. */
    const losses: Record<string, (x: Record<string, Tensor>, picture: Tensor) => Tensor> = {
      content: (x) => contentLoss(x['relu4_2']!, features(inputOf('content'))['relu4_2']!, 'mean'),
      gram_chw: (x) => styleLoss(x, (layer) => gramMatrix(layer, 'chw')),
      gram_hw: (x) => styleLoss(x, (layer) => gramMatrix(layer, 'hw')),
      mean_std: (x) => {
        const style = features(inputOf('style'));
        return total(
          styleLayers.map((layer) => channelStatisticsLoss(x[layer]!, channelStatistics(style[layer]!))),
        );
      },
      tv_l1_mean: (_x, picture) => totalVariation(picture, 'absolute-mean'),
      tv_l2_sum: (_x, picture) => totalVariation(picture, 'squared-sum'),
    };
    const styleLoss = (x: Record<string, Tensor>, gram: (layer: Tensor) => Tensor): Tensor => {
      const style = features(inputOf('style'));
      return total(styleLayers.map((layer) => gramLoss(gram(x[layer]!), gram(style[layer]!), 'mean', 1)));
    };

    it.each(Object.keys(losses))('on the loss %s and its gradient', async (name) => {
      const x = inputOf('x');
      const loss = losses[name]!(features(x), x);
      const found = await valuesOfAll({ loss, gradient: gradients(loss, [x])[0]! }, pictures());
      expect(relativeDistance(found['loss']!, [scalars[`${name}.${short}`]!])).toBeLessThan(1e-5);
      expect(relativeDistance(found['gradient']!, golden(`grad.${name}.${short}`).values)).toBeLessThan(1e-4);
    });
  });

  it.each(['relu1_1', 'relu3_1', 'relu5_1'])('on %s projected to the full network', async (layer) => {
    const feature = vggFeatures(inputOf('x'), network, [layer], { pooling: 'max', padding: 'zero' })[layer]!;
    const { weight, bias, outputChannels, inputChannels } = network.projections[layer]!;
    const w = constant(weight, [outputChannels, inputChannels, 1, 1]);
    const projected = convolution(feature, w, { bias: constant(bias, [outputChannels]) });
    const expected = golden(`projected.max.${layer}`);
    expect(projected.shape).toEqual(expected.shape);
    expect(relativeDistance(await valuesOf(projected, pictures()), expected.values)).toBeLessThan(1e-5);
  });
});

describe('normalisation and PyTorch agree', () => {
  let golden: (name: string) => GoldenTensor;
  beforeAll(async () => {
    golden = await readGolden('normalisation.safetensors');
  });
  const inputs = (...names: string[]): [Tensor[], Record<string, Float32Array>] => [
    names.map((name) => input(name, golden(name).shape)),
    Object.fromEntries(names.map((name) => [name, golden(name).values])),
  ];

  it('on adaptive instance normalization', async () => {
    const [[a, b], values] = inputs('a', 'b');
    const [content, style] = [channelMoments(a!, 1e-5), channelMoments(b!, 1e-5)];
    const adapted = add(multiply(divide(content.centred, content.deviation), style.deviation), style.mean);
    expect(relativeDistance(await valuesOf(adapted, values), golden('adain').values)).toBeLessThan(1e-6);
  });

  it('on conditional instance normalization', async () => {
    const [[a, gamma, beta], values] = inputs('a', 'gamma', 'beta');
    const normalized = instanceNormalization(a!, gamma!, beta!, 1e-5);
    expect(
      relativeDistance(await valuesOf(normalized, values), golden('conditional_instance_norm').values),
    ).toBeLessThan(1e-6);
  });
});

describe('the Gram matrix', () => {
  it('is that of gram.json', async () => {
    const golden = (await readGoldenJson('gram.json')) as {
      input: { shape: number[]; values: number[] };
      gram_over_hw: number[][];
      unstable_pair: { a: number[]; b: number[] };
    };
    const picture = transpose(constant(golden.input.values, golden.input.shape), [0, 3, 1, 2]);
    expect([...(await valuesOf(gramMatrix(picture, 'hw')))]).toEqual(golden.gram_over_hw.flat());
    const [a, b] = [golden.unstable_pair.a, golden.unstable_pair.b].map((values) =>
      constant(values, [1, 1, 1, 2]),
    );
    const [ga, gb] = [await valuesOf(gramMatrix(a!, 'none')), await valuesOf(gramMatrix(b!, 'none'))];
    expect(ga[0]).toBeCloseTo(gb[0]!, 6);
  });
});
