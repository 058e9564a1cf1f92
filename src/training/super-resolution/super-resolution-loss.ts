import {
  absolute,
  add,
  clip,
  divide,
  input,
  log,
  mean,
  multiply,
  square,
  subtract,
  type NamedTensors,
  type Tensor,
} from '../../graph/index.js';
import { enlargingNetwork } from '../../networks/enlarging-network.js';
import { vggFeatures } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { enlargingOptions, type SuperResolutionSettings } from './super-resolution-settings.js';

/** Where features are compared (Johnson et al. 2016, section 4.2). */
export const featureLayer = 'relu2_2';
/** How the network is used: as `stylize` uses it. */
const features = { pooling: 'max', padding: 'zero' } as const;
/** The graph's input of small pictures. */
export const smallInput = 'small';
/** Keeps what is divided by or made a logarithm of above 0. */
const least = 1e-8;

/** What the small pictures become. @param pictures that they were made from */
export function enlargedCrops(
  pictures: Tensor,
  parameters: NamedTensors,
  settings: SuperResolutionSettings,
): Tensor {
  const [count, , height, width] = pictures.shape as [number, number, number, number];
  const { factor } = settings;
  const small = input(smallInput, [count, 3, height / factor, width / factor]);
  return enlargingNetwork(small, parameters, enlargingOptions(settings));
}

/**
 * The terms of the loss: the mean absolute difference of pixels; or beside it the squared difference of features, divided by the
 * picture's own sum of squares, where the paper divides by their number.
 * @param pictures what the small ones were made from
 * @returns means over the pictures, weighted
 */
export function superResolutionTerms(
  pictures: Tensor,
  enlarged: Tensor,
  network: VggWeights,
  { loss, pixelWeight }: SuperResolutionSettings,
): NamedTensors {
  const pixel = mean(absolute(subtract(enlarged, pictures)));
  if (loss === 'pixel') return { pixel };
  const featuresOf = (x: Tensor): Tensor => vggFeatures(x, network, [featureLayer], features)[featureLayer]!;
  const target = featuresOf(pictures);
  const squares = mean(square(subtract(featuresOf(enlarged), target)), [1, 2, 3]);
  const feature = mean(divide(squares, add(mean(square(target), [1, 2, 3]), least)));
  return pixelWeight === 0 ? { feature } : { feature, pixel: multiply(pixel, pixelWeight) };
}

/** The mean over pictures of the peak signal-to-noise ratio of RGB, in decibels. */
export function signalToNoise(pictures: Tensor, enlarged: Tensor): Tensor {
  const squares = mean(square(subtract(clip(enlarged, 0, 1), pictures)), [1, 2, 3]);
  return multiply(mean(log(add(squares, least))), -10 / Math.LN10);
}
