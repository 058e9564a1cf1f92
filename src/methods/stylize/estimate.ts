import { estimateCost } from '../../graph/index.js';
import type { Image } from '../../images/image.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { optimizationMemory } from '../optimization-memory.js';
import type { StylizeSettings } from './options.js';
import {
  activeHistogramLayers,
  activeStyleLayers,
  pictureActivations,
  pictureLoss,
  termGradients,
} from './picture-loss.js';
import { canvasSize, planScales, type ScalePlan } from './scales.js';

/** What a stylisation will take, before any of it is done. */
export interface StylizeEstimate {
  readonly plan: ScalePlan;
  /** Bytes of memory at the largest scale, the process itself included. */
  readonly memoryBytes: number;
  /** Floating-point operations of all steps together. */
  readonly operations: number;
}

/**
 * Estimates memory and work of a stylisation from its graphs.
 * @param regions how many regions the work has, where it has masks
 */
export function estimateStylize(
  content: Pick<Image, 'width' | 'height'>,
  weights: VggWeights,
  settings: StylizeSettings,
  regions?: number,
): StylizeEstimate {
  const layers = activeStyleLayers(settings);
  const histograms = activeHistogramLayers(settings);
  const areas =
    regions === undefined
      ? undefined
      : Array.from({ length: regions }, (_, region) => ({ region, weight: 1, layers, histograms }));
  const plan = planScales(content, settings);
  const { optimizer } = settings;
  let operations = 0;
  let memoryBytes = 0;
  for (const scale of plan.scales) {
    const { width, height } = canvasSize(scale);
    const loss = estimateCost(pictureLoss(weights, settings, width, height, areas));
    // The activations to be remapped are a graph of their own, which is there at the same time.
    const remapped =
      histograms.length === 0
        ? { operations: 0, peakBytes: 0, constantBytes: 0 }
        : estimateCost(pictureActivations(weights, settings, width, height));
    const together = (cost: typeof remapped): typeof remapped => ({
      operations: cost.operations + remapped.operations,
      peakBytes: cost.peakBytes + remapped.peakBytes,
      constantBytes: cost.constantBytes + remapped.constantBytes,
    });
    operations += together(loss).operations * scale.iterations;
    memoryBytes = Math.max(memoryBytes, optimizationMemory(together(loss), optimizer, width, height));
    if (settings.autoTune) {
      const tuning = together(estimateCost(termGradients(weights, settings, width, height, areas)));
      operations += tuning.operations;
      memoryBytes = Math.max(memoryBytes, optimizationMemory(tuning, optimizer, width, height));
    }
  }
  return { plan, memoryBytes, operations };
}
