import { describe, expect, it } from 'vitest';
import { add, input, multiply, type Tensor } from '../../src/graph/index.js';
import { contentLoss } from '../../src/losses/content.js';
import { gramLoss, gramMatrix } from '../../src/losses/gram.js';
import { totalVariation } from '../../src/losses/total-variation.js';
import {
  transformationNetwork,
  transformationNetworkShapes,
} from '../../src/networks/transformation-network.js';
import { vggFeatures } from '../../src/networks/vgg.js';
import { Adam } from '../../src/optimizers/adam.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { ParameterSet } from '../../src/training/parameter-set.js';
import { TrainingStep, type TrainingGraph } from '../../src/training/training-step.js';
import { readGolden, readGoldenJson, readGoldenNetwork, relativeDistance } from '../golden-values.js';

/** Our names for the modules of the golden network, in the order of use. */
const modules: Readonly<Record<string, readonly [convolution: string, normalization?: string]>> = {
  down1: ['down.0.1', 'down.1'],
  down2: ['down.3.1', 'down.4'],
  down3: ['down.6.1', 'down.7'],
  'residual1.first': ['res.0.0.1', 'res.0.1'],
  'residual1.second': ['res.0.3.1', 'res.0.4'],
  'residual2.first': ['res.1.0.1', 'res.1.1'],
  'residual2.second': ['res.1.3.1', 'res.1.4'],
  up1: ['up.1.1', 'up.2'],
  up2: ['up.5.1', 'up.6'],
  output: ['up.8.1'],
};

function goldenName(parameter: string): string {
  const [, stage, kind] = /^(.*)\.(\w+)$/.exec(parameter)!;
  const [convolution, normalization] = modules[stage!]!;
  if (kind === 'scale') return `${normalization}.weight`;
  if (kind === 'shift') return `${normalization}.bias`;
  return `${convolution}.${kind}`;
}

const options = { base: 8, blocks: 2 };
const styleLayers = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1'];

describe('five steps of training and PyTorch agree', () => {
  it.each([1, 2])('on losses and parameters, in %s parts at the same time', async (parts) => {
    const golden = await readGolden('johnson-steps.safetensors');
    const { log } = (await readGoldenJson('johnson-steps.json')) as { log: [number, number, number][] };
    const network = await readGoldenNetwork();
    const features = (x: Tensor): Record<string, Tensor> =>
      vggFeatures(x, network, [...styleLayers, 'relu4_2'], { pooling: 'max', padding: 'zero' });

    const set = new ParameterSet(transformationNetworkShapes(options));
    const names = Object.keys(set.shapes);
    set.assign(Object.fromEntries(names.map((name) => [name, golden(`before.${goldenName(name)}`).values])));
    const [pictures, ...picture] = golden('batch').shape as [number, ...number[]];
    const graphOf = (count: number): TrainingGraph => {
      const parameters = set.inputs();
      const batch = input('batch', [count, ...picture]);
      const output = transformationNetwork(batch, parameters, options);
      const [own, photographs] = [features(output), features(batch)];
      const painting = features(input('painting', golden('style').shape));
      const content = contentLoss(own['relu4_2']!, photographs['relu4_2']!, 'mean');
      const style = styleLayers
        .map((layer) =>
          gramLoss(gramMatrix(own[layer]!, 'chw'), gramMatrix(painting[layer]!, 'chw'), 'mean', 1),
        )
        .reduce((sum, term) => add(sum, term));
      const smoothness = multiply(totalVariation(output, 'absolute-mean'), 1e-4);
      const total = add(add(content, multiply(style, 10)), smoothness);
      return { parameters, total, terms: { content, style } };
    };

    const adam = new Adam({ learningRate: 1e-3 });
    const runtimes = Array.from({ length: parts }, () => createNativeRuntime({ threads: 1 }));
    const step = await TrainingStep.create({
      runtimes,
      graphOf,
      batch: pictures,
      parameters: set,
      optimizer: adam,
    });
    await step.bind({ painting: golden('style').values });
    for (const [expected, expectedContent, expectedStyle] of log) {
      const report = await step.run({ batch: golden('batch').values });
      expect(Math.abs(report.total / expected - 1)).toBeLessThan(1e-3);
      expect(Math.abs(report.terms['content']! / expectedContent - 1)).toBeLessThan(1e-3);
      expect(Math.abs(report.terms['style']! / expectedStyle - 1)).toBeLessThan(1e-3);
    }
    await step.dispose();
    for (const name of names.filter((each) => each.endsWith('weight'))) {
      // Adam's first steps are as long for a gradient of rounding errors as for any other.
      expect(
        relativeDistance(set.view(name), golden(`after5.${goldenName(name)}`).values),
        name,
      ).toBeLessThan(5e-3);
    }
  });
});
