import { z } from 'zod';
import { argumentError } from '../../errors.js';
import { histogramLayers } from '../../losses/histogram.js';
import { checkWeights, layerList, parseOptions, patch, pooling, seenSide, weight } from '../options.js';
import { equalLayerWeights, type LayerWeights } from '../optimization/layer-weights.js';
import type { OptimizerSettings } from '../optimization/optimizer-settings.js';
import { resolvePatch } from '../../patch-match/feature-maps.js';

const steps = z.int().min(1);

/** What can be set of a harmonisation. */
export const harmonizeOptionsSchema = z.strictObject({
  size: seenSide.describe('long side to optimise at; the painting is never enlarged for it').default(512),
  iterations: z
    .union([steps, z.array(steps).min(1)])
    .describe('optimiser steps: of both passes together, or one number per pass')
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
  contentLayers: layerList.describe('layers that keep the object').default(['relu4_1', 'relu4_2']),
  coarseLayers: layerList
    .describe('style layers of the first pass, each matched on its own')
    .default(['relu3_1', 'relu4_1', 'relu5_1']),
  fineLayers: layerList
    .describe('style layers of the second pass, which follow the matches of the reference layer')
    .default(['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1']),
  referenceLayer: z
    .string()
    .min(1)
    .describe('the layer whose matches the second pass takes for all')
    .default('relu4_1'),
  histogramLayers: layerList
    .describe('layers whose distributions are matched in the second pass')
    .default([...histogramLayers]),
  patch,
  pooling: pooling.default('max'),
});

/** Options as a caller gives them. */
export type HarmonizeOptions = z.input<typeof harmonizeOptionsSchema>;

type CheckedOptions = z.output<typeof harmonizeOptionsSchema>;
const layerOptions = ['contentLayers', 'coarseLayers', 'fineLayers', 'histogramLayers'] as const;
type LayerOption = (typeof layerOptions)[number];

/** Options with the defaults applied; of `iterations` see {@link passIterations}. */
export type HarmonizeSettings = Readonly<Omit<CheckedOptions, LayerOption>> &
  Readonly<Record<LayerOption, LayerWeights>> & { readonly optimizer: OptimizerSettings };

/**
 * Checks the options of a harmonisation.
 * @throws StyleError `E_ARGUMENT` that names the first option which can't be used, and what it takes
 */
export function resolveHarmonizeSettings(options: HarmonizeOptions = {}): HarmonizeSettings {
  const checked = parseOptions(harmonizeOptionsSchema, options);
  const { styleWeight, contentWeight, histogramWeight, tvWeight } = checked;
  resolvePatch(checked);
  passIterations(checked.iterations);
  checkWeights({ styleWeight, contentWeight, histogramWeight, tvWeight });
  const layers = equalLayerWeights(checked, ...layerOptions);
  return { ...checked, ...layers, optimizer: { name: 'bounded', history: 8 } };
}

/**
 * The steps of the first and of the second pass.
 * @throws StyleError `E_ARGUMENT` for too few steps, and for other than two numbers of them
 */
export function passIterations(given: number | readonly number[]): readonly [coarse: number, fine: number] {
  if (typeof given === 'number') {
    if (given >= 2) return [Math.ceil(given / 2), Math.floor(given / 2)];
  } else if (given.length === 2) return [given[0]!, given[1]!];
  throw argumentError(
    'iterations',
    typeof given === 'number'
      ? `${given} iteration is too few for two passes.`
      : `There are ${given.length} numbers of iterations for two passes (${given.join(', ')}).`,
    'Give one number from 2 on for both passes together, or two numbers such as 80,80.',
  );
}
