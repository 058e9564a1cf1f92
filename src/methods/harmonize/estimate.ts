import { estimateCost } from '../../graph/index.js';
import type { Image } from '../../images/image.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { optimizationMemory } from '../optimization-memory.js';
import { harmonizeLoss } from './harmonize-loss.js';
import type { OptimizationPlan } from '../optimize-scales.js';
import { planHarmonization } from './harmonize.js';
import type { HarmonizeSettings } from './options.js';

/** What a harmonisation will take, before any of it is done. */
export interface HarmonizeEstimate {
  readonly plan: OptimizationPlan;
  /** Bytes of memory, the process itself included. */
  readonly memoryBytes: number;
}

/**
 * Estimates the memory of a harmonisation from its larger graph, for an object as large as the painting; a smaller one
 * takes less.
 * @throws StyleError `E_LAYER` for a layer that the network doesn't have, `E_IMAGE_SIZE` when it can't be reached
 */
export function estimateHarmonization(
  painting: Pick<Image, 'width' | 'height'>,
  weights: VggWeights,
  settings: HarmonizeSettings,
): HarmonizeEstimate {
  const plan = planHarmonization(painting, settings);
  const { width, height } = plan.scales[0]!;
  const ofPass = (pass: 'coarse' | 'fine'): number =>
    optimizationMemory(
      estimateCost(harmonizeLoss(weights, settings, pass, { width, height })),
      settings.optimizer,
      width,
      height,
    );
  return { plan, memoryBytes: Math.max(ofPass('coarse'), ofPass('fine')) };
}
