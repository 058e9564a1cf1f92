import { z } from 'zod';
import { argumentError } from '../../errors.js';
import type { PaddingMode } from '../../graph/index.js';
import type { Size } from '../../images/image.js';
import { histogramLayers } from '../../losses/histogram.js';
import type { LayerStyleSettings } from '../../losses/layer-style.js';
import {
  autoTune,
  iterations,
  layerList,
  longSides,
  largestSide,
  parseOptions,
  pooling,
  projection,
  side,
  weight,
} from '../options.js';
import {
  equalLayerWeights,
  fiveLayers,
  parseLayerWeights,
  type LayerWeights,
} from '../optimization/layer-weights.js';
import { noiseOptions } from '../optimization/noise-picture.js';
import type { OptimizerSettings } from '../optimization/optimizer-settings.js';

/** What can be set of a texture. */
export const textureOptionsSchema = z.strictObject({
  size: z
    .string()
    .regex(/^[1-9]\d{0,4}x[1-9]\d{0,4}$/, 'width and height in pixels with an x between, such as 512x512')
    .refine(
      (text) => text.split('x').every((length) => Number(length) <= largestSide),
      `sides of at most ${largestSide} pixels`,
    )
    .describe("width and height in pixels, such as 512x512; without it the sample's")
    .meta({ placeholder: 'WxH' })
    .optional(),
  tileable: z.boolean().describe('make a texture that repeats without a seam').default(false),
  sampleSize: side
    .describe(
      'long side that the sample is brought to: smaller makes finer forms; never enlarged (default: at most 512)',
    )
    .optional(),
  scales: longSides.optional(),
  iterations: iterations.optional(),
  styleLayers: layerList
    .describe('layers whose Gram matrices are matched, such as relu1_1,relu3_1, or with weights')
    .optional(),
  histogramWeight: weight
    .describe("how much the distributions of the features' values count, which Gram matrices don't see")
    .default(0),
  histogramLayers: layerList.describe('layers whose distributions are matched').default([...histogramLayers]),
  autoTune,
  tvWeight: weight.describe('how much smoothness counts (total variation)').default(0.01),
  pooling: pooling.default('max'),
  projection: projection.default(true),
  ...noiseOptions,
});

/** Options as a caller gives them. */
export type TextureOptions = z.input<typeof textureOptionsSchema>;

/**
 * A texture that repeats has no border, so its sample has none that shows either. One that doesn't has its frame of zeros
 * as the sample does, which would be painted: in a margin that is cut off.
 */
const borders = {
  repeating: { padding: { texture: 'circular', sample: 'reflect' }, margin: 0 },
  framed: { padding: { texture: 'zero', sample: 'zero' }, margin: 16 },
} as const;

type CheckedOptions = z.output<typeof textureOptionsSchema>;

/** Options with the defaults applied: nothing is left to decide but what depends on the sample. */
export interface TextureSettings
  extends LayerStyleSettings, Readonly<Omit<CheckedOptions, 'size' | 'styleLayers' | 'histogramLayers'>> {
  readonly size: Size | undefined;
  readonly styleLayers: LayerWeights;
  /** Layers of the histogram loss with their shares of its weight. */
  readonly histogramLayers: LayerWeights;
  /** What convolutions see outside the border of the texture and of the sample. */
  readonly padding: { readonly texture: PaddingMode; readonly sample: PaddingMode };
  /** Pixels around the texture while it is optimised. */
  readonly margin: number;
  readonly optimizer: OptimizerSettings;
}

/**
 * Checks the options of a texture.
 * @throws StyleError `E_ARGUMENT` that names the first option which can't be used, and what it takes
 */
export function resolveTextureSettings(options: TextureOptions): TextureSettings {
  const { size, ...checked } = parseOptions(textureOptionsSchema, options);
  const styleLayers = parseLayerWeights(checked.styleLayers, fiveLayers(1 / 5), 'styleLayers');
  if (Object.values(styleLayers).every((share) => share === 0)) {
    throw argumentError(
      'styleLayers',
      'All layers have weight 0, so there is nothing to make a texture from.',
      'Give at least one layer a weight above 0.',
    );
  }
  const [width, height] = (size ?? '').split('x').map(Number);
  return {
    ...checked,
    ...borders[checked.tileable ? 'repeating' : 'framed'],
    size: size === undefined ? undefined : { width: width!, height: height! },
    styleLayers,
    ...equalLayerWeights(checked, 'histogramLayers'),
    gram: 'hw',
    styleReduction: 'relative',
    optimizer: { name: 'bounded', history: 8 },
  };
}
