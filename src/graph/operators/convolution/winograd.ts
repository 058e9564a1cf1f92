import type { Shape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import type { PaddingMode } from '../border.js';
import { add } from '../arithmetic.js';
import { reshape, transpose } from '../layout.js';
import { matmul } from '../matrix.js';
import { fromTiles, toTiles, type TileAttributes } from './tiles.js';
import { inputTransform, kernelTransform, outputTransform, results, taps } from './winograd-transforms.js';

/*
 * Winograd's convolution with 3 x 3 kernels, and its gradients, as matrix products over maps with their channels last: one
 * product of `[tiles, C]` and `[C, K]` for each place in a tile, and products with the small matrices of the transforms.
 * Forward and backward pass share subexpressions, which a graph with both computes once: the transformed picture is used
 * for the weights' gradient too, and the transformed gradient for both gradients.
 */

/** What stands around the picture. */
export interface Surroundings {
  /** Rows and columns at the top, left, bottom and right. */
  readonly padding: readonly number[];
  readonly border: PaddingMode;
}

const channelsLast = (x: Tensor): Tensor => transpose(x, [0, 2, 3, 1]);
const channelsFirst = (x: Tensor): Tensor => transpose(x, [0, 3, 1, 2]);

/** A matrix of a transform times all tiles, `[from, tiles, C]` to `[to, tiles, C]`. */
function transformed(matrix: Tensor, tiles: Tensor, transposeA = false): Tensor {
  const [places, count, channels] = tiles.shape as [number, number, number];
  const product = matmul(matrix, reshape(tiles, [places, count * channels]), { transposeA });
  return reshape(product, [-1, count, channels]);
}

/** A picture's tiles, which overlap as the kernel reaches over their borders. */
function pictureTiles(shape: Shape, { padding, border }: Surroundings): TileAttributes {
  const [n, channels, height, width] = shape as [number, number, number, number];
  return { shape: [n, height, width, channels], padding, border, side: results + taps - 1, step: results };
}

/** The results' tiles, beside each other. */
function resultTiles(shape: Shape): TileAttributes {
  const [n, channels, rows, columns] = shape as [number, number, number, number];
  const filling = (length: number): number => (results - (length % results)) % results;
  return {
    shape: [n, rows, columns, channels],
    padding: [0, 0, filling(rows), filling(columns)],
    border: 'zero',
    side: results,
    step: results,
  };
}

/** `B^T d B` of every tile of a picture, `[side^2, tiles, C]`. */
const transformedPicture = (x: Tensor, around: Surroundings): Tensor =>
  transformed(inputTransform, toTiles(channelsLast(x), pictureTiles(x.shape, around)));

/** `G w G^T`, `[side^2, K, C]`. */
function transformedKernels(w: Tensor): Tensor {
  const [out, channels] = w.shape as [number, number];
  const byTap = transpose(reshape(w, [out * channels, taps * taps]), [1, 0]);
  return transformed(kernelTransform, reshape(byTap, [-1, out, channels]));
}

/** `A dy A^T` of every tile of the results' gradient, `[side^2, tiles, K]`. */
const transformedGradient = (g: Tensor): Tensor =>
  transformed(outputTransform, toTiles(channelsLast(g), resultTiles(g.shape)), true);

/** Whether kernels have as many taps as the transforms are for, and all counts of channels are in a range. */
export const suitsWinograd = (w: Tensor, least: number, most = Infinity): boolean =>
  w.shape.slice(2).every((length) => length === taps) &&
  w.shape.slice(0, 2).every((count) => count >= least && count <= most);

/**
 * The convolution, with stride 1.
 * @param x `[N, C, H, W]`
 * @param w `[K, C, 3, 3]`
 * @param bias `[K]`
 */
export function winogradConvolution(x: Tensor, w: Tensor, around: Surroundings, bias?: Tensor): Tensor {
  const products = matmul(transformedPicture(x, around), transformedKernels(w), { transposeB: true });
  const [n, , height, width] = x.shape as [number, number, number, number];
  const [top, left, bottom, right] = around.padding as [number, number, number, number];
  const shape = [n, w.shape[0]!, height + top + bottom - taps + 1, width + left + right - taps + 1];
  const result = channelsFirst(fromTiles(transformed(outputTransform, products), resultTiles(shape)));
  return bias === undefined ? result : add(result, reshape(bias, [1, -1, 1, 1]));
}

/**
 * Its gradient with respect to the picture: the transpose of every step.
 * @param shape of the picture, `[N, C, H, W]`
 */
export function winogradInputGradient(g: Tensor, w: Tensor, shape: Shape, around: Surroundings): Tensor {
  const products = matmul(transformedGradient(g), transformedKernels(w));
  return channelsFirst(fromTiles(transformed(inputTransform, products, true), pictureTiles(shape, around)));
}

/** Its gradient with respect to the weights, `[K, C, 3, 3]`. */
export function winogradWeightGradient(x: Tensor, g: Tensor, around: Surroundings): Tensor {
  const products = matmul(transformedGradient(g), transformedPicture(x, around), { transposeA: true });
  const byTap = transformed(kernelTransform, products, true);
  const [out, channels] = [g.shape[1]!, x.shape[1]!];
  return reshape(transpose(reshape(byTap, [-1, out * channels]), [1, 0]), [out, channels, taps, taps]);
}
