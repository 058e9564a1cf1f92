import { sizeOf } from '../../graph/index.js';
import type { Image, Size } from '../../images/image.js';
import { addMirroredMargin } from '../../images/margin.js';
import { fitLongSide, resizeImage } from '../../images/resize.js';
import { scalesFact, termFact } from '../facts.js';
import type { MethodTask } from '../method.js';
import { contentMaps } from '../optimization/content-terms.js';
import { compileLoss, lossUses, measuredUse } from '../optimization/compiled-loss.js';
import { pictureOf } from '../optimization/graph-inputs.js';
import { shareIterations } from '../optimization/iterations.js';
import { activeTerms, type LossTerms } from '../optimization/loss-terms.js';
import { measuringGraphs, pictureValues } from '../optimization/picture-values.js';
import { walkMethod, type WalkStages } from '../optimization/walk-method.js';
import { canvasSize, fittingMargin, type CanvasSize, type PlannedScale, type ScalePlan } from '../plan.js';
import { ColorAndMaskComposer, keepColors } from '../stylize/color-preservation.js';
import { paintingSize } from '../stylize/scales.js';
import {
  patchStyleOptionsSchema,
  resolvePatchStyleSettings,
  type PatchStyleOptions,
  type PatchStyleSettings,
} from './options.js';
import { PatchFinder } from './patch-finder.js';
import { patchPictureLoss, patchMaps } from './patch-picture-loss.js';

/** What a stylisation by patches is made from. */
export interface PatchStylePictures {
  /** The photograph. */
  readonly content: Image;
  /** The painting that the patches come from. */
  readonly style: Image;
}

/**
 * Repaints a photograph after a painting patch by patch: every patch of its features becomes like the painting's patch that
 * is most like it, so that what is painted where follows from what is there (Li and Wand 2016, "Combining Markov Random
 * Fields and Convolutional Neural Networks for Image Synthesis").
 *
 * Coarse to fine from the photograph. At each scale it goes in rounds: patches look for their matches, then the picture is
 * optimised while the matches stay. Where the paper looks for them at every step this takes a fraction of the time, and
 * within a round the loss is one function, which the optimiser's memory of it needs. Ours too: losses relative to their
 * targets; the pixels of the matched patches as one more layer, against coloured grain (see `patchPictureLoss`);
 * a margin of mirror image, against frames; no rotated or resized copies of the painting. Losses are those against the
 * matches of the last round; in the curve, the style's falls by itself where patches found new matches.
 */
export const patchStylization = walkMethod<
  PatchStyleOptions,
  PatchStyleSettings,
  PatchStylePictures,
  PlannedScale
>({
  name: 'patches',
  description: 'repaint a photograph by the patches of a painting',
  roles: [
    { name: 'content', description: 'the photograph', argument: true },
    { name: 'style', description: 'the painting', argument: true },
  ],
  options: patchStyleOptionsSchema,
  examples: [],
  resolve: resolvePatchStyleSettings,
  scales: ({ settings, pictures }) => planPatchScales(pictures.content, settings),
  graphs(scale, weights, { settings, pictures }) {
    const size = canvasSize(scale);
    const style = styleSize(pictures.style, scale, settings);
    const maps: LossTerms = (x) => patchMaps(x, weights, settings);
    const bytesOf = (of: Size): number =>
      Object.values(maps(pictureOf(of))).reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
    const searched = (): number => copies.picture * bytesOf(size) + copies.painting * bytesOf(style);
    const uses = lossUses(
      patchPictureLoss(weights, settings, size),
      'content',
      scale.iterations,
      // Of the picture that patches look for their matches in, round by round.
      () => measuringGraphs(size, maps).graphs,
    );
    return [
      measuredUse('style', style, maps),
      ...uses.map((use) => ({
        ...use,
        hostBytes: (isCompact: boolean) => (use.hostBytes?.(isCompact) ?? 0) + searched(),
      })),
    ];
  },
  begin: patchStages,
  longestSide: ({ size, scales, styleScale }, role) =>
    role === 'style' ? Math.ceil((size ?? scales.at(-1)!) * styleScale) : size,
  resized: (settings, size, _pictures, steps) =>
    steps === undefined ? { ...settings, size } : { ...settings, size, scales: [size], iterations: steps },
  weightOptions: { content: 'contentWeight', style: 'styleWeight', totalVariation: 'tvWeight' },
  terms: ({ contentWeight, tvWeight }) =>
    activeTerms({ content: contentWeight, style: 1, totalVariation: tvWeight }),
  describe(settings, names, plan) {
    const { patch, rematch, styleWeight, patchLayers, contentWeight, contentLayers } = settings;
    return {
      title: `${names['content']!.join(', ')} after ${names['style']!.join(', ')}, by patches`,
      before: 'content',
      facts: [
        scalesFact(plan.scales),
        ['Patches', `${patch}x${patch}, matched anew every ${rematch} steps`],
        termFact('Style', styleWeight, patchLayers),
        termFact('Colours of patches', settings.colorWeight),
        termFact('Content', contentWeight, contentLayers),
        termFact('Total variation', settings.tvWeight),
        ['Margin', `${settings.margin} pixels of mirror image`],
      ],
    };
  },
});

/** Copies of maps while patches look for their matches: as they are, cut into blocks, and what was found. */
const copies = { picture: 3, painting: 1 } as const;

function patchStages(
  task: MethodTask<PatchStyleSettings, PatchStylePictures>,
  pictures: PatchStylePictures,
  plan: ScalePlan,
): WalkStages<PlannedScale> {
  const { settings, weights, programs, factors } = task;
  const sources = { content: pictures.content, styles: [pictures.style] };
  const composer = new ColorAndMaskComposer(sources, { ...settings, feather: 0 }, plan);
  const { content, styles } = keepColors(sources, settings);
  const painting = styles[0]!;
  return {
    async prepare(scale, earlier, onStage) {
      const { width, height, margin } = scale;
      const canvas = canvasSize(scale);
      const shown = styleSize(painting, scale, settings);
      const style = resizeImage(painting, shown.width, shown.height);
      const photograph = addMirroredMargin(resizeImage(content, width, height), margin);
      const targets = await pictureValues(
        programs,
        `content ${width}x${height}`,
        (x) => contentMaps(x, weights, settings),
        photograph,
        scale,
      );
      const finder = await PatchFinder.create(task, style, canvas);
      onStage('compile');
      const start = addMirroredMargin(resizeImage(earlier.at(-1) ?? content, width, height), margin);
      const loss = patchPictureLoss(weights, settings, canvas);
      const key = `${width}x${height}`;
      const compiled = await compileLoss(programs, key, { ...loss, factors }, { targets, start });
      return {
        ...compiled,
        start,
        rounds: {
          steps: settings.rematch,
          begin: async ({ rgb }) => compiled.bind(await finder.targets(rgb)),
        },
        dispose: async () => {
          await compiled.dispose();
          await finder.dispose();
        },
      };
    },
    present: (image) => composer.compose(image),
    finish: (images) => composer.compose(resizeImage(images.at(-1)!, plan.width, plan.height)),
  };
}

/** Scales larger than the result are left out; the result's size takes the place of the first of them. */
function planPatchScales(content: Size, settings: PatchStyleSettings): ScalePlan {
  const target = settings.size ?? Math.max(content.width, content.height);
  const kept = settings.scales.filter((side) => side < target);
  const longSides = kept.length < settings.scales.length ? [...kept, target] : kept;
  const given = settings.iterations;
  const iterations =
    typeof given === 'number'
      ? shareIterations(
          given,
          longSides.map(() => 1),
        )
      : given;
  const fitted = (longSide: number): Size => fitLongSide(content.width, content.height, longSide);
  const scales = longSides.map((longSide, index) => {
    const size = fitted(longSide);
    return { ...size, margin: fittingMargin(settings.margin, size), iterations: iterations[index]! };
  });
  const { width, height } = settings.size === undefined ? content : fitted(target);
  return { scales, width, height };
}

/** The size of the painting at a scale. */
function styleSize(style: Size, scale: CanvasSize, { styleScale }: PatchStyleSettings): CanvasSize {
  const longSide = Math.max(scale.width, scale.height) * styleScale;
  const { window } = scale;
  return paintingSize(style, { styleLongSide: Math.max(1, Math.round(longSide)), window });
}
