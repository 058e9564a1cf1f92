import { input, type Tensor } from '../../graph/index.js';
import type { Size } from '../../images/image.js';
import type { GrainWeights } from '../../losses/grain.js';
import type { LossTerm } from '../../losses/terms.js';

/** The name of the picture among a graph's inputs. */
export const pictureInput = 'picture';

/**
 * The picture that a graph is about, `[1, 3, H, W]`.
 * @example
 * ```ts
 * import { graph, pictureOf } from 'pastiche/engine';
 *
 * const brightness = graph.mean(pictureOf({ width: 64, height: 48 }));
 * ```
 */
export const pictureOf = ({ width, height }: Size): Tensor => input(pictureInput, [1, 3, height, width]);

/** Names of a loss graph's targets, by the layer that they are about. */
export const contentInput = (layer: string): string => `content.${layer}`;
export const styleInput = (layer: string, region?: number): string =>
  region === undefined ? `style.${layer}` : `style.${layer}.${region}`;
/** Activations as the network has them, and as they are remapped to the style's distribution. */
export const histogramInput = (layer: string): string => `histogram.${layer}`;
/** What grain is weighed with at each pixel. */
export const grainInput = (plane: keyof GrainWeights<unknown>): string => `grain.${plane}`;

/** The weights of the grain of a picture, `[1, 1, H, W]` each. */
export function grainTensors(x: Tensor): GrainWeights<Tensor> {
  const [, , height, width] = x.shape as [number, number, number, number];
  const plane = (name: keyof GrainWeights<unknown>): Tensor => input(grainInput(name), [1, 1, height, width]);
  return { luma: plane('luma'), chroma: plane('chroma') };
}

/** What a term is multiplied by, where the terms are tuned. */
export const factorInput = (term: LossTerm | ''): string => `factor.${term}`;
