import { estimateCost } from '../../graph/index.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { optimizationMemory } from '../optimization-memory.js';
import type { PatchStyleSettings } from './options.js';
import { patchPictureLoss } from './patch-picture-loss.js';
import { patchCanvas, type PatchScale } from './stylize-by-patches.js';

/**
 * Bytes of memory that a stylisation by patches takes at its finest scale, the process itself included. Matching works in
 * blocks and takes less than the loss.
 * @throws StyleError as `stylizeByPatches` does
 */
export function estimatePatchMemory(
  scale: PatchScale,
  weights: VggWeights,
  settings: PatchStyleSettings,
): number {
  const { width, height } = patchCanvas(scale);
  const cost = estimateCost(patchPictureLoss(weights, settings, { width, height }));
  return optimizationMemory(cost, settings.optimizer, width, height);
}
