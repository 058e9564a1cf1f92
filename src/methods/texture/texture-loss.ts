import { input, multiply, type NamedTensors, type Tensor } from '../../graph/index.js';
import { histogramLoss } from '../../losses/histogram.js';
import { styleLoss, styleStatistics } from '../../losses/layer-style.js';
import { totalVariation } from '../../losses/total-variation.js';
import { vggFeatures } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { Size } from '../../images/image.js';
import type { PictureLoss } from '../optimization/compiled-loss.js';
import { histogramInput, styleInput } from '../optimization/graph-inputs.js';
import { activeLayers } from '../optimization/layer-weights.js';
import { countedTerms, weighted } from '../optimization/loss-terms.js';
import type { TextureSettings } from './options.js';

/** The layers of the histogram loss; none where it has no weight. */
export function activeHistogramLayers({ histogramWeight, histogramLayers }: TextureSettings): string[] {
  return activeLayers(histogramLayers, histogramWeight).map(([layer]) => layer);
}

/** The sample's Gram matrices, and its activations at the layers of the histogram loss. */
export function textureTargets(x: Tensor, weights: VggWeights, settings: TextureSettings): NamedTensors {
  const styles = activeLayers(settings.styleLayers).map(([layer]) => layer);
  const histograms = activeHistogramLayers(settings);
  const features = vggFeatures(x, weights, [...new Set([...styles, ...histograms])], {
    pooling: settings.pooling,
    padding: settings.padding.sample,
  });
  return Object.fromEntries([
    ...styles.map((layer) => [
      styleInput(layer),
      styleStatistics(features[layer]!, weights, layer, settings),
    ]),
    ...histograms.map((layer) => [histogramInput(layer), features[layer]!]),
  ]);
}

/** The texture's activations at the layers of the histogram loss, for the host to remap. */
export function textureActivations(x: Tensor, weights: VggWeights, settings: TextureSettings): NamedTensors {
  const layers = activeHistogramLayers(settings);
  const features = vggFeatures(x, weights, layers, {
    pooling: settings.pooling,
    padding: settings.padding.texture,
  });
  return Object.fromEntries(layers.map((layer) => [histogramInput(layer), features[layer]!]));
}

/**
 * The terms of the loss of Gatys, Ecker and Bethge 2015, equation 4: the weighted sum of the layers' Gram losses; with the
 * histogram loss of Risser, Wilmot and Barnes 2017, and total variation. The Gram loss of a layer is relative to the sample's
 * energy where the paper divides by `4 N^2 M^2`, so that weights mean the same for every sample, size and network.
 * @returns of `style`, `histogram` and `totalVariation` those that count, weighted
 */
function textureTerms(x: Tensor, weights: VggWeights, settings: TextureSettings): Record<string, Tensor> {
  const styles = activeLayers(settings.styleLayers);
  const histograms = activeHistogramLayers(settings);
  const names = [...new Set([...styles.map(([layer]) => layer), ...histograms])];
  const features = vggFeatures(x, weights, names, {
    pooling: settings.pooling,
    padding: settings.padding.texture,
  });
  const style = styles.map(([layer, share]) => {
    const feature = features[layer]!;
    const statistics = styleStatistics(feature, weights, layer, settings);
    const size = feature.shape[2]! * feature.shape[3]!;
    const target = input(styleInput(layer), statistics.shape);
    return multiply(styleLoss(statistics, target, weights, layer, size, settings), share);
  });
  const histogram = histograms.map((layer) => {
    const feature = features[layer]!;
    const loss = histogramLoss(feature, input(histogramInput(layer), feature.shape), 'relative');
    return multiply(loss, settings.histogramLayers[layer]! * settings.histogramWeight);
  });
  const { tvWeight, tileable } = settings;
  const smoothness = weighted(tvWeight, () =>
    totalVariation(x, 'absolute-mean', tileable ? 'circular' : 'open'),
  );
  return countedTerms({ style, histogram, totalVariation: smoothness });
}

/** What is minimised of a texture of a size. */
export function textureLoss(weights: VggWeights, settings: TextureSettings, size: Size): PictureLoss {
  const hasHistograms = activeHistogramLayers(settings).length > 0;
  return {
    size,
    terms: (x) => textureTerms(x, weights, settings),
    activations: hasHistograms ? (x) => textureActivations(x, weights, settings) : undefined,
    isTuned: settings.autoTune,
  };
}
