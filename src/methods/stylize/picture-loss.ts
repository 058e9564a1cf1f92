import { constant, input, multiply, type NamedTensors, type Tensor } from '../../graph/index.js';
import { histogramLoss } from '../../losses/histogram.js';
import { laplacianLoss, laplacian } from '../../losses/laplacian.js';
import { styleLoss, styleStatistics } from '../../losses/layer-style.js';
import { grainLoss } from '../../losses/grain.js';
import { totalVariation } from '../../losses/total-variation.js';
import type { Size } from '../../images/image.js';
import { findLayer, vggFeatures } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { grainTensors, histogramInput, styleInput } from '../optimization/graph-inputs.js';
import { activeContentLayers, contentMaps, contentTerms } from '../optimization/content-terms.js';
import { activeLayers } from '../optimization/layer-weights.js';
import type { PictureLoss } from '../optimization/compiled-loss.js';
import { countedTerms, weighted } from '../optimization/loss-terms.js';
import type { StylizeSettings } from './options.js';

/** The photograph's Laplacian. */
const laplacianInput = 'content.laplacian';
/** The guide of a region for the layers of a block. */
export const guideInput = (block: number, region: number): string => `guide.${block}.${region}`;

/** A region that style is measured in. */
export interface LossRegion {
  readonly region: number;
  /** How much its style losses count. */
  readonly weight: number;
  /** The style layers at which it has positions, and the layers of the histogram loss. */
  readonly layers: readonly string[];
  readonly histograms: readonly string[];
}

/** The photograph's features and Laplacian, by the names under which the loss graph takes them. */
export function contentTargets(x: Tensor, weights: VggWeights, settings: StylizeSettings): NamedTensors {
  return {
    ...contentMaps(x, weights, settings),
    ...(settings.lockDetail === 0 ? {} : { [laplacianInput]: laplacian(inUnits(x, settings)) }),
  };
}

/** The style layers that count. */
export const activeStyleLayers = ({ styleLayers, styleWeight }: StylizeSettings): string[] =>
  activeLayers(styleLayers, styleWeight).map(([layer]) => layer);

/** The layers of the histogram loss; none where it has no weight. */
export const activeHistogramLayers = ({ histogramLayers, histogramWeight }: StylizeSettings): string[] =>
  activeLayers(histogramLayers, histogramWeight).map(([layer]) => layer);

/**
 * A painting's Gram matrices by the names under which the loss graph takes them, and its activations at the layers of the
 * histogram loss.
 * @param regions those that the painting has; the whole of it unless given
 */
export function styleTargets(
  x: Tensor,
  weights: VggWeights,
  settings: StylizeSettings,
  regions?: readonly LossRegion[],
): NamedTensors {
  const layers = activeStyleLayers(settings);
  const histograms = activeHistogramLayers(settings);
  const names = [...new Set([...layers, ...histograms])];
  const features = vggFeatures(x, weights, names, {
    pooling: settings.pooling,
    padding: 'zero',
  });
  return Object.fromEntries([
    ...layers.flatMap((layer) => {
      const feature = features[layer]!;
      if (regions === undefined) {
        return [[styleInput(layer), styleStatistics(feature, weights, layer, settings)]];
      }
      return regionsAt(regions, layer).map(({ region }) => {
        const guide = guideOf(feature, weights, layer, region);
        return [styleInput(layer, region), styleStatistics(feature, weights, layer, settings, guide)];
      });
    }),
    ...histograms.map((layer) => [histogramInput(layer), features[layer]!]),
  ]);
}

const regionsAt = (regions: readonly LossRegion[], layer: string): LossRegion[] =>
  regions.filter(({ layers }) => layers.includes(layer));

/** The guide of a region at a layer, as an input. */
function guideOf(feature: Tensor, weights: VggWeights, layer: string, region: number): Tensor {
  const { block } = findLayer(weights, layer).layer;
  return input(guideInput(block, region), [1, 1, feature.shape[2]!, feature.shape[3]!]);
}

/** The picture's activations at the layers of the histogram loss, for the host to remap. */
export function pictureActivations(x: Tensor, weights: VggWeights, settings: StylizeSettings): NamedTensors {
  const layers = activeHistogramLayers(settings);
  const features = vggFeatures(x, weights, layers, {
    pooling: settings.pooling,
    padding: 'zero',
  });
  return Object.fromEntries(layers.map((layer) => [histogramInput(layer), features[layer]!]));
}

function detailLoss(x: Tensor, settings: StylizeSettings): Tensor {
  const detail = laplacian(inUnits(x, settings));
  const target = input(laplacianInput, detail.shape);
  return laplacianLoss(detail, target, settings.contentReduction);
}

/** The terms that count, weighted, as expressions of the picture `x` and the targets. */
function lossTerms(
  x: Tensor,
  weights: VggWeights,
  settings: StylizeSettings,
  regions: readonly LossRegion[] | undefined,
): NamedTensors {
  const contentLayers = activeContentLayers(settings);
  const styleLayers = activeLayers(settings.styleLayers, settings.styleWeight);
  const histograms = activeHistogramLayers(settings);
  const names = [...new Set([...[...contentLayers, ...styleLayers].map(([layer]) => layer), ...histograms])];
  const features = vggFeatures(x, weights, names, { pooling: settings.pooling, padding: 'zero' });

  const content = contentTerms(features, settings, settings.contentReduction);
  const style = styleLayers.flatMap(([layer, weight]) => {
    const feature = features[layer]!;
    const size = feature.shape[2]! * feature.shape[3]!;
    const lossIn = (share: number, region?: number): Tensor => {
      const guide = region === undefined ? undefined : guideOf(feature, weights, layer, region);
      const gram = styleStatistics(feature, weights, layer, settings, guide);
      const target = input(styleInput(layer, region), gram.shape);
      const loss = styleLoss(gram, target, weights, layer, size, settings);
      return multiply(loss, share * weight * settings.styleWeight);
    };
    if (regions === undefined) return [lossIn(1)];
    return regionsAt(regions, layer).map(({ weight: share, region }) => lossIn(share, region));
  });
  const smoothness =
    settings.tvWeight === 0
      ? []
      : [multiply(totalVariation(inUnits(x, settings), settings.tvForm), settings.tvWeight)];
  const grain = weighted(settings.grainWeight, () => grainLoss(x, grainTensors(x)));
  const histogram = histograms.map((layer) => {
    const feature = features[layer]!;
    const matched = input(histogramInput(layer), feature.shape);
    const loss = histogramLoss(feature, matched, settings.styleReduction);
    return multiply(loss, settings.histogramLayers[layer]! * settings.histogramWeight);
  });
  const detail = settings.lockDetail === 0 ? [] : [multiply(detailLoss(x, settings), settings.lockDetail)];
  return countedTerms({
    content,
    style,
    totalVariation: smoothness,
    grain,
    histogram,
    laplacian: detail,
  });
}

/**
 * The loss of Gatys et al. 2016, equation 7, with total variation and the losses of Risser et al. 2017 (histogram)
 * and Li et al. 2017 (Laplacian): `content weight * content + style weight * style + ...`, of a picture of a size and the targets. With
 * regions the style loss is the sum of theirs, each with guided Gram matrices (Gatys et al. 2017, equations 5 and 6).
 */
export function stylizeLoss(
  weights: VggWeights,
  settings: StylizeSettings,
  size: Size,
  regions?: readonly LossRegion[],
): PictureLoss {
  const hasHistograms = activeHistogramLayers(settings).length > 0;
  return {
    size,
    terms: (x) => lossTerms(x, weights, settings, regions),
    activations: hasHistograms ? (x) => pictureActivations(x, weights, settings) : undefined,
    isTuned: settings.autoTune,
  };
}

/** The picture in the units that the preset's source computes in. */
function inUnits(x: Tensor, { pixelUnit }: StylizeSettings): Tensor {
  return multiply(
    x,
    constant(
      pixelUnit.map((range) => 1 / range),
      [1, 3, 1, 1],
    ),
  );
}
