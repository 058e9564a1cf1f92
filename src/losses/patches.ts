import { add, multiply, square, subtract, sum, type Tensor } from '../graph/index.js';
import { relativeTo, type LossReduction } from './reduction.js';

/** One picture's features at a layer, `[C, H, W]`. */
export interface LayerMap {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array;
}

/** The targets of a map's patches, in a form whose loss costs no more than a content loss. */
export interface PatchTargets {
  /** `[C, H, W]`: at each position the mean over all patches that cover it of their matches' features there. */
  readonly average: Float32Array;
  /** `[H, W]`: the number of those patches. */
  readonly coverage: Float32Array;
  /** `[1]`: the loss where every position has its average; overlapping matches differ. */
  readonly residual: Float32Array;
  /** `[1]`: the style's mean sum of squares of a position, times the number of positions compared. */
  readonly energy: Float32Array;
}

/**
 * The targets of the patch loss for given matches. A patch counts at the positions where it and its match are inside their maps.
 *
 * With a position `q` covered by `n` patches, whose matches have `s_1, ..., s_n` there, and `m` their mean,
 * `sum |f - s_k|^2 = n |f - m|^2 + sum |s_k - m|^2`; the last sum does not depend on the picture.
 * @param style the map that the matches are in
 * @param matches for every position of the picture's map, `[height, width, 2]`, row and column of its match
 * @param offsets rows or columns of a patch, from its centre
 * @example
 * ```ts
 * import { patchTargets } from 'pastiche/engine';
 *
 * const style = { channels: 1, height: 2, width: 2, values: Float32Array.of(1, 2, 3, 4) };
 * // Both positions of a map of one row have their match at row 1, column 0.
 * const { average } = patchTargets(style, { height: 1, width: 2, field: Int32Array.of(1, 0, 1, 0) }, [0]);
 * console.log(average); // 3, 3
 * ```
 */
export function patchTargets(
  style: LayerMap,
  matches: { readonly height: number; readonly width: number; readonly field: Int32Array },
  offsets: readonly number[],
): PatchTargets {
  const { height, width } = matches;
  const size = height * width;
  const sources = patchSources(style, matches, offsets);
  const coverage = new Float32Array(size);
  for (const source of sources) {
    for (let q = 0; q < size; q += 1) if (source[q]! >= 0) coverage[q]! += 1;
  }
  const average = new Float32Array(style.channels * size);
  const plane = style.height * style.width;
  const [total, squares] = [new Float64Array(size), new Float64Array(size)];
  let residual = 0;
  for (let channel = 0; channel < style.channels; channel += 1) {
    total.fill(0);
    squares.fill(0);
    for (const source of sources) {
      for (let q = 0; q < size; q += 1) {
        const at = source[q]!;
        if (at < 0) continue;
        const value = style.values[channel * plane + at]!;
        total[q]! += value;
        squares[q]! += value * value;
      }
    }
    for (let q = 0; q < size; q += 1) {
      if (coverage[q] === 0) continue;
      const mean = total[q]! / coverage[q]!;
      average[channel * size + q] = mean;
      residual += squares[q]! - mean * total[q]!;
    }
  }
  const comparisons = coverage.reduce((sumSoFar, count) => sumSoFar + count, 0);
  const styleEnergy = style.values.reduce((sumSoFar, value) => sumSoFar + value * value, 0) / plane;
  return {
    average,
    coverage,
    residual: Float32Array.of(Math.max(residual, 0)),
    energy: Float32Array.of(comparisons * styleEnergy),
  };
}

/** For each offset in a patch: the style's position that corresponds to each position of the picture; -1 outside a map. */
function patchSources(
  style: LayerMap,
  { height, width, field }: { readonly height: number; readonly width: number; readonly field: Int32Array },
  offsets: readonly number[],
): Int32Array[] {
  return offsets.flatMap((dy) =>
    offsets.map((dx) => {
      const source = new Int32Array(height * width).fill(-1);
      for (let row = 0; row < height; row += 1) {
        for (let column = 0; column < width; column += 1) {
          const [y, x] = [row - dy, column - dx];
          if (y < 0 || y >= height || x < 0 || x >= width) continue;
          const at = 2 * (y * width + x);
          const [v, u] = [field[at]! + dy, field[at + 1]! + dx];
          if (v < 0 || v >= style.height || u < 0 || u >= style.width) continue;
          source[row * width + column] = v * style.width + u;
        }
      }
      return source;
    }),
  );
}

/**
 * Style as patches: the sum over all patches of the squared distance to their match, which is held constant (Li and Wand
 * 2016, "Combining Markov Random Fields and Convolutional Neural Networks for Image Synthesis", equation 2). `relative`
 * divides it by the energy of as many positions of the style, our own, so that it means the same for every size and network.
 * @param features `[1, C, H, W]`
 * @param targets of {@link patchTargets}: `average` `[1, C, H, W]`, `coverage` `[1, 1, H, W]`, `residual` and `energy` `[1]`
 * @example
 * ```ts
 * import { graph, patchLoss } from 'pastiche/engine';
 *
 * const features = graph.input('features', [1, 8, 16, 16]);
 * const targets = {
 *   average: graph.input('average', [1, 8, 16, 16]),
 *   coverage: graph.input('coverage', [1, 1, 16, 16]),
 *   residual: graph.input('residual', [1]),
 *   energy: graph.input('energy', [1]),
 * };
 * const loss = patchLoss(features, targets, 'relative');
 * ```
 */
export function patchLoss(
  features: Tensor,
  targets: Readonly<Record<keyof PatchTargets, Tensor>>,
  reduction: Extract<LossReduction, 'sum' | 'relative'>,
): Tensor {
  const distances = multiply(square(subtract(features, targets.average)), targets.coverage);
  const total = add(sum(distances), sum(targets.residual));
  return reduction === 'sum' ? total : relativeTo(total, sum(targets.energy));
}
