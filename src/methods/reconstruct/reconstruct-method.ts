import { createImage, type Image, type Size } from '../../images/image.js';
import { resizeImage, withinLongSide } from '../../images/resize.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { methodDescriptions } from '../descriptions.js';
import { scalesFact, termFact } from '../facts.js';
import type { MethodContext } from '../method.js';
import { compileLoss, lossUses, type PictureLoss } from '../optimization/compiled-loss.js';
import { activeTerms } from '../optimization/loss-terms.js';
import { noisePicture } from '../optimization/noise-picture.js';
import { pictureValues } from '../optimization/picture-values.js';
import { walkMethod, type WalkStages } from '../optimization/walk-method.js';
import type { PlannedScale, ScalePlan } from '../plan.js';
import { reconstructionFigure, reconstructionLevels } from './levels.js';
import {
  reconstructOptionsSchema,
  resolveReconstructSettings,
  type KnownLayer,
  type ReconstructOptions,
  type ReconstructSettings,
} from './options.js';
import { reconstructTargets, reconstructTerms } from './reconstruct-loss.js';

/** What a reconstruction is made from. */
export interface ReconstructPictures {
  /** Its transparency is ignored. */
  readonly picture: Image;
}

/** One reconstruction: they all have one size, and those of a sheet follow each other. */
export interface ReconstructScale extends PlannedScale, KnownLayer {}

/**
 * What a layer knows of a picture, made visible: from noise, a picture with the same features at the layer (Mahendran and
 * Vedaldi 2015, "Understanding deep image representations by inverting them", equation 2, with relative distances and
 * their total variation at exponent 1; Gatys, Ecker and Bethge 2016, equation 1), or with the same Gram matrices at the
 * style layers up to it (Gatys et al. 2016, equations 3 to 5, each layer counting the same). With `allLayers` it is the
 * figure 1 of Gatys et al. 2016: content and style of all five levels in one sheet.
 */
export const reconstruct = walkMethod<
  ReconstructOptions,
  ReconstructSettings,
  ReconstructPictures,
  ReconstructScale
>({
  name: 'reconstruct',
  description: methodDescriptions.reconstruct,
  roles: [{ name: 'picture', description: 'the picture to reconstruct', argument: true }],
  options: reconstructOptionsSchema,
  examples: [
    { pictures: { picture: 'photo.jpg' }, output: 'out.png', options: { layer: 'relu4_2' } },
    {
      pictures: { picture: 'painting.jpg' },
      output: 'out.png',
      options: { layer: 'relu3_1', from: 'style' },
    },
    { pictures: { picture: 'painting.jpg' }, output: 'sheet.png', options: { allLayers: true } },
  ],
  resolve: resolveReconstructSettings,
  scales: ({ settings, pictures }, weights) => planReconstruction(pictures.picture, settings, weights),
  graphs: (scale, weights, { settings }) =>
    lossUses(lossAt(scale, weights, settings), 'picture', scale.iterations),
  begin: reconstructStages,
  longestSide: ({ size }) => size,
  resized: (settings, size, _pictures, steps) => ({
    ...settings,
    size,
    iterations: steps ?? settings.iterations,
  }),
  terms: ({ from, allLayers, tvWeight }) =>
    activeTerms({ ...(allLayers ? { content: 1, style: 1 } : { [from]: 1 }), totalVariation: tvWeight }),
  describe({ from, layer, allLayers, tvWeight, seed }, names, plan) {
    const known = from === 'content' ? `features at ${layer}` : `Gram matrices up to ${layer}`;
    return {
      title: `${names['picture']!.join(', ')} from ${allLayers ? 'all layers' : `${from} at ${layer}`}`,
      facts: [
        scalesFact(plan.scales),
        ['Known', allLayers ? 'features, and Gram matrices, of all levels' : known],
        termFact('Total variation', tvWeight),
        ['Seed', String(seed)],
      ],
    };
  },
});

/** The picture's size, brought down to the long side of the settings; once for each reconstruction. */
function planReconstruction(
  { width, height }: Size,
  settings: ReconstructSettings,
  weights: VggWeights,
): ScalePlan<ReconstructScale> {
  const { size, iterations, allLayers, from, layer } = settings;
  const fitted = withinLongSide({ width, height }, size);
  const scale = { ...fitted, iterations, margin: 0 };
  const known: KnownLayer[] = allLayers
    ? reconstructionLevels(weights).flatMap(({ content, style }) => [
        { from: 'content', layer: content } as const,
        { from: 'style', layer: style } as const,
      ])
    : [{ from, layer }];
  const label = ({ from: kind, layer: name }: KnownLayer): object =>
    allLayers ? { label: `${kind} ${name}` } : {};
  return { scales: known.map((one) => ({ ...scale, ...one, ...label(one) })), ...fitted };
}

const knownOf = ({ from, layer }: KnownLayer): KnownLayer => ({ from, layer });

const lossAt = (
  scale: ReconstructScale,
  weights: VggWeights,
  settings: ReconstructSettings,
): PictureLoss => ({
  size: scale,
  terms: (x) => reconstructTerms(x, weights, { ...settings, ...knownOf(scale) }),
});

function reconstructStages(
  { settings, weights, programs }: MethodContext<ReconstructSettings>,
  { picture }: ReconstructPictures,
  { scales, width, height }: ScalePlan<ReconstructScale>,
): WalkStages<ReconstructScale> {
  const opaque = resizeImage(createImage(picture.width, picture.height, picture.rgb), width, height);
  return {
    async prepare(scale, _earlier, onStage) {
      const key = `${width}x${height} ${scale.from} ${scale.layer}`;
      const known = { ...settings, ...knownOf(scale) };
      const targets = await pictureValues(
        programs,
        `targets ${key}`,
        (x) => reconstructTargets(x, weights, known),
        opaque,
        scale,
      );
      onStage('compile');
      const start = noisePicture(width, height, settings.noise, settings.seed);
      const loss = lossAt(scale, weights, settings);
      return { ...(await compileLoss(programs, key, loss, { targets, start })), start };
    },
    finish(images) {
      if (!settings.allLayers) return images.at(-1)!;
      const parts = images.map((image, index) => ({ ...knownOf(scales[index]!), image }));
      return reconstructionFigure(opaque, reconstructionLevels(weights), parts);
    },
  };
}
