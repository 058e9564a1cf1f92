import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  activeLayers,
  fiveLayers,
  parseLayerWeights,
} from '../../../src/methods/optimization/layer-weights.js';
import { thrownBy } from '../method-runs.js';

const parse = (given: readonly string[] | undefined) =>
  parseLayerWeights(given, { relu1_1: 2, relu2_1: 4 }, 'styleLayers');

describe('layers as people write them', () => {
  it('are the preset where none are given', () => {
    expect(parse(undefined)).toEqual({ relu1_1: 2, relu2_1: 4 });
  });

  it("share the preset's total equally, each that has no weight with a share of all that are named", () => {
    expect(parse(['relu3_1', 'conv4_2'])).toEqual({ relu3_1: 3, conv4_2: 3 });
    expect(parse(['relu3_1', 'conv4_2:0.25', 'relu5_1'])).toEqual({ relu3_1: 2, conv4_2: 0.25, relu5_1: 2 });
  });

  it('have the weights that are written, whatever form numbers have', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e30, noNaN: true }), (weight) => {
        // -0 is written as 0.
        expect(parse([`relu1_1:${weight}`])).toEqual({ relu1_1: weight + 0 });
      }),
    );
    expect(parse(['relu1_1:1e30', 'relu2_1:5e-3'])).toEqual({ relu1_1: 1e30, relu2_1: 0.005 });
  });

  it.each([
    ...['relu1_1:x', 'relu1_1:-1', 'relu1_1:NaN', 'relu1_1:Infinity', 'relu1_1:1.0000001e30', 'relu1_1:1e31'],
    ...['relu1_1:', 'relu1_1: ', 'relu1_1:1:2', 'relu1_1::'],
  ])('refuse %j, and say so', (text) => {
    expect(thrownBy(() => parse(['relu2_1', text]))).toMatchObject({
      code: 'E_ARGUMENT',
      option: 'styleLayers',
      message: `"${text}" has no weight that can be used.`,
    });
  });

  it.each([[['relu1_1', 'relu1_1']], [['relu1_1:1', 'relu2_1', 'relu1_1:2']]])(
    'refuse %j, where a layer is named twice',
    (given) => {
      expect(thrownBy(() => parse(given))).toMatchObject({
        code: 'E_ARGUMENT',
        option: 'styleLayers',
        message: 'The layer relu1_1 is named twice in styleLayers.',
      });
    },
  );
});

describe('layers that count', () => {
  it('are those whose weights are not 0, and none where the whole term has no weight', () => {
    const layers = { relu1_1: 2, relu2_1: 0, relu3_1: 1 };
    expect(activeLayers(layers)).toEqual([
      ['relu1_1', 2],
      ['relu3_1', 1],
    ]);
    expect(activeLayers(layers, 7)).toEqual(activeLayers(layers));
    expect(activeLayers(layers, 0)).toEqual([]);
  });
});

it('the five layers of Gatys et al. 2016 are the first of each block', () => {
  expect(fiveLayers(0.2)).toEqual(
    Object.fromEntries([1, 2, 3, 4, 5].map((block) => [`relu${block}_1`, 0.2])),
  );
});
