import { z } from 'zod';
import { argumentError } from '../../errors.js';
import { resolveTrainingOptions, seedOption } from '../training-options.js';
import type { ConditionalNetworkOptions } from '../../networks/conditional-network.js';

/** Of a term of the loss. */
export const weight = z.number().min(0).max(1e6);
const decay = z.number().min(0).lt(1);
const rate = z.number().positive();

/** The layers that a style is measured at, with equal weights: the knobs of an adjustable network after that of the content. */
export const styleLayers = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1'] as const;
export const contentLayers = ['relu4_1', 'relu4_2'] as const;
/** The names of an adjustable network's knobs, in their order. */
export const knobNames: readonly string[] = ['content', ...styleLayers];

/**
 * How a network for some paintings is trained: what can be set, what it does, and the defaults. The loss is that of
 * `stylize`'s default.
 */
export const styleOptionsSchema = z.strictObject({
  form: z
    .enum(['light', 'johnson'])
    .describe('of the network: ours, or the one of Johnson et al. 2016, five times the work')
    .default('light'),
  width: z
    .int()
    .min(4)
    .max(128)
    .describe('channels; the residual blocks have four times as many')
    .default(16),
  blocks: z.int().min(1).max(16).describe('residual blocks').default(5),
  adjustable: z
    .boolean()
    .describe('take the weights of the content and of each style layer as inputs')
    .default(false),
  only: z
    .enum(['all', 'styles', 'conditions'])
    .describe(
      "what is trained of a network that it goes on from: everything, the styles' own rows, or these and what the weights lead to",
    )
    .default('all'),
  size: z.int().min(64).max(1024).multipleOf(16).describe('side of the crops in pixels').default(256),
  styleSize: z
    .int()
    .min(64)
    .max(4096)
    .describe("the paintings' longer side, whose strokes are learnt")
    .default(512),
  batch: z.int().min(1).max(256).describe('crops in a step').default(4),
  steps: z.int().min(1).describe('steps in all').default(4000),
  contentWeight: z
    .union([weight, z.array(weight).min(1)])
    .describe('weight of the content loss: one for all paintings, or one for each')
    .default(0.25),
  styleWeight: weight.describe('weight of the style loss').default(1),
  tvWeight: weight.describe('weight of the total variation').default(0.02),
  grainWeight: weight.describe('weight of the grain, measured against that of the painting').default(0.045),
  blotchWeight: weight
    .describe(
      'weight of wide variations of colour where the photograph is plain, measured against those of the painting',
    )
    .default(0.1),
  spikeWeight: weight
    .describe('weight of spikes in normalised maps, which become blotches of colour at the brightest places')
    .default(0.02),
  rate: rate.describe('learning rate at the beginning; it falls along half a cosine').default(0.0015),
  clipNorm: rate.describe('longest gradient; longer ones are shortened to it').default(2),
  averageDecay: decay.describe('decay of the moving average of weights').default(0.99),
  seed: seedOption.describe('seed of the first weights, the order, the crops and the conditions').default(0),
});

/** What can be set; see {@link styleOptionsSchema}. */
export type StyleOptions = z.input<typeof styleOptionsSchema>;
/** All settings, defaults filled in. */
export type StyleSettings = z.output<typeof styleOptionsSchema>;

/**
 * Fills in what was left out.
 * @throws StyleError `E_ARGUMENT` for values out of range
 * @example
 * ```ts
 * import { resolveStyleSettings } from 'pastiche/training';
 *
 * console.log(resolveStyleSettings({ steps: 500 }).batch); // what it is unless given
 * ```
 */
export const resolveStyleSettings = (options: StyleOptions): StyleSettings =>
  resolveTrainingOptions(styleOptionsSchema, options, 'A network for paintings');

/**
 * The weight of the content for each painting: wild ones need more of it than calm ones to leave as much of a photograph.
 * @throws StyleError `E_ARGUMENT` where there are not as many weights as paintings
 */
export function contentWeights({ contentWeight }: StyleSettings, paintings: number): number[] {
  if (typeof contentWeight === 'number') return new Array<number>(paintings).fill(contentWeight);
  if (contentWeight.length === paintings) return contentWeight;
  throw argumentError(
    'contentWeight',
    `There are ${contentWeight.length} weights of the content for ${paintings} paintings.`,
    'Give one weight for all, or one for each painting in their order.',
  );
}

/** The design of the network that settings ask for. */
export const networkOptions = (
  { form, width, blocks, adjustable }: StyleSettings,
  styles: number,
): ConditionalNetworkOptions => ({
  form,
  base: width,
  blocks,
  styles,
  knobs: adjustable ? knobNames.length : 0,
});
