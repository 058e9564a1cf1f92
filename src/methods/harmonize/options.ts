import { z } from 'zod';
import type { LossTerm } from '../../progress.js';
import { StyleError } from '../../errors.js';
import { histogramLayers } from '../../losses/histogram.js';
import type { Pooling } from '../../networks/vgg.js';
import { parseLayerWeights, type LayerWeights } from '../layer-weights.js';
import { optionError } from '../option-error.js';
import type { OptimizerSettings } from '../optimizer-settings.js';
import { resolvePatch } from '../patch-match/feature-maps.js';

const weight = z.number().nonnegative();
const layers = z.array(z.string().min(1)).min(1);
const steps = z.int().min(1);

/** What a user can set of a harmonisation. The command line's help and the docs derive from this one list. */
export const harmonizeOptionsSchema = z.strictObject({
  size: z
    .int()
    .min(16)
    .max(32768)
    .describe('long side to work at; the painting is never enlarged for it')
    .default(512),
  iterations: z
    .union([steps, z.array(steps).min(1)])
    .describe('optimiser steps: of both passes together, or one number a pass')
    .default([80, 60]),
  feather: z
    .number()
    .min(0)
    .max(1000)
    .describe("pixels over which the object fades into the painting, inside of the mask's white")
    .default(3),
  smoothColors: z
    .int()
    .min(0)
    .max(100)
    .describe("pixels over which the object's colours are smoothed at the end, where its brightness is even")
    .default(4),
  contentWeight: weight.describe("how much the object's own features count").default(0.05),
  styleWeight: weight.describe("how much the painting's matched features count").default(1),
  histogramWeight: weight
    .describe("how much the distributions of the features' values count, in the second pass")
    .default(0.1),
  tvWeight: weight.describe('how much smoothness counts (total variation)').default(0.1),
  contentLayers: layers.describe('layers that keep the object').default(['relu4_1', 'relu4_2']),
  coarseLayers: layers
    .describe('style layers of the first pass, each matched on its own')
    .default(['relu3_1', 'relu4_1', 'relu5_1']),
  fineLayers: layers
    .describe('style layers of the second pass, which follow the matches of the reference layer')
    .default(['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1']),
  referenceLayer: z
    .string()
    .min(1)
    .describe('the layer whose matches the second pass takes for all')
    .default('relu4_1'),
  histogramLayers: layers
    .describe('layers whose distributions are matched in the second pass')
    .default([...histogramLayers]),
  patch: z.int().min(1).max(99).describe('side of a patch in positions of a layer, odd').default(3),
  pooling: z.enum(['max', 'average']).describe("the network's pooling").default('max'),
});

/** Options as a caller gives them. */
export type HarmonizeOptions = z.input<typeof harmonizeOptionsSchema>;

/** Options with the defaults applied. */
export interface HarmonizeSettings {
  readonly size: number;
  /** Steps of the first and of the second pass. */
  readonly iterations: readonly [coarse: number, fine: number];
  readonly feather: number;
  readonly smoothColors: number;
  readonly contentWeight: number;
  readonly styleWeight: number;
  readonly histogramWeight: number;
  readonly totalVariationWeight: number;
  readonly contentLayers: LayerWeights;
  readonly coarseLayers: LayerWeights;
  readonly fineLayers: LayerWeights;
  readonly referenceLayer: string;
  readonly histogramLayers: LayerWeights;
  readonly patch: number;
  readonly pooling: Pooling;
  readonly optimizer: OptimizerSettings;
}

/**
 * Checks the options of a harmonisation.
 * @throws StyleError `E_ARGUMENT` that names the first option which can't be used, and what it takes
 */
export function resolveHarmonizeSettings(options: HarmonizeOptions = {}): HarmonizeSettings {
  const parsed = harmonizeOptionsSchema.safeParse(options);
  if (!parsed.success) throw optionError(parsed.error.issues[0]!, options);
  const { contentLayers, coarseLayers, fineLayers, histogramLayers: own, tvWeight, ...rest } = parsed.data;
  resolvePatch(rest);
  if (rest.styleWeight + rest.contentWeight + rest.histogramWeight + tvWeight === 0) {
    throw new StyleError(
      'E_ARGUMENT',
      'All weights are 0, so there is nothing to optimise.',
      'Give style or content a weight above 0.',
    );
  }
  const equal = (names: readonly string[]): LayerWeights => parseLayerWeights(names, { all: 1 });
  return {
    ...rest,
    iterations: passIterations(rest.iterations),
    contentLayers: equal(contentLayers),
    coarseLayers: equal(coarseLayers),
    fineLayers: equal(fineLayers),
    histogramLayers: equal(own),
    totalVariationWeight: tvWeight,
    optimizer: { name: 'bounded', history: 8 },
  };
}

/** The terms that are told of a harmonisation: those that count. */
export function harmonizeTerms({
  contentWeight,
  styleWeight,
  histogramWeight,
  totalVariationWeight,
}: HarmonizeSettings): LossTerm[] {
  const weights = {
    ...{ content: contentWeight, style: styleWeight },
    ...{ histogram: histogramWeight, totalVariation: totalVariationWeight },
  };
  return (Object.keys(weights) as (keyof typeof weights)[]).filter((term) => weights[term] !== 0);
}

function passIterations(given: number | readonly number[]): readonly [number, number] {
  if (typeof given === 'number') {
    if (given >= 2) return [Math.ceil(given / 2), Math.floor(given / 2)];
  } else if (given.length === 2) return [given[0]!, given[1]!];
  throw new StyleError(
    'E_ARGUMENT',
    typeof given === 'number'
      ? `${given} iteration is too few for two passes.`
      : `There are ${given.length} numbers of iterations for two passes (${given.join(', ')}).`,
    'Give one number from 2 on for both passes together, or two numbers such as 80,80.',
  );
}
