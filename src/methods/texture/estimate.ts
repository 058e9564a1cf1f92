import { estimateCost } from '../../graph/index.js';
import type { Image } from '../../images/image.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { optimizationMemory } from '../optimization-memory.js';
import type { TextureSettings } from './options.js';
import { planTexture, textureCanvas, type TexturePlan } from './plan.js';
import { textureLoss, textureTargets } from './texture-loss.js';

/** What a texture will take, before any of it is done. */
export interface TextureEstimate {
  readonly plan: TexturePlan;
  /** Bytes of memory at the scale that takes most, the process itself included. */
  readonly memoryBytes: number;
}

/**
 * Estimates the memory of a texture from its graphs.
 * @throws StyleError as `synthesizeTexture` does
 */
export function estimateTexture(
  sample: Pick<Image, 'width' | 'height'>,
  weights: VggWeights,
  settings: TextureSettings,
): TextureEstimate {
  const plan = planTexture(sample, settings);
  const needs = plan.scales.flatMap((scale) => {
    const { width, height } = textureCanvas(scale);
    const { sampleWidth, sampleHeight } = scale;
    const loss = estimateCost(textureLoss(weights, settings, width, height));
    const targets = estimateCost(textureTargets(weights, settings, sampleWidth, sampleHeight));
    return [
      optimizationMemory(loss, settings.optimizer, width, height),
      optimizationMemory(targets, settings.optimizer, sampleWidth, sampleHeight),
    ];
  });
  return { plan, memoryBytes: Math.max(...needs) };
}
