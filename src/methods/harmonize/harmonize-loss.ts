import {
  absolute,
  add,
  divide,
  input,
  multiply,
  slice,
  subtract,
  sum,
  type NamedTensors,
  type Tensor,
} from '../../graph/index.js';
import { contentLoss } from '../../losses/content.js';
import { gramLoss, gramMatrix } from '../../losses/gram.js';
import { histogramLoss } from '../../losses/histogram.js';
import { vggFeatures } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { PictureLoss } from '../optimization/compiled-loss.js';
import { contentInput, histogramInput, styleInput } from '../optimization/graph-inputs.js';
import { activeLayers } from '../optimization/layer-weights.js';
import { countedTerms, weighted } from '../optimization/loss-terms.js';
import type { CanvasSize } from '../plan.js';
import type { HarmonizeSettings } from './options.js';

/** The first pass is robust, the second consistent and detailed. */
export type HarmonizePass = 'coarse' | 'fine';

/** Names of the loss graph's inputs beside the picture. */
export const maskInput = 'mask';
/** 1 at the object's positions of a layer, 0 elsewhere. */
export const regionInput = (layer: string): string => `region.${layer}`;

/** The layers of each term in a pass, with their weights. */
export function passLayers(
  settings: HarmonizeSettings,
  pass: HarmonizePass,
): Readonly<Record<'content' | 'style' | 'histogram', readonly [layer: string, weight: number][]>> {
  const style = pass === 'coarse' ? settings.coarseLayers : settings.fineLayers;
  return {
    content: activeLayers(settings.contentLayers, settings.contentWeight),
    style: activeLayers(style, settings.styleWeight),
    histogram: activeLayers(settings.histogramLayers, pass === 'coarse' ? 0 : settings.histogramWeight),
  };
}

/**
 * The terms of the loss of a pass over the object (Luan, Paris, Shechtman and Bala 2018, equations 1 to 4, from memory): content, style as
 * Gram matrices, in the second pass distributions, and smoothness; all relative to their targets, which is ours.
 * @returns `content`, `style`, `histogram` and `totalVariation`, weighted
 */
function harmonizeTerms(
  x: Tensor,
  weights: VggWeights,
  settings: HarmonizeSettings,
  pass: HarmonizePass,
): NamedTensors {
  const layers = passLayers(settings, pass);
  const names = [...new Set(Object.values(layers).flatMap((term) => term.map(([layer]) => layer)))];
  const maps = vggFeatures(x, weights, names, { pooling: settings.pooling });
  // One tensor a name, however many terms read it.
  const regions = Object.fromEntries(
    names.map((layer) => [layer, input(regionInput(layer), [1, 1, ...maps[layer]!.shape.slice(2)])]),
  );
  const region = (layer: string): Tensor => regions[layer]!;
  const content = layers.content.map(([layer, weight]) => {
    const [map, inside] = [maps[layer]!, region(layer)];
    const target = input(contentInput(layer), map.shape);
    const loss = contentLoss(multiply(map, inside), multiply(target, inside), 'relative');
    return multiply(loss, weight * settings.contentWeight);
  });
  const style = layers.style.map(([layer, weight]) => {
    const map = maps[layer]!;
    const [, channels, rows, columns] = map.shape as [number, number, number, number];
    // A mean over the object instead of over the map.
    const gram = divide(
      multiply(gramMatrix(multiply(map, region(layer)), 'hw'), rows * columns),
      sum(region(layer)),
    );
    const target = input(styleInput(layer), [1, channels, channels]);
    return multiply(gramLoss(gram, target, 'relative', rows * columns), weight * settings.styleWeight);
  });
  const histogram = layers.histogram.map(([layer, weight]) => {
    const [map, inside] = [maps[layer]!, region(layer)];
    const matched = input(histogramInput(layer), map.shape);
    const loss = histogramLoss(multiply(map, inside), multiply(matched, inside), 'relative');
    return multiply(loss, weight * settings.histogramWeight);
  });
  const { tvWeight } = settings;
  const smoothness = weighted(tvWeight, () => objectVariation(x));
  return countedTerms({ content, style, histogram, totalVariation: smoothness });
}

/** What is minimised of the object in a pass. */
export function harmonizeLoss(
  weights: VggWeights,
  settings: HarmonizeSettings,
  pass: HarmonizePass,
  size: CanvasSize,
): PictureLoss {
  const histogram = passLayers(settings, pass).histogram.map(([layer]) => layer);
  const activations = (x: Tensor): NamedTensors => {
    const maps = vggFeatures(x, weights, histogram, { pooling: settings.pooling });
    return Object.fromEntries(histogram.map((layer) => [histogramInput(layer), maps[layer]!]));
  };
  return {
    size,
    terms: (x) => harmonizeTerms(x, weights, settings, pass),
    activations: histogram.length === 0 ? undefined : activations,
  };
}

/** Total variation as a mean of absolute differences to the pixels below and to the right, over the object. */
function objectVariation(x: Tensor): Tensor {
  const [, , height, width] = x.shape as [number, number, number, number];
  const mask = input(maskInput, [1, 1, height, width]);
  const along = (down: number, right: number): Tensor => {
    const next = slice(x, [0, 0, down, right], x.shape);
    const end = [height - down, width - right] as const;
    const here = slice(x, [0, 0, 0, 0], [1, 3, ...end]);
    return sum(multiply(absolute(subtract(next, here)), slice(mask, [0, 0, 0, 0], [1, 1, ...end])));
  };
  return divide(add(along(1, 0), along(0, 1)), multiply(sum(mask), 6));
}
