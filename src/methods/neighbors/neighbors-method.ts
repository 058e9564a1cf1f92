import { fitLongSide } from '../../images/resize.js';
import type { Size } from '../../images/image.js';
import { layerChannels } from '../../networks/vgg.js';
import { scalesFact, termFact } from '../facts.js';
import { lossUses, measuredUse } from '../optimization/compiled-loss.js';
import { activeTerms, type LossTerms } from '../optimization/loss-terms.js';
import { shareIterations } from '../optimization/iterations.js';
import { measuringGraphs } from '../optimization/picture-values.js';
import { walkMethod } from '../optimization/walk-method.js';
import { canvasSize, fittingMargin, type PlannedScale, type ScalePlan } from '../plan.js';
import { gramStylization, type StylizePictures } from '../stylize/gram-method.js';
import { scalesUpTo, usualIterations } from '../stylize/options.js';
import { paintingSize } from '../stylize/scales.js';
import { pictureHypercolumns } from './hypercolumns.js';
import { neighborPictureLoss } from './neighbor-picture-loss.js';
import { neighborStages } from './neighbor-stages.js';
import {
  neighborOptionsSchema,
  resolveNeighborSettings,
  type NeighborOptions,
  type NeighborSettings,
} from './options.js';

/** What a stylisation by neighbours is made from; neighbours are looked for in all the paintings. */
export type NeighborPictures = Omit<StylizePictures, 'initial'>;

/** One size, or the last pass over it. */
export interface NeighborScale extends PlannedScale {
  /** Long side that the paintings are brought to. */
  readonly styleLongSide: number;
  /** Layers that look for their neighbours together, as one vector. */
  readonly groups: readonly (readonly string[])[];
}

/**
 * Repaints a photograph by nearest neighbours: the features of each position become those of the painting's position that is
 * most like it, so that skies are painted as skies are and faces as faces (Kolkin, Kucera, Paris, Sykora, Shechtman and
 * Shakhnarovich 2022, "Neural Neighbor Style Transfer"). Coarse to fine from the photograph: at each scale neighbours are
 * found once, of all layers together, for a blend of the photograph and the picture so far; then the picture is optimised.
 * In the end each layer finds neighbours by itself, in rounds ("feature splitting", section 3.4).
 *
 * Ours: the content loss of Gatys et al. keeps the photograph's shapes; features of finer layers are averaged and not
 * sampled, against grids of dots; the loss of grain; a quasi-Newton method on pixels in the
 * place of Adam on a pyramid, which takes fewer steps; no rotated copies of the painting.
 */
export const neighborStylization = walkMethod<
  NeighborOptions,
  NeighborSettings,
  NeighborPictures,
  NeighborScale
>({
  name: 'neighbors',
  description: 'repaint a photograph by the nearest neighbours of its features in a painting',
  roles: gramStylization.roles.filter(({ name }) => name !== 'initial'),
  options: neighborOptionsSchema,
  examples: [],
  resolve: resolveNeighborSettings,
  stepSettings: ['splitIterations'],
  scales: ({ settings, pictures }) => planNeighborScales(pictures.content, settings),
  graphs(scale, weights, { settings, pictures }) {
    const size = canvasSize(scale);
    const { groups } = scale;
    const { layers, pooling } = settings;
    const channels = layers.reduce((sum, layer) => sum + layerChannels(weights, layer), 0);
    const bytesOf = ({ width, height }: Size): number => 4 * channels * (width / 4) * (height / 4);
    const paintings = pictures.styles.map((style) => paintingSize(style, scale));
    const painted = paintings.reduce((sum, one) => sum + bytesOf(one), 0);
    const columns: LossTerms = (x) => pictureHypercolumns(x, weights, layers, pooling);
    const uses = lossUses(
      neighborPictureLoss(weights, settings, groups, size),
      'content',
      scale.iterations,
      // Of the picture that looks for neighbours.
      () => measuringGraphs(size, columns).graphs,
    );
    const searched = copies.picture * bytesOf(size) + copies.paintings * painted;
    return [
      ...uses.map((use) => ({
        ...use,
        hostBytes: (isCompact: boolean) => Math.max(use.hostBytes?.(isCompact) ?? 0, searched),
      })),
      ...paintings.map((painting, index) => measuredUse('styles', painting, columns, index)),
    ];
  },
  begin: neighborStages,
  longestSide({ size, scales, styleScale }, role) {
    if (role === 'styles') return Math.ceil((size ?? scales.at(-1)!) * styleScale);
    return role === 'content' ? size : undefined;
  },
  resized: (settings, size, _pictures, steps) =>
    steps === undefined
      ? { ...settings, size }
      : { ...settings, size, scales: [size], iterations: [steps], splitIterations: 0 },
  weightOptions: {
    content: 'contentWeight',
    style: 'styleWeight',
    totalVariation: 'tvWeight',
    grain: 'grainWeight',
  },
  terms: ({ contentWeight, styleWeight, tvWeight, grainWeight }) =>
    activeTerms({
      content: contentWeight,
      style: styleWeight,
      totalVariation: tvWeight,
      grain: grainWeight,
    }),
  describe(settings, names, plan) {
    const { contentWeight, contentLayers, styleWeight, layers, tvWeight, grainWeight } = settings;
    return {
      title: `${names['content']!.join(', ')} after ${names['styles']!.join(', ')}, by neighbours`,
      before: 'content',
      facts: [
        scalesFact(plan.scales),
        ['Neighbours', `${styleWeight}, of ${layers.join(', ')}`],
        termFact('Content', contentWeight, contentLayers),
        termFact('Total variation', tvWeight),
        termFact('Grain', grainWeight),
      ],
    };
  },
});

/** Copies of hypercolumns at the worst moment of a search: as they are read, blended, standardised, put together and found. */
const copies = { picture: 7, paintings: 2 } as const;

/** Scales larger than the result are left out, and their steps fall to the result's size. */
function planNeighborScales(content: Size, settings: NeighborSettings): ScalePlan<NeighborScale> {
  const { size, layers, styleScale, splitIterations } = settings;
  const target = size ?? Math.max(content.width, content.height);
  const longSides = scalesUpTo(Math.min(target, size ?? settings.scales.at(-1)!), settings.scales);
  const given = settings.iterations;
  const usual = usualIterations(longSides, {
    scales: settings.scales,
    iterations: typeof given === 'number' ? settings.scales.map(() => 1) : given,
  });
  const iterations = typeof given === 'number' ? shareIterations(given, usual) : usual;
  const scaleOf = (longSide: number, steps: number, groups: NeighborScale['groups']): NeighborScale => {
    const fitted = fitLongSide(content.width, content.height, longSide);
    return {
      ...fitted,
      margin: fittingMargin(settings.margin, fitted),
      styleLongSide: Math.max(1, Math.round(longSide * styleScale)),
      iterations: steps,
      groups,
    };
  };
  const scales = longSides.map((longSide, index) => scaleOf(longSide, iterations[index]!, [layers]));
  const split =
    splitIterations === 0
      ? []
      : [
          scaleOf(
            longSides.at(-1)!,
            splitIterations,
            layers.map((layer) => [layer]),
          ),
        ];
  const { width, height } = size === undefined ? content : fitLongSide(content.width, content.height, target);
  return { scales: [...scales, ...split], width, height };
}
