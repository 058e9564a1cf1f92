import { beforeAll, describe, expect, it } from 'vitest';
import { encodeOnnx, gradients, input, square, sum, type Tensor } from '../../src/graph/index.js';
import { topologicalOrder } from '../../src/graph/traversal.js';
import {
  applyConvolution,
  findLayer,
  layerChannels,
  vggFeatures,
  type VggOptions,
} from '../../src/networks/vgg.js';
import type { VggWeights } from '../../src/networks/vgg-weights.js';
import { Grid } from '../graph/grid.js';
import { readGolden, readGoldenNetwork, relativeDistance, type GoldenTensor } from '../golden-values.js';
import { valuesOf, valuesOfAll } from '../graph-values.js';
import { convolutionNames, narrowVgg, referenceFeatures } from './reference-vgg.js';

const vgg19 = narrowVgg('vgg19');
const plain: VggOptions = { pooling: 'max', padding: 'zero' };
const picture = (height: number, width: number): Tensor => input('x', [1, 3, height, width]);
const pixels = (height: number, width: number): Float32Array =>
  Float32Array.from({ length: 3 * height * width }, (_, i) => 0.5 + 0.5 * Math.sin(i * i));

describe('the features', () => {
  it.each([
    ['vgg19', 'max', 'zero'],
    ['vgg19', 'average', 'reflect'],
    ['vgg16', 'max', 'replicate'],
    ['vgg16', 'average', 'zero'],
  ] as const)(
    'of every layer of %s with %s pooling and %s padding are those of plain loops',
    async (architecture, pooling, padding) => {
      const network = narrowVgg(architecture);
      // 37 is 18, 9, 4 and 2 after the poolings: with and without a remainder, and enough for a mirror.
      const [height, width] = [37, 32];
      const x = pixels(height, width);
      const names = convolutionNames(architecture).flatMap((name) => [name, name.replace('conv', 'relu')]);
      const found = await valuesOfAll(
        vggFeatures(picture(height, width), network, names, { pooling, padding }),
        { x },
      );
      const expected = referenceFeatures(new Grid([3, height, width], x), network, pooling, padding);
      expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
      for (const name of names)
        expect(relativeDistance(found[name]!, expected[name]!.data), name).toBeLessThan(1e-5);
    },
  );

  it('come by the names that they were asked for, of their own shapes', () => {
    const names = ['block2_conv1', '21', 'RELU1_1', 'conv1_1'];
    const features = vggFeatures(input('x', [2, 3, 40, 32]), vgg19, names, plain);
    expect(Object.fromEntries(names.map((name) => [name, features[name]!.shape]))).toEqual({
      block2_conv1: [2, 3, 20, 16],
      21: [2, 5, 5, 4],
      RELU1_1: [2, 2, 40, 32],
      conv1_1: [2, 2, 40, 32],
    });
  });

  it('need nothing behind the last layer asked for', () => {
    const made = topologicalOrder(Object.values(vggFeatures(picture(8, 8), vgg19, ['relu2_1'], plain)));
    const labels = made
      .map(({ label }) => label)
      .filter((label) => label?.startsWith('conv') && !label.includes('.'));
    expect(labels).toEqual(['conv1_1', 'conv1_2', 'conv2_1']);
  });

  it('have the names of layers and weights in the file, weights once for two pictures', () => {
    const features = [picture(8, 8), input('y', [1, 3, 6, 6])].map(
      (x) => vggFeatures(x, vgg19, ['relu2_1'], plain)['relu2_1']!,
    );
    const text = Buffer.from(encodeOnnx({ a: features[0]!, b: features[1]! }).bytes).toString('latin1');
    for (const name of ['preprocess', 'conv1_1', 'relu1_1', 'conv1_2', 'pool1', 'conv2_1', 'relu2_1'])
      expect(text).toContain(name);
    expect(text.match(/preprocess\.weight/g)).toHaveLength(3); // the initializer and two uses
  });
});

describe('a layer at the end of a block', () => {
  // Only a layer that nobody asked for is pooled before its activation.
  const run = async (
    extra: string[],
    pooling: VggOptions['pooling'],
    x: Float32Array,
  ): Promise<Record<string, Float32Array>> => {
    const image = picture(18, 20);
    const features = vggFeatures(image, vgg19, ['relu4_1', ...extra], { pooling, padding: 'zero' });
    const loss = sum(square(features['relu4_1']!));
    return valuesOfAll({ value: features['relu4_1']!, gradient: gradients(loss, [image])[0]! }, { x });
  };

  it.each([
    ['a busy picture', pixels(18, 20)],
    ['a flat picture, whose windows hold equal values', new Float32Array(3 * 18 * 20).fill(0.5)],
  ])('changes neither values nor gradients by being asked for: %s', async (_what, x) => {
    for (const pooling of ['max', 'average'] as const) {
      const alone = await run([], pooling, x);
      expect(Math.hypot(...alone['gradient']!)).toBeGreaterThan(0);
      for (const extra of [['relu1_2'], ['conv2_2'], ['relu1_2', 'relu2_2', 'conv3_4']]) {
        const together = await run(extra, pooling, x);
        expect(relativeDistance(together['value']!, alone['value']!)).toBeLessThan(1e-6);
        expect(relativeDistance(together['gradient']!, alone['gradient']!)).toBeLessThan(1e-6);
      }
    }
  });
});

describe('names of layers', () => {
  const canonical = (name: string, network = vgg19): string => findLayer(network, name).name;

  it.each([
    ['relu4_2', 'relu4_2'],
    ['conv4_2', 'conv4_2'],
    ['block4_conv2', 'relu4_2'],
    [' Block4_Conv2 ', 'relu4_2'],
    ['RELU1_1', 'relu1_1'],
  ])('%s is %s', (name, expected) => {
    expect(canonical(name)).toBe(expected);
  });

  it.each([
    ['vgg19', [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34]],
    ['vgg16', [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28]],
  ] as const)(
    'torchvision’s indices of %s name its convolutions after their activation',
    (architecture, indices) => {
      const network = narrowVgg(architecture);
      const expected = convolutionNames(architecture).map((name) => name.replace('conv', 'relu'));
      expect(indices.map((index) => canonical(String(index), network))).toEqual(expected);
      expect(indices.map((index) => canonical(String(index + 1), network))).toEqual(expected);
    },
  );

  it.each(['relu6_1', 'relu1_3', 'conv0_1', 'pool1', '4', '37', '-1', '1.0', '', 'relu1_1 ; drop'])(
    'there is none called %j, and the error lists those that there are',
    (name) => {
      expect(() => findLayer(vgg19, name)).toThrow(
        expect.objectContaining({
          code: 'E_LAYER',
          message: `There is no layer ${JSON.stringify(name)} in this network.`,
          remedy: expect.stringMatching(/relu1_1, relu1_2, relu2_1.*relu5_4\./) as unknown,
        }) as Error,
      );
    },
  );

  it('are those of the file where it stops early', () => {
    const { conv1_1, conv1_2 } = vgg19.convolutions;
    const short = { ...vgg19, convolutions: { conv1_1: conv1_1!, conv1_2: conv1_2! } };
    expect(layerChannels(short, 'relu1_2')).toBe(2);
    expect(() => vggFeatures(picture(8, 8), short, ['relu1_1', 'relu2_1'], plain)).toThrow(
      expect.objectContaining({ code: 'E_LAYER', remedy: 'Its layers are relu1_1, relu1_2.' }) as Error,
    );
  });

  it('tell the channels', () => {
    expect(['conv1_1', 'relu3_4', '28'].map((name) => layerChannels(vgg19, name))).toEqual([2, 4, 6]);
  });
});

describe('a small picture', () => {
  it.each([
    [1, 1, 'relu1_2'],
    [1, 4000, 'relu1_1'],
    [2, 3, 'relu2_2'],
    [4, 7, 'relu3_4'],
    [16, 16, 'relu5_1'],
  ])('of %ix%i reaches %s', (height, width, layer) => {
    expect(vggFeatures(picture(height, width), vgg19, [layer], plain)[layer]!.shape[0]).toBe(1);
  });

  it.each([
    [1, 1, 'relu2_1', 'zero', 'relu2_1'],
    [1, 4000, 'relu5_1', 'zero', 'relu2_1'],
    [3, 3, 'relu3_1', 'zero', 'relu3_1'],
    [15, 99, 'relu5_1', 'zero', 'relu5_1'],
    [1, 1, 'relu1_1', 'reflect', 'relu1_1'],
    [3, 8, 'relu2_1', 'reflect', 'relu2_1'],
  ] as const)('of %ix%i does not reach %s with %s padding', (height, width, layer, padding, reached) => {
    for (const pooling of ['max', 'average'] as const) {
      expect(() => vggFeatures(picture(height, width), vgg19, [layer], { pooling, padding })).toThrow(
        expect.objectContaining({
          code: 'E_IMAGE_SIZE',
          message: `A picture of ${width}x${height} is too small to reach ${reached}.`,
        }) as Error,
      );
    }
  });
});

describe('the quarter-width VGG-19 and PyTorch agree', () => {
  let network: VggWeights;
  let golden: (name: string) => GoldenTensor;
  beforeAll(async () => {
    network = await readGoldenNetwork();
    golden = await readGolden('losses.safetensors');
  });

  it.each([
    ['max', 'max'],
    ['avg', 'average'],
  ] as const)('on the features of every layer with %s pooling', async (short, pooling) => {
    const x = golden('x');
    const layers = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu4_2', 'relu5_1'];
    const features = vggFeatures(input('x', x.shape), network, layers, { pooling, padding: 'zero' });
    for (const [layer, values] of Object.entries(await valuesOfAll(features, { x: x.values }))) {
      expect(relativeDistance(values, golden(`features.${short}.${layer}`).values), layer).toBeLessThan(5e-6);
    }
  });

  it.each(['relu1_1', 'relu3_1', 'relu5_1'])('on %s projected to the full network', async (layer) => {
    const x = golden('x');
    const feature = vggFeatures(input('x', x.shape), network, [layer], plain)[layer]!;
    const projected = applyConvolution(feature, network.projections[layer]!, 'projection', 'zero');
    const expected = golden(`projected.max.${layer}`);
    expect(projected.shape).toEqual(expected.shape);
    expect(relativeDistance(await valuesOf(projected, { x: x.values }), expected.values)).toBeLessThan(1e-5);
  });
});
