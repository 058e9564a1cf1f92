import {
  add,
  constant,
  convolution,
  absolute,
  mean,
  multiply,
  subtract,
  type Tensor,
} from '../graph/index.js';
import { neighbours } from './total-variation.js';

/** Y, and Cb and Cr around 0, of RGB (ITU-R BT.601, full range), by rows. */
const lumaWeights = [0.299, 0.587, 0.114];
const chromaWeights = [-0.168736, -0.331264, 0.5, 0.5, -0.418688, -0.081312];

/** The part of luminance: style pulls at it harder than at chroma. */
const lumaShare = 6 / 7;

/** What grain is weighed with at each pixel, `[1, 1, H, W]` each. */
export interface GrainWeights<Value> {
  readonly luma: Value;
  readonly chroma: Value;
}

/** The share of the penalty for chroma that edges have, too: strokes may change colour there, grain may not. */
const chromaAtEdges = 0.3;

/**
 * Those weights from how flat the photograph is at each pixel, from 1, plain, to 0, an edge.
 * @param painting how much its neighbouring pixels differ, at the same scale
 */
export const grainWeightsOf = (
  flatness: Float32Array,
  painting: GrainWeights<number>,
): GrainWeights<Float32Array> => ({
  luma: flatness.map((value) => value / painting.luma),
  chroma: flatness.map((value) => (chromaAtEdges + (1 - chromaAtEdges) * value) / painting.chroma),
});

/**
 * Grain: an edge-aware total variation of luminance and of chroma, where the photograph is flat, against the painting's own
 * variation; 1 is a flat picture with as much of both as the painting has. Ours. Deep features hardly see values that
 * alternate from pixel to pixel, and Gram matrices put the energy of the painting's edges wherever nothing is in the way: in
 * skies. A total variation of everything that removed it would take the strokes, too.
 * @param x RGB in [0, 1], `[1, 3, H, W]`
 * @param weights by pixel, see `grainWeights`
 */
export function grainLoss(x: Tensor, weights: GrainWeights<Tensor>): Tensor {
  const luma = convolution(x, constant(lumaWeights, [1, 3, 1, 1]));
  return add(
    multiply(weightedVariation(luma, weights.luma), lumaShare),
    multiply(chromaVariation(x, weights.chroma), 1 - lumaShare),
  );
}

/**
 * The part of chroma alone.
 * @param x RGB in [0, 1], `[1, 3, H, W]`
 * @param weights by pixel, `[1, 1, H, W]`
 */
export const chromaVariation = (x: Tensor, weights: Tensor): Tensor =>
  weightedVariation(convolution(x, constant(chromaWeights, [2, 3, 1, 1])), weights);

/** `(mean w |dx| + mean w |dy|) / 2`. */
function weightedVariation(x: Tensor, weights: Tensor): Tensor {
  const terms = [2, 3]
    .filter((axis) => x.shape[axis]! > 1)
    .map((axis) => {
      const { next, previous } = neighbours(x, axis);
      return mean(multiply(absolute(subtract(next, previous)), neighbours(weights, axis).previous));
    });
  return multiply(
    terms.reduce((sum, term) => add(sum, term), constant([0], [])),
    0.5,
  );
}
