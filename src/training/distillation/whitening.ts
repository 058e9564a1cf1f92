import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { StyleError } from '../../errors.js';

/** A change of basis for the inputs of a linear map, under which they are uncorrelated with mean square 1. */
export interface Whitening {
  readonly size: number;
  /** `L^T`, lower triangle of the moments transposed: from whitened inputs' basis to weights, `[size, size]` in row-major order. */
  readonly factor: Float64Array;
  /** `L^-1`: whitened inputs are `L^-1 p`; weights are `V L^-1`. */
  readonly inverse: Float64Array;
}

/**
 * Whitens inputs with known second moments `A = L L^T`. Training weights `W = V L^-1` in their whitened form `V` is natural
 * gradient descent with the inputs' factor of the curvature: plain gradient steps in `V` are steps `-rate G A^-1` in `W` (Desjardins et al. 2015, "Natural Neural Networks", section 3; Martens and Grosse 2015).
 * @param moments `E[p p^T]`, `[size, size]` in row-major order
 * @param damping added to the diagonal, as a share of its mean: bounds how much directions in which inputs hardly vary
 * are scaled
 * @throws StyleError `E_NUMERIC` when the moments are not finite or not positive
 */
export function whiten(moments: Float64Array, size: number, damping: number): Whitening {
  const matrix = symmetricMatrix(moments, size);
  const trace = matrix.trace();
  for (let i = 0; i < size; i += 1) matrix.set(i, i, matrix.get(i, i) + (damping * trace) / size);
  const cholesky = moments.every(Number.isFinite) ? new CholeskyDecomposition(matrix) : undefined;
  if (cholesky?.isPositiveDefinite() !== true) {
    throw new StyleError(
      'E_NUMERIC',
      `The features of the training pictures have no usable statistics (mean square ${trace / size}).`,
      'Use pictures of more than one colour, a teacher whose weights are finite, or more damping.',
    );
  }
  const factor = Float64Array.from(cholesky.lowerTriangularMatrix.to1DArray());
  return { size, factor, inverse: invertLowerTriangle(factor, size) };
}

/**
 * Moments as an exactly symmetric matrix, as decompositions need: a device may sum up an entry and its transpose in different
 * order, so that their last digits differ.
 * @param moments `[size, size]` in row-major order
 */
export function symmetricMatrix(moments: Float64Array, size: number): Matrix {
  const matrix = new Matrix(size, size);
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      const value = (moments[i * size + j]! + moments[j * size + i]!) / 2;
      matrix.set(i, j, value);
      matrix.set(j, i, value);
    }
  }
  return matrix;
}

/** Forward substitution, row by row: `x_i = (e_i - sum_k<i l_ik x_k) / l_ii`. */
export function invertLowerTriangle(lower: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) {
    const row = inverse.subarray(i * size, (i + 1) * size);
    for (let k = 0; k < i; k += 1) {
      const weight = lower[i * size + k]!;
      if (weight === 0) continue;
      const earlier = inverse.subarray(k * size, k * size + k + 1);
      for (let j = 0; j <= k; j += 1) row[j] = row[j]! - weight * earlier[j]!;
    }
    const diagonal = lower[i * size + i]!;
    for (let j = 0; j < i; j += 1) row[j] = row[j]! / diagonal;
    row[i] = 1 / diagonal;
  }
  return inverse;
}
