import {
  averagePool,
  constant,
  convolution,
  maxPool,
  named,
  relu,
  type PaddingMode,
  type Tensor,
} from '../graph/index.js';
import { StyleError } from '../errors.js';
import type { ConvolutionWeights, VggWeights } from './vgg-weights.js';
import {
  reluName,
  resolveLayer,
  unknownLayer,
  vggLayers,
  type FeatureLayer,
  type VggArchitecture,
} from './vgg-layers.js';

export type Pooling = 'max' | 'average';

export interface VggOptions {
  readonly pooling: Pooling;
  /** How convolutions pad their input. @defaultValue 'zero', which VGG was trained with */
  readonly padding?: PaddingMode;
}

/**
 * VGG's features of a picture (Simonyan and Zisserman 2014) at the requested layers; nothing behind the last one is built.
 * @param x RGB in [0, 1], `[N, 3, H, W]`
 * @param names layers, as {@link resolveLayer} takes them
 * @returns by the names that were given, `[N, C, H', W']`
 * @throws StyleError `E_LAYER` for a layer that the network or the weights file doesn't have; `E_IMAGE_SIZE` when the
 * picture is too small to reach it
 * @example
 * ```ts
 * import { graph, loadVggWeights, vggFeatures } from 'pastiche/engine';
 *
 * const weights = await loadVggWeights('pastiche-vgg');
 * const picture = graph.input('picture', [1, 3, 64, 64]);
 * const { relu3_1 } = vggFeatures(picture, weights, ['relu3_1'], { pooling: 'max' });
 * ```
 */
export function vggFeatures(
  x: Tensor,
  weights: VggWeights,
  names: readonly string[],
  options: VggOptions,
): Record<string, Tensor> {
  const requested = Object.fromEntries(names.map((name) => [name, findLayer(weights, name)]));
  const first = applyConvolution(x, weights.preprocess, 'preprocess', 'zero');
  return vggLayerFeatures(first, weights.architecture, requested, options, (value, layer) =>
    applyConvolution(value, weights.convolutions[layer]!, layer, options.padding ?? 'zero'),
  );
}

/**
 * VGG's layers with any convolutions: those of {@link vggFeatures} have constant weights, those of a training parameters.
 * @param x the first convolution's input, `[N, C, H, W]`
 * @param requested layers, by the names that the result has
 * @param convolve the convolution of a layer, `conv1_1` onwards, with its bias; it keeps the map's height and width
 * @throws StyleError `E_IMAGE_SIZE` when the picture is too small to reach the last of them
 */
export function vggLayerFeatures(
  x: Tensor,
  architecture: VggArchitecture,
  requested: Readonly<Record<string, FeatureLayer>>,
  options: VggOptions,
  convolve: (value: Tensor, layer: string) => Tensor,
): Record<string, Tensor> {
  const last = Math.max(...Object.values(requested).map(({ layer }) => layer.index));
  const features: Record<string, Tensor> = {};
  let value = x;
  const layers = vggLayers(architecture).filter(({ index }) => index <= last);
  layers.forEach((layer, position) => {
    // Reflection needs a second row and column.
    if (options.padding === 'reflect' && smallestSide(value) < 2) throw tooSmall(x, layer.name);
    const before = convolve(value, layer.name);
    const readHere = Object.entries(requested).filter(([, feature]) => feature.layer.index === layer.index);
    const next = layers[position + 1];
    const endsBlock = next !== undefined && next.block !== layer.block;
    // ReLU and max pooling commute, and after pooling there are a quarter as many values.
    if (endsBlock && options.pooling === 'max' && readHere.length === 0) {
      value = relu(pool(before, options.pooling, next.name, x), `pool${layer.block}`);
      return;
    }
    // One tensor for all that read it: two would each differentiate the activation separately.
    const activated = relu(before, reluName(layer.name));
    for (const [name, feature] of readHere) features[name] = feature.activated ? activated : before;
    value = endsBlock
      ? named(pool(activated, options.pooling, next.name, x), `pool${layer.block}`)
      : activated;
  });
  return features;
}

/**
 * Resolves a layer's name and checks that the weights have it.
 * @throws StyleError `E_LAYER` that lists the layers which the file has
 * @example
 * ```ts
 * import { findLayer, loadVggWeights } from 'pastiche/engine';
 *
 * const weights = await loadVggWeights('pastiche-vgg');
 * console.log(findLayer(weights, 'relu3_1').layer.block); // 3
 * ```
 */
export function findLayer(weights: VggWeights, name: string): FeatureLayer {
  const feature = resolveLayer(weights.architecture, name);
  if (!(feature.layer.name in weights.convolutions)) {
    throw unknownLayer(name, Object.keys(weights.convolutions).map(reluName));
  }
  return feature;
}

/** The number of a layer's channels. */
export function layerChannels(weights: VggWeights, name: string): number {
  return weights.convolutions[findLayer(weights, name).layer.name]!.outputChannels;
}

function pool(value: Tensor, pooling: Pooling, next: string, picture: Tensor): Tensor {
  if (smallestSide(value) < 2) throw tooSmall(picture, next);
  return pooling === 'max' ? maxPool(value, 2) : averagePool(value, 2);
}

const smallestSide = (map: Tensor): number => Math.min(...map.shape.slice(2));

function tooSmall(picture: Tensor, layer: string): StyleError {
  const [rows, columns] = picture.shape.slice(2) as [number, number];
  return new StyleError(
    'E_IMAGE_SIZE',
    `A picture of ${columns}x${rows} is too small to reach ${reluName(layer)}.`,
    'Use a larger size, or layers of lower blocks; reflected borders need more than zeros.',
  );
}

/** One convolution with its bias, the picture's size kept. */
export function applyConvolution(
  x: Tensor,
  weights: ConvolutionWeights,
  name: string,
  padding: PaddingMode,
): Tensor {
  const { outputChannels, inputChannels, kernel } = weights;
  const weight = constant(weights.weight, [outputChannels, inputChannels, kernel, kernel], `${name}.weight`);
  const bias = constant(weights.bias, [outputChannels], `${name}.bias`);
  return sameSizeConvolution(x, weight, bias, name, padding);
}

/**
 * A convolution that keeps the picture's size.
 * @param weight `[K, C, side, side]` with an odd side
 * @param bias `[K]`
 */
export function sameSizeConvolution(
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  name: string,
  padding: PaddingMode,
): Tensor {
  const around = (weight.shape[2]! - 1) / 2;
  const result = convolution(x, weight, { bias, padding: around, border: padding });
  return named(result, name);
}
