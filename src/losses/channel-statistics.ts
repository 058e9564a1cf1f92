import { add, channelMoments, mean, square, subtract, type Tensor } from '../graph/index.js';

/** Inside the root of the standard deviation, so that constant channels have a gradient. */
const epsilon = 1e-5;

/**
 * Mean and standard deviation (biased) of each channel, `[N, C, 1, 1]`.
 * @example
 * ```ts
 * import { channelStatistics, graph } from 'pastiche/engine';
 *
 * const features = graph.input('features', [1, 8, 16, 16]);
 * const { mean, deviation } = channelStatistics(features);
 * ```
 */
export function channelStatistics(features: Tensor): { mean: Tensor; deviation: Tensor } {
  const { mean: average, deviation } = channelMoments(features, epsilon);
  return { mean: average, deviation };
}

/**
 * Style as means and standard deviations of channels: the mean squared difference of the means plus that of the
 * deviations (Li et al. 2017, "Demystifying neural style transfer", section 4.2; Huang and Belongie 2017, equation 13,
 * without their roots).
 * @param features `[N, C, H, W]`
 * @param target the style's statistics, `[1, C, 1, 1]` each
 * @example
 * ```ts
 * import { channelStatisticsLoss, graph } from 'pastiche/engine';
 *
 * const features = graph.input('features', [1, 8, 16, 16]);
 * const target = { mean: graph.input('mean', [1, 8, 1, 1]), deviation: graph.input('deviation', [1, 8, 1, 1]) };
 * const loss = channelStatisticsLoss(features, target);
 * ```
 */
export function channelStatisticsLoss(features: Tensor, target: { mean: Tensor; deviation: Tensor }): Tensor {
  const found = channelStatistics(features);
  return add(
    mean(square(subtract(found.mean, target.mean))),
    mean(square(subtract(found.deviation, target.deviation))),
  );
}
