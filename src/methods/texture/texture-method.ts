import { createImage, type Image } from '../../images/image.js';
import { greyPicture, isGrey } from '../../images/luminance.js';
import { addMirroredMargin } from '../../images/margin.js';
import { fitLongSide, resizeImage } from '../../images/resize.js';
import { resizeTile } from '../../images/tile.js';
import { methodDescriptions } from '../descriptions.js';
import { layersText, scalesFact, termFact } from '../facts.js';
import type { MethodContext } from '../method.js';
import { compileLoss, lossUses, measuredUse } from '../optimization/compiled-loss.js';
import { activeTerms } from '../optimization/loss-terms.js';
import { noisePicture } from '../optimization/noise-picture.js';
import { pictureValues } from '../optimization/picture-values.js';
import { walkMethod, type WalkStages } from '../optimization/walk-method.js';
import { canvasSize, type ScalePlan } from '../plan.js';
import { matchedLayers } from '../stylize/region-values.js';
import { readStatistics } from '../stylize/style-statistics.js';
import { greyTolerance, inGreys } from './greys.js';
import {
  resolveTextureSettings,
  textureOptionsSchema,
  type TextureOptions,
  type TextureSettings,
} from './options.js';
import { planTexture, type TextureScale } from './plan.js';
import { activeHistogramLayers, textureLoss, textureTargets } from './texture-loss.js';

/** What a texture is made from. */
export interface TexturePictures {
  /** The picture that the texture is to look like everywhere; its transparency is ignored. */
  readonly sample: Image;
}

/**
 * A texture of any size that looks like a sample everywhere: from noise, coarse to fine, until its Gram matrices are the
 * sample's (Gatys, Ecker and Bethge 2015, "Texture Synthesis Using Convolutional Neural Networks"; there at one size). A
 * sample without colours gives a texture without them. With `histogramWeight` the distributions of its features are the
 * sample's as well (Risser, Wilmot and Barnes 2017).
 */
export const texture = walkMethod<TextureOptions, TextureSettings, TexturePictures, TextureScale>({
  name: 'texture',
  description: methodDescriptions.texture,
  roles: [{ name: 'sample', description: 'the picture to take the texture from', argument: true }],
  options: textureOptionsSchema,
  examples: [
    { pictures: { sample: 'painting.jpg' }, output: 'out.png', options: { size: '512x512' } },
    {
      pictures: { sample: 'painting.jpg' },
      output: 'tile.png',
      options: { size: '256x256', tileable: true },
    },
    {
      pictures: { sample: 'painting.jpg' },
      output: 'out.png',
      options: { size: '1024x512', histogramWeight: 0.1, report: 'out.html' },
    },
  ],
  resolve: resolveTextureSettings,
  scales: ({ settings, pictures }) => planTexture(pictures.sample, settings),
  graphs(scale, weights, { settings }) {
    const size = canvasSize(scale);
    return [
      ...lossUses(textureLoss(weights, settings, size), 'sample', scale.iterations),
      measuredUse('sample', scale.sample, (x) => textureTargets(x, weights, settings)),
    ];
  },
  begin: textureStages,
  longestSide: ({ sampleSize }) => sampleSize ?? 512,
  resized(settings, longSide, { sample }, steps) {
    const { width, height } = planTexture(sample, settings);
    const size = fitLongSide(width, height, longSide);
    const scales = steps === undefined ? undefined : [longSide];
    return { ...settings, size, scales, iterations: steps };
  },
  sizeOption(longSide, { settings, pictures }) {
    const plan = planTexture(pictures.sample, settings);
    const { width, height } = fitLongSide(plan.width, plan.height, longSide);
    return ['size', `${width}x${height}`];
  },
  terms: ({ histogramWeight, tvWeight }) =>
    activeTerms({ style: 1, histogram: histogramWeight, totalVariation: tvWeight }),
  describe(settings, names, plan) {
    const { tileable, styleLayers, histogramWeight, histogramLayers, tvWeight, seed } = settings;
    const { sample } = plan.scales.at(-1) as TextureScale;
    return {
      title: `texture of ${names['sample']!.join(', ')}${tileable ? ', tileable' : ''}`,
      facts: [
        ['Size', `${plan.width}x${plan.height}, from a sample at ${sample.width}x${sample.height}`],
        ['Repeats', tileable ? 'without a seam' : 'no'],
        scalesFact(plan.scales),
        ['Style layers', layersText(styleLayers)],
        termFact('Histogram', histogramWeight, histogramLayers),
        termFact('Total variation', tvWeight),
        ['Seed', String(seed)],
      ],
    };
  },
});

function textureStages(
  { settings, weights, programs }: MethodContext<TextureSettings>,
  { sample }: TexturePictures,
  plan: ScalePlan<TextureScale>,
): WalkStages<TextureScale> {
  const opaque = createImage(sample.width, sample.height, sample.rgb);
  const grey = isGrey(sample, greyTolerance);
  const histograms = activeHistogramLayers(settings);
  const resize = settings.tileable ? resizeTile : resizeImage;
  return {
    async prepare(scale, earlier, onStage) {
      const { width, height } = scale.sample;
      const targets = await pictureValues(
        programs,
        `sample ${width}x${height}`,
        (x) => textureTargets(x, weights, settings),
        resizeImage(opaque, width, height),
      );
      const style = readStatistics(targets, weights, histograms);
      onStage('compile');
      const first = startOf(scale, earlier.at(-1), settings);
      const start = grey ? greyPicture(first) : first;
      const size = canvasSize(scale);
      const compiled = await compileLoss(
        programs,
        `${size.width}x${size.height}`,
        textureLoss(weights, settings, size),
        {
          targets: style.grams,
          matched: matchedLayers(histograms, style.distributions, weights, undefined),
          start,
        },
      );
      return { ...compiled, objective: grey ? inGreys(compiled.objective) : compiled.objective, start };
    },
    finish: (images) => resize(images.at(-1)!, plan.width, plan.height),
  };
}

/** Noise at the coarsest scale, then what the scale before gave, enlarged. */
function startOf(scale: TextureScale, coarser: Image | undefined, settings: TextureSettings): Image {
  const { width, height, margin } = scale;
  if (coarser === undefined) {
    const canvas = canvasSize(scale);
    return noisePicture(canvas.width, canvas.height, settings.noise, settings.seed);
  }
  return settings.tileable
    ? resizeTile(coarser, width, height)
    : addMirroredMargin(resizeImage(coarser, width, height), margin);
}
