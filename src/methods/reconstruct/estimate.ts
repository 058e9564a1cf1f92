import { estimateCost } from '../../graph/index.js';
import type { Image } from '../../images/image.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { optimizationMemory } from '../optimization-memory.js';
import type { ReconstructSettings } from './options.js';
import type { OptimizationPlan } from '../optimize-scales.js';
import { planReconstruction, reconstructLoss } from './reconstruct.js';

/** What a reconstruction will take, before any of it is done. */
export interface ReconstructEstimate {
  readonly plan: OptimizationPlan;
  /** Bytes of memory, the process itself included. */
  readonly memoryBytes: number;
}

/**
 * Estimates the memory of a reconstruction from its graph.
 * @throws StyleError as `reconstruct` does
 */
export function estimateReconstruction(
  picture: Pick<Image, 'width' | 'height'>,
  weights: VggWeights,
  settings: ReconstructSettings,
): ReconstructEstimate {
  const plan = planReconstruction(picture, settings);
  const { width, height } = plan;
  const cost = estimateCost(reconstructLoss(weights, settings, width, height));
  return { plan, memoryBytes: optimizationMemory(cost, settings.optimizer, width, height) };
}
