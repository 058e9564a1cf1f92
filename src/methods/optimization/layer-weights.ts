import { argumentError } from '../../errors.js';

/** Weights by layer name. */
export type LayerWeights = Readonly<Record<string, number>>;

/** Layers that count: a weight of zero takes a layer, or with the term's the whole term, out of the graph. */
export const activeLayers = (layers: LayerWeights, termWeight = 1): [string, number][] =>
  termWeight === 0 ? [] : Object.entries(layers).filter(([, weight]) => weight !== 0);

/** Larger weights leave the range of float32 when they are multiplied with each other. */
const largestWeight = 1e30;

/** The five layers of Gatys et al. 2016 for style, equally weighted. */
export const fiveLayers = (weight: number): LayerWeights => ({
  relu1_1: weight,
  relu2_1: weight,
  relu3_1: weight,
  relu4_1: weight,
  relu5_1: weight,
});

/** The layers of options for which all layers that are named without a weight count the same, see {@link parseLayerWeights}. */
export const equalLayerWeights = <Option extends string>(
  given: Readonly<Record<Option, readonly string[]>>,
  ...options: readonly Option[]
): Record<Option, LayerWeights> =>
  Object.fromEntries(
    options.map((option) => [option, parseLayerWeights(given[option], { all: 1 }, option)]),
  ) as Record<Option, LayerWeights>;

/**
 * Reads layers as people write them: `relu4_2` or `relu4_2:0.5`. Layers without a weight share the preset's total equally.
 * @param given undefined takes the preset's
 * @param option the option's name, for messages
 * @throws StyleError `E_ARGUMENT` for a weight that is no number from 0 on, and for a layer that is named twice
 */
export function parseLayerWeights(
  given: readonly string[] | undefined,
  preset: LayerWeights,
  option: string,
): LayerWeights {
  if (given === undefined) return preset;
  const share = Object.values(preset).reduce((sum, weight) => sum + weight, 0) / given.length;
  const seen = new Set<string>();
  return Object.fromEntries(
    given.map((text) => {
      const [name, number, ...more] = text.split(':') as [string, ...(string | undefined)[]];
      // An empty text would be the number 0.
      const isNumber = number?.trim() !== '' && more.length === 0;
      const value = number === undefined ? share : isNumber ? Number(number) : NaN;
      if (!Number.isFinite(value) || value < 0 || value > largestWeight) {
        throw argumentError(
          option,
          `${JSON.stringify(text)} has no weight that can be used.`,
          'Write a layer as relu4_2 or relu4_2:0.5.',
        );
      }
      if (seen.has(name)) {
        throw argumentError(
          option,
          `The layer ${name} is named twice in ${option}.`,
          'Name each layer once, with the weight that it is to have.',
        );
      }
      seen.add(name);
      return [name, value];
    }),
  );
}
