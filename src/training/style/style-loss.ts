import {
  averagePool,
  input,
  mean,
  multiply,
  pictureAt,
  relu,
  reshape,
  slice,
  square,
  subtract,
  type NamedTensors,
  type Tensor,
} from '../../graph/index.js';
import { contentLoss } from '../../losses/content.js';
import { chromaVariation, grainLoss } from '../../losses/grain.js';
import { styleLoss, styleStatistics } from '../../losses/layer-style.js';
import { sumOfTerms } from '../../losses/sum-of-terms.js';
import { totalVariation } from '../../losses/total-variation.js';
import { vggFeatures } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { contentLayers, styleLayers, type StyleSettings } from './style-settings.js';

/** How the loss network is used: as `stylize` uses it. */
const features = { pooling: 'max', padding: 'zero' } as const;
const measure = { gram: 'hw', styleReduction: 'relative', projection: true } as const;

/** Inputs of the loss, for each picture: its painting's Gram matrix at a layer, its weight of the content, and what grain is weighed with. */
export const gramInput = (layer: string): string => `gram.${layer}`;
export const contentWeightInput = 'content.weight';
export const lumaInput = 'grain.luma';
export const chromaInput = 'grain.chroma';
/** The same for chroma in a picture that is smaller by {@link blotchScale}. */
export const blotchInput = 'blotches.chroma';

/**
 * Blotches of colour in skies and on walls are as wide as this many pixels and more. Neither grain, nor Gram matrices, nor the features of
 * the content see them: where a photograph is plain, normalizations leave a network nothing but its brightness to go by.
 */
export const blotchScale = 8;

/**
 * A channel that is very large at one place has a large deviation, and instance normalization makes it small everywhere else: networks
 * use that to steer how strong their maps are (Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN", section 2),
 * and the place becomes a blotch of colour. No other term sees one. So many deviations are free.
 */
const freeDeviations = 5;

/** How much normalised maps exceed what is free: mean of what their squares have above, summed over maps. */
const spikes = (maps: readonly Tensor[]): Tensor =>
  sumOfTerms(maps.map((map) => mean(relu(subtract(square(map), freeDeviations ** 2)))));

/** How much the terms of the loss count. */
export type StyleLossWeights = Pick<
  StyleSettings,
  'styleWeight' | 'tvWeight' | 'grainWeight' | 'blotchWeight'
> &
  Partial<Pick<StyleSettings, 'spikeWeight'>>;

/** What a network made of pictures. */
export interface Painted {
  /** RGB around [0, 1], `[N, 3, H, W]`. */
  readonly painted: Tensor;
  /** The maps that it normalized, where spikes of them are held down. */
  readonly normalized?: readonly Tensor[];
  /** The weights of the losses that it was told, `[N, knobs]`, where it is told any. */
  readonly knobs?: Tensor | undefined;
}

/** The loss of a network for paintings: what stays the same from step to step. */
export interface StyleLesson {
  readonly network: VggWeights;
  readonly settings: StyleLossWeights;
  readonly paint: (pictures: Tensor, parameters: NamedTensors) => Painted;
  /** What becomes of a layer's distance; the distance itself unless given. */
  readonly distance?: (relative: Tensor) => Tensor;
}

/** A painting's Gram matrices by layer, `[1, C + 1, C + 1]` or `[1, C, C]`. */
export function paintingGrams(painting: Tensor, network: VggWeights): NamedTensors {
  const maps = vggFeatures(painting, network, styleLayers, features);
  return Object.fromEntries(
    styleLayers.map((layer) => [layer, styleStatistics(maps[layer]!, network, layer, measure)]),
  );
}

/**
 * The perceptual loss of Johnson et al. 2016, section 3.2, in the form of `stylize`'s default, with its total variation and loss
 * of grain: a mean over pictures, each against its own painting and, where the network has knobs, with its own weights.
 * @param pictures RGB in [0, 1], `[N, 3, H, W]`
 * @param parameters of the network
 * @returns the weighted terms
 */
export function styleLossTerms(
  pictures: Tensor,
  parameters: NamedTensors,
  { network, settings, paint, distance = (relative) => relative }: StyleLesson,
): NamedTensors {
  const [count, , height, width] = pictures.shape as [number, number, number, number];
  const { painted, normalized, knobs } = paint(pictures, parameters);
  const layers = [...new Set<string>([...contentLayers, ...styleLayers])];
  const maps = vggFeatures(painted, network, layers, features);
  const photographs = vggFeatures(pictures, network, contentLayers, features);
  const plane = (name: string): Tensor => input(name, [count, 1, height, width]);
  const weights = { luma: plane(lumaInput), chroma: plane(chromaInput) };
  const blotchWeights = input(blotchInput, [count, 1, height / blotchScale, width / blotchScale]);
  const targets = Object.fromEntries(
    styleLayers.map((layer) => {
      // Of the shape that a painting's statistics have.
      const side = styleStatistics(pictureAt(maps[layer]!, 0), network, layer, measure).shape[1]!;
      return [layer, input(gramInput(layer), [count, side * side])];
    }),
  );
  const contentWeights = input(contentWeightInput, [count, 1]);

  const lossesOf = (picture: number): Record<string, Tensor> => {
    const of = (batch: Tensor): Tensor => pictureAt(batch, picture);
    const knob = (index: number, value: Tensor): Tensor =>
      knobs === undefined
        ? value
        : multiply(value, reshape(slice(knobs, [picture, index], [picture + 1, index + 1]), []));
    const content = contentLayers.map((layer) =>
      contentLoss(of(maps[layer]!), of(photographs[layer]!), 'relative'),
    );
    const style = styleLayers.map((layer, index) => {
      const map = of(maps[layer]!);
      const gram = styleStatistics(map, network, layer, measure);
      const target = reshape(of(targets[layer]!), gram.shape);
      const size = map.shape[2]! * map.shape[3]!;
      return knob(index + 1, distance(styleLoss(gram, target, network, layer, size, measure)));
    });
    const weight = reshape(of(contentWeights), []);
    const x = of(painted);
    return {
      content: multiply(multiply(knob(0, sumOfTerms(content)), weight), 1 / contentLayers.length),
      style: multiply(sumOfTerms(style), settings.styleWeight / styleLayers.length),
      totalVariation: multiply(totalVariation(x, 'absolute-mean'), settings.tvWeight),
      grain: multiply(
        grainLoss(x, { luma: of(weights.luma), chroma: of(weights.chroma) }),
        settings.grainWeight,
      ),
      blotches: multiply(
        chromaVariation(averagePool(x, blotchScale), of(blotchWeights)),
        settings.blotchWeight,
      ),
    };
  };

  const each = Array.from({ length: count }, (_, picture) => lossesOf(picture));
  const terms = Object.fromEntries(
    Object.keys(each[0]!).map((name) => [
      name,
      multiply(sumOfTerms(each.map((losses) => losses[name]!)), 1 / count),
    ]),
  );
  if (normalized === undefined || settings.spikeWeight === undefined) return terms;
  return { ...terms, spikes: multiply(spikes(normalized), settings.spikeWeight) };
}
