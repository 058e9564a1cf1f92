import { flatness, type Variation } from '../../images/flatness.js';
import type { Image } from '../../images/image.js';
import { grainWeightsOf, type GrainWeights } from '../../losses/grain.js';
import { grainInput } from './graph-inputs.js';

/**
 * Weights of the grain loss: how flat the photograph is, divided by how much the painting's pixels differ.
 * @param photograph at the size of the picture
 * @param painting its variation at the same scale
 */
export const grainWeights = (photograph: Image, painting: Variation): GrainWeights<Float32Array> =>
  grainWeightsOf(flatness(photograph), painting);

/**
 * The values of those weights.
 * @param photograph at the size of the picture, with its margin
 * @param paintings their variations at the same scale
 * @param blend the paintings' parts of 1; equal ones unless given
 */
export function grainValues(
  photograph: Image,
  paintings: readonly Variation[],
  blend: readonly number[] = paintings.map(() => 1 / paintings.length),
): Record<string, Float32Array> {
  const mean = (plane: keyof Variation): number =>
    paintings.reduce((sum, variation, index) => sum + blend[index]! * variation[plane], 0);
  const { luma, chroma } = grainWeights(photograph, { luma: mean('luma'), chroma: mean('chroma') });
  return { [grainInput('luma')]: luma, [grainInput('chroma')]: chroma };
}
