import { RankTarget } from '../../ranks/rank-matching.js';
import type { RegionGuides } from '../../losses/region-guides.js';
import { findLayer, layerChannels } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { OutputValues } from '../../runtime/runtime.js';
import { histogramInput } from '../optimization/graph-inputs.js';
import type { LossRegion } from './picture-loss.js';

/** What is known of a painting, or of several blended: all that the loss compares a picture's style with. */
export interface StyleStatistics {
  /** Gram matrices by the loss's inputs. */
  readonly grams: OutputValues;
  /** Distributions of activations by layer and region, see {@link distributionKey}. */
  readonly distributions: ReadonlyMap<string, RankTarget>;
}

/** A painting's regions, and where they are in it. */
export interface PaintedRegions {
  readonly regions: readonly LossRegion[];
  readonly guides: RegionGuides;
}

/** A distribution by its layer and region. */
export const distributionKey = (layer: string, region?: number): string =>
  region === undefined ? histogramInput(layer) : `${histogramInput(layer)}.${region}`;

/**
 * The statistics in what a graph of `styleTargets` returns.
 * @param layers those of the histogram loss
 * @param painted the painting's regions; the whole of it unless given
 */
export function readStatistics(
  values: OutputValues,
  weights: VggWeights,
  layers: readonly string[],
  painted?: PaintedRegions,
): StyleStatistics {
  const distributions = layers.flatMap((layer) => {
    const activations = values[histogramInput(layer)]!;
    const channels = layerChannels(weights, layer);
    if (painted === undefined)
      return [[distributionKey(layer), RankTarget.of(activations, channels)] as const];
    const { block } = findLayer(weights, layer).layer;
    return painted.regions
      .filter(({ histograms }) => histograms.includes(layer))
      .map(({ region }) => {
        const positions = painted.guides.positions(region, block);
        return [distributionKey(layer, region), RankTarget.of(activations, channels, positions)] as const;
      });
  });
  const histogramInputs = new Set(layers.map(histogramInput));
  const grams = Object.entries(values).filter(([name]) => !histogramInputs.has(name));
  return { grams: Object.fromEntries(grams), distributions: new Map(distributions) };
}

/**
 * Several paintings as one target: the weighted mean of their Gram matrices, and of their distributions at each rank. A
 * weighted sum of squared distances to several targets is the squared distance to their weighted mean plus a constant, so
 * this is the blend of the losses.
 * @param blend weights of the styles; those that have a statistic share it, in these proportions
 */
export function blendStatistics(
  styles: readonly StyleStatistics[],
  blend: readonly number[],
): StyleStatistics {
  if (styles.length === 1) return styles[0]!;
  const counted = styles.map((style, index) => ({ ...style, weight: blend[index]! }));
  const names = new Set(counted.flatMap(({ grams }) => Object.keys(grams)));
  const grams: Record<string, Float32Array> = {};
  for (const name of names) {
    const shared = counted.filter((style) => style.weight > 0 && name in style.grams);
    const sum = shared.reduce((total, { weight }) => total + weight, 0);
    if (shared.length === 0) continue;
    const mixed = new Float32Array(shared[0]!.grams[name]!.length);
    for (const style of shared) {
      style.grams[name]!.forEach((value, i) => (mixed[i]! += (style.weight / sum) * value));
    }
    grams[name] = mixed;
  }
  const distributions = new Map<string, RankTarget>();
  for (const name of new Set(counted.flatMap((style) => [...style.distributions.keys()]))) {
    const shared = counted.filter((style) => style.weight > 0 && style.distributions.has(name));
    if (shared.length === 0) continue;
    const targets = shared.map((style) => style.distributions.get(name)!);
    const weights = shared.map(({ weight }) => weight);
    distributions.set(name, RankTarget.blend(targets, weights));
  }
  return { grams, distributions };
}
