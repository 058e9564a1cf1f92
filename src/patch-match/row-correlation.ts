import { diagonalSums, divide, gather, input, matmul, max, type NamedTensors } from '../graph/index.js';
import { firstBest } from './first-best.js';
import { tapReach, type PatchTaps } from './patch-taps.js';

/** How rows of the input are compared with rows of the target: some at once, in tiles of columns. */
export interface RowTiles {
  /** Patches of a tile: rows, columns of the input, columns of the target. */
  readonly rows: number;
  readonly inputColumns: number;
  readonly targetColumns: number;
  /** Positions along a tile with what its patches reach, and maybe more. */
  readonly inputWidth: number;
  readonly targetWidth: number;
}

/** Shapes that a graph of {@link rowMaxima} is for. */
export interface RowShape extends RowTiles {
  readonly channels: number;
  readonly taps: PatchTaps;
  /** Rows of the target, those of zeros included. */
  readonly targetRows: number;
  /** Inner dimension of the product of norms. */
  readonly norms: number;
}

/**
 * For patches of some rows of the input, the highest normalised cross-correlation, `sum(a b) / (|a| |b| + epsilon)`, with the
 * patches of one row of the target each.
 *
 * The product of two patches is the sum, over their taps, of products of single positions. Row y of the input is compared
 * with row y + d of the target, the next with the next. So the products of a pair of rows serve all pairs of patches that they
 * are part of, and the sums over the taps run along the rows and along the diagonals of columns against columns. That takes
 * as few operations as there are channels, and each product is read once.
 *
 * Inputs: `input` `[rows + reach, inputWidth, C]`, `target` `[targetRows, C, targetWidth]`, and which of its rows are compared,
 * `targetRow` `[rows + reach]`; the factors of the norms, `inputNorms` `[rows, inputColumns, K]` and `targetNorms`
 * `[rows, K, targetColumns]`.
 * @returns `score` `[rows, inputColumns]`
 */
export function rowMaxima(shape: RowShape): NamedTensors {
  const { rows, inputColumns, targetColumns, inputWidth, targetWidth, channels, taps, norms } = shape;
  const window = rows + tapReach(taps);
  const target = gather(
    input('target', [shape.targetRows, channels, targetWidth]),
    input('targetRow', [window], 'int64'),
    0,
  );
  const products = matmul(input('input', [window, inputWidth, channels]), target);
  const sums = diagonalSums(products, taps.count, {
    step: taps.step,
    shape: [rows, inputColumns, targetColumns],
  });
  const scores = divide(
    sums,
    matmul(
      input('inputNorms', [rows, inputColumns, norms]),
      input('targetNorms', [rows, norms, targetColumns]),
    ),
  );
  return { score: max(scores, [2]) };
}

/** Shapes that a graph of {@link bestOfRow} is for. */
export interface RefinementShape {
  readonly patches: number;
  /** Values of a patch. */
  readonly values: number;
  readonly targetColumns: number;
  readonly norms: number;
}

/**
 * For some patches of the input, the best match in one row of the target.
 *
 * Inputs: `patches` `[patches, values]`, `target` `[targetColumns, values]`, and the factors of the norms, `inputNorms`
 * `[patches, K]` and `targetNorms` `[K, targetColumns]`.
 * @returns `score` `[patches]`, and `match` `[patches]`, the column of the target; of equal ones the first
 */
export function bestOfRow({ patches, values, targetColumns, norms }: RefinementShape): NamedTensors {
  const products = matmul(input('patches', [patches, values]), input('target', [targetColumns, values]), {
    transposeB: true,
  });
  const denominators = matmul(
    input('inputNorms', [patches, norms]),
    input('targetNorms', [norms, targetColumns]),
  );
  return firstBest(divide(products, denominators));
}
