import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constant, transpose, type Tensor } from '../../src/graph/index.js';
import { gramLoss, gramMatrix, type GramNormalization } from '../../src/losses/gram.js';
import { homogeneousGram } from '../../src/losses/projected-gram.js';
import { RegionGuides } from '../../src/losses/region-guides.js';
import { readGoldenJson } from '../golden-values.js';
import { Draw } from '../graph/draw.js';
import { expectGradients } from '../graph/finite-differences.js';
import { valuesOf } from '../graph-values.js';
import { describeGoldenLosses, overStyleLayers, type GoldenPictures } from './golden-losses.js';

const styleLoss =
  (normalization: GramNormalization) =>
  ({ x, style }: GoldenPictures): Tensor =>
    overStyleLayers((layer) => {
      const [gram, target] = [x, style].map(({ features }) => gramMatrix(features[layer]!, normalization));
      return gramLoss(gram!, target!, 'mean', 1);
    });

describeGoldenLosses({ gram_chw: styleLoss('chw'), gram_hw: styleLoss('hw') });

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

const normalizations: GramNormalization[] = ['none', 'hw', 'chw'];

/** `sum over positions of T^2 F_i F_j`, times the positions, divided as the normalisation says; in double precision. */
function plainGram(
  features: Float32Array,
  guide: Float32Array,
  channels: number,
  outputChannels: number,
  normalization: GramNormalization,
): number[] {
  const size = guide.length;
  const divisor = { none: 1, hw: size, chw: outputChannels * size }[normalization];
  const gram: number[] = [];
  for (let i = 0; i < channels; i += 1) {
    for (let j = 0; j < channels; j += 1) {
      let sum = 0;
      for (let at = 0; at < size; at += 1) {
        sum += guide[at]! ** 2 * features[i * size + at]! * features[j * size + at]!;
      }
      gram.push((size * sum) / divisor);
    }
  }
  return gram;
}

/** A mask of random parts as the only region's plane. */
const guidesOf = (plane: Float32Array, width: number, height: number): RegionGuides =>
  new RegionGuides({ width, height, planes: new Map([[0, plane]]) });

function expectClose(found: Float32Array, expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  const scale = Math.max(...expected.map(Math.abs));
  expected.forEach((value, i) => expect(Math.abs(found[i]! - value)).toBeLessThan(1e-5 * scale));
}

describe('guided Gram matrices', () => {
  it.each(normalizations)('are the formula in plain loops: %s', async (normalization) => {
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (g) => {
        const draw = new Draw(g);
        const [channels, height, width] = [draw.integer(1, 4), draw.integer(1, 5), draw.integer(1, 5)];
        const size = height * width;
        const features = draw.numbers(channels * size);
        const guide = guidesOf(draw.numbers(size, 0.1, 1), width, height).guide(0, 1);
        const found = gramMatrix(
          constant(features, [1, channels, height, width]),
          normalization,
          constant(guide, [1, 1, height, width]),
        );
        expectClose(await valuesOf(found), plainGram(features, guide, channels, channels, normalization));
      }),
      { numRuns: 6 },
    );
  });

  it.each(normalizations)(
    'with a projection have the channel of ones guided, too: %s',
    async (normalization) => {
      const draw = new Draw(fc.sample(fc.gen(), { numRuns: 1, seed: 1 })[0]!);
      const [channels, height, width] = [3, 4, 5];
      const features = draw.numbers(channels * height * width);
      const guide = guidesOf(draw.numbers(height * width, 0, 1), width, height).guide(0, 1);
      const projection = {
        outputChannels: 6,
        inputChannels: channels,
        kernel: 1,
        weight: draw.numbers(18),
        bias: draw.numbers(6),
      };
      const found = homogeneousGram(
        constant(features, [1, channels, height, width]),
        projection,
        normalization,
        constant(guide, [1, 1, height, width]),
      );
      const extended = Float32Array.of(...features, ...new Float32Array(height * width).fill(1));
      expectClose(await valuesOf(found), plainGram(extended, guide, channels + 1, 6, normalization));
    },
  );

  it('of a region that is everything are the ordinary ones', async () => {
    const draw = new Draw(fc.sample(fc.gen(), { numRuns: 1, seed: 1 })[0]!);
    const features = constant(draw.numbers(2 * 12), [1, 2, 3, 4]);
    const guide = guidesOf(new Float32Array(12).fill(1), 4, 3).guide(0, 1);
    for (const normalization of normalizations) {
      const guided = await valuesOf(gramMatrix(features, normalization, constant(guide, [1, 1, 3, 4])));
      expectClose(guided, [...(await valuesOf(gramMatrix(features, normalization)))]);
    }
  });

  it('have the gradient of their formula, plain and projected', async () => {
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (g) => {
        const draw = new Draw(g);
        const [channels, height, width] = [draw.integer(1, 3), draw.integer(1, 4), draw.integer(1, 4)];
        const guide = constant(draw.numbers(height * width, 0, 1), [1, 1, height, width]);
        const projection = {
          outputChannels: 2,
          inputChannels: channels,
          kernel: 1,
          weight: draw.numbers(2 * channels),
          bias: draw.numbers(2),
        };
        const features: Tensor = draw.input([1, channels, height, width]);
        const gram = draw.boolean()
          ? gramMatrix(features, 'hw', guide)
          : homogeneousGram(features, projection, 'hw', guide);
        await expectGradients(draw, gram);
      }),
      { numRuns: 10 },
    );
  });
});
