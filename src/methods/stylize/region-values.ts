import type { RankTarget } from '../../ranks/rank-matching.js';
import type { RegionGuides } from '../../losses/region-guides.js';
import { findLayer } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { MatchedLayers, MatchedPlaces } from '../optimization/activation-matching.js';
import { histogramInput } from '../optimization/graph-inputs.js';
import { guideInput, type LossRegion } from './picture-loss.js';
import type { ScaleRegions } from './regions.js';
import { distributionKey } from './style-statistics.js';

/** The guides of a picture as the inputs of its graphs. */
export function guideValues(
  guides: RegionGuides,
  regions: readonly LossRegion[],
  weights: VggWeights,
): Record<string, Float32Array> {
  const values: Record<string, Float32Array> = {};
  for (const { region, layers } of regions) {
    for (const layer of layers) {
      const { block } = findLayer(weights, layer).layer;
      values[guideInput(block, region)] ??= guides.guide(region, block);
    }
  }
  return values;
}

/**
 * To which distributions the picture's activations are matched, and where: everywhere to the paintings', or in each region
 * to those of its paintings. A position on the border of two regions belongs to the first of them.
 */
export function matchedLayers(
  layers: readonly string[],
  distributions: ReadonlyMap<string, RankTarget>,
  weights: VggWeights,
  regions: ScaleRegions | undefined,
): MatchedLayers {
  return new Map(
    layers.map((layer) => {
      if (regions === undefined) {
        return [histogramInput(layer), [{ target: distributions.get(distributionKey(layer))! }]];
      }
      const { block } = findLayer(weights, layer).layer;
      const taken = new Set<number>();
      const places: MatchedPlaces[] = [];
      for (const { region, histograms } of regions.loss) {
        if (!histograms.includes(layer)) continue;
        const positions = regions.content.positions(region, block).filter((place) => !taken.has(place));
        positions.forEach((place) => taken.add(place));
        const target = distributions.get(distributionKey(layer, region))!;
        if (positions.length > 0) places.push({ target, positions });
      }
      return [histogramInput(layer), places];
    }),
  );
}
