import { beforeAll, describe, expect, it } from 'vitest';
import {
  add,
  convolution,
  gradients,
  input,
  instanceNormalization,
  multiply,
  padImage,
  relu,
  upsampleNearest,
  type Tensor,
} from '../../src/graph/index.js';
import { contentLoss } from '../../src/losses/content.js';
import { gramLoss, gramMatrix } from '../../src/losses/gram.js';
import { totalVariation } from '../../src/losses/total-variation.js';
import { vggFeatures } from '../../src/networks/vgg.js';
import type { VggWeights } from '../../src/networks/vgg-weights.js';
import {
  readGolden,
  readGoldenJson,
  readGoldenNetwork,
  relativeDistance,
  type GoldenTensor,
} from '../golden-values.js';
import { valuesOfAll } from '../graph-values.js';

/**
 * The gradient of a perceptual loss with respect to every weight of a transformation network (Johnson et al. 2016), which
 * PyTorch computed: reflected borders, strides, instance normalization, upsampling and VGG in one graph.
 */
describe('training a transformation network', () => {
  let golden: (name: string) => GoldenTensor;
  let vgg: VggWeights;
  let losses: number[];
  beforeAll(async () => {
    golden = await readGolden('johnson-steps.safetensors');
    vgg = await readGoldenNetwork();
    losses = ((await readGoldenJson('johnson-steps.json')) as { log: number[][] }).log[0]!;
  });

  it('has PyTorch’s output, losses and weight gradients at the first step', async () => {
    const parameters: Record<string, Tensor> = {};
    const values: Record<string, Float32Array> = {};
    const fed = (name: string, file = name): Tensor => {
      values[name] = golden(file).values;
      return input(name, golden(file).shape);
    };
    const parameter = (name: string): Tensor => (parameters[name] ??= fed(name, `before.${name}`));
    const layer = (x: Tensor, name: string, stride = 1): Tensor => {
      const weight = parameter(`${name}.1.weight`);
      const padded = padImage(x, (weight.shape[2]! - 1) / 2, 'reflect');
      return convolution(padded, weight, { bias: parameter(`${name}.1.bias`), stride });
    };
    const normalized = (x: Tensor, name: string): Tensor =>
      instanceNormalization(x, parameter(`${name}.weight`), parameter(`${name}.bias`));

    const batch = fed('batch');
    let x = batch;
    for (const [i, stride] of [1, 2, 2].entries()) {
      x = relu(normalized(layer(x, `down.${3 * i}`, stride), `down.${3 * i + 1}`));
    }
    for (const block of ['res.0', 'res.1']) {
      const inner = relu(normalized(layer(x, `${block}.0`), `${block}.1`));
      x = add(x, normalized(layer(inner, `${block}.3`), `${block}.4`));
    }
    for (const i of [1, 5]) x = relu(normalized(layer(upsampleNearest(x, 2), `up.${i}`), `up.${i + 1}`));
    const output = layer(x, 'up.8');

    const styleLayers = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1'];
    const features = (picture: Tensor): Record<string, Tensor> =>
      vggFeatures(picture, vgg, [...styleLayers, 'relu4_2'], { pooling: 'max', padding: 'zero' });
    const [own, ofContent, ofStyle] = [features(output), features(batch), features(fed('style'))];
    const content = contentLoss(own['relu4_2']!, ofContent['relu4_2']!, 'mean');
    const style = styleLayers
      .map((name) => gramLoss(gramMatrix(own[name]!, 'chw'), gramMatrix(ofStyle[name]!, 'chw'), 'mean', 1))
      .reduce((sum, term) => add(sum, term));
    const variation = multiply(totalVariation(output, 'absolute-mean'), 1e-4);
    const total = add(add(content, multiply(style, 10)), variation);

    const names = Object.keys(parameters);
    const derived = gradients(total, Object.values(parameters));
    const asked = Object.fromEntries(names.map((name, i) => [`gradient of ${name}`, derived[i]!]));
    const terms = { 'total loss': total, 'content loss': content, 'style loss': style };
    const found = await valuesOfAll({ output, ...terms, ...asked }, values);

    expect(names).toHaveLength(38);
    expect(relativeDistance(found['output']!, golden('output0').values)).toBeLessThan(1e-5);
    for (const [i, name] of Object.keys(terms).entries()) {
      expect(relativeDistance(found[name]!, [losses[i]!]), name).toBeLessThan(1e-5);
    }
    const whole = Math.hypot(...names.map((name) => Math.hypot(...golden(`grad0.${name}`).values)));
    for (const name of names) {
      const expected = golden(`grad0.${name}`).values;
      const distance = Math.hypot(...expected.map((value, i) => value - found[`gradient of ${name}`]![i]!));
      // Normalization takes away what the bias before it adds, so that bias has a gradient of rounding errors.
      expect(distance, name).toBeLessThan(1e-4 * Math.hypot(...expected) + 1e-6 * whole);
    }
  });
});
