import { estimateCost } from '../../graph/index.js';
import type { Image } from '../../images/image.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { optimizationMemory } from '../optimization-memory.js';
import type { StylizeSettings } from './options.js';
import { pictureLoss } from './picture-loss.js';
import { canvasSize, planScales, type ScalePlan } from './scales.js';

/** What a stylisation will take, before any of it is done. */
export interface StylizeEstimate {
  readonly plan: ScalePlan;
  /** Bytes of memory at the largest scale, the process itself included. */
  readonly memoryBytes: number;
  /** Floating-point operations of all steps together. */
  readonly operations: number;
}

/** Estimates memory and work of a stylisation from its graphs. */
export function estimateStylize(
  content: Pick<Image, 'width' | 'height'>,
  weights: VggWeights,
  settings: StylizeSettings,
): StylizeEstimate {
  const plan = planScales(content, settings);
  const { optimizer } = settings;
  let operations = 0;
  let memoryBytes = 0;
  for (const scale of plan.scales) {
    const { width, height } = canvasSize(scale);
    const cost = estimateCost(pictureLoss(weights, settings, width, height));
    operations += cost.operations * scale.iterations;
    memoryBytes = Math.max(memoryBytes, optimizationMemory(cost, optimizer, width, height));
  }
  return { plan, memoryBytes, operations };
}
