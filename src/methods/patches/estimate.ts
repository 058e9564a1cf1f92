import { estimateCost } from '../../graph/index.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { optimizationMemory } from '../optimization-memory.js';
import type { PatchStyleSettings } from './options.js';
import { patchPictureLoss } from './patch-picture-loss.js';

/**
 * Bytes of memory that a stylisation by patches takes at its finest scale, the process itself included. Matching works in
 * blocks and takes less than the loss.
 * @throws StyleError as `stylizeByPatches` does
 */
export function estimatePatchMemory(
  scale: { readonly width: number; readonly height: number },
  weights: VggWeights,
  settings: PatchStyleSettings,
): number {
  const cost = estimateCost(patchPictureLoss(weights, settings, scale));
  return optimizationMemory(cost, settings.optimizer, scale.width, scale.height);
}
