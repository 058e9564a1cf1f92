import { StyleError } from '../../errors.js';
import { smoothColors } from '../../images/guided-filter.js';
import { createImage, type Image, type Size } from '../../images/image.js';
import { cutOut } from '../../images/margin.js';
import { checkMaskForm, paintedParts, paintOver } from '../../images/output-mask.js';
import { resizeImage, withinLongSide } from '../../images/resize.js';
import { findLayer, vggFeatures } from '../../networks/vgg.js';
import { methodDescriptions } from '../descriptions.js';
import { factNumber, termFact } from '../facts.js';
import type { Fact, MethodTask } from '../method.js';
import { compileLoss, lossUses, measuredUse } from '../optimization/compiled-loss.js';
import { activeTerms, type LossTerms } from '../optimization/loss-terms.js';
import type { PictureObjective } from '../optimization/picture-objective.js';
import { walkMethod, type WalkStages } from '../optimization/walk-method.js';
import type { PlannedScale, ScalePlan } from '../plan.js';
import { harmonizeLoss, type HarmonizePass } from './harmonize-loss.js';
import { ObjectRegion } from './object-region.js';
import { ObjectWindow } from './object-window.js';
import {
  harmonizeOptionsSchema,
  passIterations,
  resolveHarmonizeSettings,
  type HarmonizeOptions,
  type HarmonizeSettings,
} from './options.js';
import { matchedMaps, passTargets } from './pass-targets.js';

/** What a harmonisation is made from. */
export interface HarmonizePictures {
  readonly painting: Image;
  /** The painting with the object pasted in, of the same size. What it holds outside of the mask is not used. */
  readonly composite: Image;
  /** White where the object is; another size is resized, other proportions are refused. */
  readonly mask: Image;
}

/** Both passes have one size. */
export interface HarmonizeScale extends PlannedScale {
  readonly pass: HarmonizePass;
}

/** Edges of the brightness much below this variance are none of the colours: grain, and the rim of the object. */
const colorEdge = 0.1;

/**
 * Makes an object that was pasted into a painting a part of it (Luan, Paris, Shechtman and Bala 2018, "Deep Painterly
 * Harmonization"). Two passes:
 *
 * 1. Each style layer's patches of the object are matched with the painting's, each layer by itself; the matched features'
 *    Gram matrices are the style, which survives many wrong matches.
 * 2. From the result of the first, matches of one reference layer are made to agree with their neighbours and handed to all
 *    layers, so that what is taken from the painting is of a piece; each place of the painting counts once; distributions of
 *    features are matched as well.
 *
 * After the paper as we remember it. Ours are: losses relative to their targets, and fixed weights where the paper estimates
 * them from the painting; exact rank matching instead of histograms of bins; both passes at one size; the object's
 * features as content in both passes; only the object's neighbourhood is optimised, while matches and statistics are the
 * whole painting's; the edge fades in. Colours are smoothed by a guided filter at the end, as in the paper; we leave out its
 * second step there, which replaces patches by the painting's.
 *
 * Where the mask is black, the picture is the painting to the last bit. Losses are those over the object, of the last pass;
 * the curve's `scale` is the pass, 0 or 1, and each pass has its own targets.
 */
export const harmonize = walkMethod<HarmonizeOptions, HarmonizeSettings, HarmonizePictures, HarmonizeScale>({
  name: 'harmonize',
  description: methodDescriptions.harmonize,
  roles: [
    { name: 'painting', description: 'the painting', argument: true },
    {
      name: 'composite',
      description: 'the painting with the object pasted in, of the same size',
      argument: true,
    },
    {
      name: 'mask',
      description: 'a picture that is white where the object is and black elsewhere',
      drawnOver: { role: 'composite', colors: 'area' },
    },
  ],
  batch: false,
  options: harmonizeOptionsSchema,
  examples: [
    {
      pictures: { painting: 'painting.jpg', composite: 'composite.png', mask: 'mask.png' },
      output: 'out.png',
    },
    {
      pictures: { painting: 'painting.jpg', composite: 'composite.png', mask: 'mask.png' },
      output: 'out.png',
      options: { contentWeight: 0.3, report: 'out.html' },
    },
  ],
  resolve: resolveHarmonizeSettings,
  scales: ({ settings, pictures }) => planHarmonization(pictures.painting, settings),
  // For an object as large as the painting; a smaller one takes less.
  graphs(scale, weights, { settings }) {
    const { styled, looked } = matchedMaps(settings, scale.pass);
    const layers = [...new Set([...styled, ...looked])];
    const maps: LossTerms = (x) => vggFeatures(x, weights, layers, { pooling: settings.pooling });
    return [
      ...lossUses(harmonizeLoss(weights, settings, scale.pass, scale), 'painting', scale.iterations),
      ...(layers.length === 0 ? [] : [measuredUse('painting', scale, maps)]),
    ];
  },
  begin: harmonizeStages,
  resized: (settings, size, _pictures, steps) => ({
    ...settings,
    size,
    iterations: steps === undefined ? settings.iterations : [steps, steps],
  }),
  weightOptions: {
    content: 'contentWeight',
    style: 'styleWeight',
    histogram: 'histogramWeight',
    totalVariation: 'tvWeight',
  },
  terms: ({ contentWeight, styleWeight, histogramWeight, tvWeight }) =>
    activeTerms({
      content: contentWeight,
      style: styleWeight,
      histogram: histogramWeight,
      totalVariation: tvWeight,
    }),
  describe(settings, names, plan) {
    const { styleWeight, referenceLayer } = settings;
    return {
      title: `${names['composite']!.join(', ')} harmonised with ${names['painting']!.join(', ')}`,
      before: 'composite',
      facts: [
        ['Mask', `its edge faded over ${factNumber(settings.feather)} pixels`],
        ['Colours', `smoothed over ${settings.smoothColors} pixels`],
        passesFact(plan.scales),
        termFact('Content', settings.contentWeight, settings.contentLayers),
        termFact('Style of the first pass', styleWeight, settings.coarseLayers),
        termFact('Style of the second pass', styleWeight, settings.fineLayers),
        ['Matches of the second pass', `those of ${referenceLayer}`],
        termFact('Histogram', settings.histogramWeight, settings.histogramLayers),
        termFact('Total variation', settings.tvWeight),
      ],
    };
  },
});

/** The size that both passes are optimised at, and their steps, in one row. */
function passesFact(scales: readonly PlannedScale[]): Fact {
  const [first, second] = scales as readonly [PlannedScale, PlannedScale];
  const steps = `${first.iterations} iterations in the first pass, ${second.iterations} in the second`;
  return ['Passes', `${first.width}x${first.height}, ${steps}`];
}

/** The size that both passes are optimised at, and the steps of each. */
function planHarmonization(
  painting: Size,
  { size, iterations }: HarmonizeSettings,
): ScalePlan<HarmonizeScale> {
  const [coarse, fine] = passIterations(iterations);
  const canvas = { ...withinLongSide(painting, size), margin: 0 };
  const scales = [
    { ...canvas, pass: 'coarse', iterations: coarse },
    { ...canvas, pass: 'fine', iterations: fine },
  ] as const;
  return { scales, width: painting.width, height: painting.height };
}

/**
 * @throws StyleError `E_ARGUMENT` for a mask without white, `E_LAYER` for a layer that the network doesn't have,
 * `E_IMAGE_SIZE` when pictures don't fit together
 */
function harmonizeStages(
  task: MethodTask<HarmonizeSettings, HarmonizePictures>,
  pictures: HarmonizePictures,
  plan: ScalePlan<HarmonizeScale>,
): WalkStages<HarmonizeScale> {
  const { settings, weights, programs, factors } = task;
  const { mask } = pictures;
  checkComposite(pictures);
  checkMaskForm('The mask', mask, pictures.painting);
  // The second pass would complain late.
  for (const layer of [settings.referenceLayer, ...Object.keys(settings.fineLayers)]) {
    findLayer(weights, layer);
  }
  const { width, height } = plan.scales[0]!;
  const shrink = ({ width: w, height: h, rgb }: Image): Image =>
    resizeImage(createImage(w, h, rgb), width, height);
  const region = new ObjectRegion(mask, width, height);
  const painting = shrink(pictures.painting);
  const pasted = shrink(pictures.composite);
  // The edge fades at the very end: where little of a pixel is seen, the optimiser would exaggerate its colour.
  const blend = (picture: Image): Image => paintOver(painting, picture, region.parts);
  const composite = blend(pasted);
  const window = ObjectWindow.around(region.parts, region);
  const surroundings = cutOut(painting, window);
  const parts = window.cut(region.parts, region, 1);
  const paste = (image: Image | undefined): Image =>
    image === undefined ? pasted : window.paste(pasted, image);
  return {
    async prepare(scale, earlier, onStage) {
      const { pass } = scale;
      const picture = paste(earlier.at(-1));
      const sources = { painting, composite, picture: blend(picture) };
      const targets = await passTargets(task, scale, sources, region, window);
      onStage('compile');
      const start = cutOut(picture, window);
      const size = { width: start.width, height: start.height, window: scale.window };
      const loss = harmonizeLoss(weights, settings, pass, size);
      const key = `${pass} ${size.width}x${size.height}`;
      const compiled = await compileLoss(programs, key, { ...loss, factors }, { ...targets, start });
      return { ...compiled, objective: objectOnly(compiled.objective, surroundings, parts), start };
    },
    present: (image) => blend(window.paste(painting, image)),
    finish(images) {
      const picture = paste(images.at(-1));
      // The surroundings' colours have a part in the object's edge.
      const smooth =
        settings.smoothColors === 0
          ? picture
          : smoothColors(blend(picture), settings.smoothColors, colorEdge);
      const { width: fullWidth, height: fullHeight } = pictures.painting;
      const faded = paintedParts(mask, fullWidth, fullHeight, settings.feather);
      return paintOver(pictures.painting, resizeImage(smooth, fullWidth, fullHeight), faded);
    },
  };
}

function checkComposite({ painting, composite }: HarmonizePictures): void {
  if (painting.width === composite.width && painting.height === composite.height) return;
  throw new StyleError(
    'E_IMAGE_SIZE',
    `The composite is ${composite.width}x${composite.height}, and the painting ${painting.width}x${painting.height}.`,
    'Paste the object into a copy of the painting, and keep its size.',
  );
}

/** The loss as a function of the object alone: the rest of the picture is the painting, whatever the optimiser asks. */
function objectOnly(objective: PictureObjective, painting: Image, parts: Float32Array): PictureObjective {
  const { width, height } = painting;
  return async (rgb) => {
    const { losses, gradient } = await objective(
      paintOver(painting, createImage(width, height, rgb), parts).rgb,
    );
    return { losses, gradient: gradient.map((value, i) => value * parts[i % parts.length]!) };
  };
}
