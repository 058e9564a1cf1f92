import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** Mean colour and covariance of colours, RGB in [0, 1]. */
export interface ColorMoments {
  /** 3 values. */
  readonly mean: readonly number[];
  /** 3 rows of 3; the mean of the products of deviations. */
  readonly covariance: readonly (readonly number[])[];
}

/**
 * Which of the linear maps that carry one covariance to another:
 * - `monge-kantorovich`: the one that changes the colours least, in the mean of squares (optimal transport between normal
 *   distributions; Pitie and Kokaram 2007). It is symmetric and positive definite, so it rotates no colour;
 * - `symmetric`: `R^(1/2) S^(-1/2)` (Gatys et al. 2016b, "Preserving color in neural artistic style transfer",
 *   "image analogies" after Hertzmann et al. 2001);
 * - `cholesky`: `L_R L_S^-1` (the same paper). It depends on the order of the channels.
 */
export type AffineForm = 'monge-kantorovich' | 'symmetric' | 'cholesky';

/** The variance of rounding to 8 bits: below it there is only noise. */
const roundingVariance = 1 / 255 ** 2 / 12;

/** Mean and covariance of the colours at some positions, summed in double precision. */
export function colorMoments(rgb: Float32Array, positions: Uint32Array): ColorMoments {
  const pixels = rgb.length / 3;
  const count = positions.length;
  const channels = [0, 1, 2];
  const mean = channels.map((channel) => {
    let sum = 0;
    for (let i = 0; i < count; i += 1) sum += rgb[channel * pixels + positions[i]!]!;
    return sum / count;
  });
  const covariance = channels.map((a) =>
    channels.map((b) => {
      let sum = 0;
      for (let i = 0; i < count; i += 1) {
        const at = positions[i]!;
        sum += (rgb[a * pixels + at]! - mean[a]!) * (rgb[b * pixels + at]! - mean[b]!);
      }
      return sum / count;
    }),
  );
  return { mean, covariance };
}

/**
 * The linear map A with `A S A^T = R`, S the source's covariance and R the reference's. Directions without variance in S, up to the
 * rounding of 8 bits, map to zero: a source of one colour becomes the reference's mean, and of a grey one only the greys
 * are stretched.
 * @returns 3 rows of 3
 */
export function affineColorMap(source: ColorMoments, reference: ColorMoments, form: AffineForm): number[][] {
  const [s, r] = [source, reference].map(
    ({ covariance }) => new Matrix(covariance.map((row) => [...row])),
  ) as [Matrix, Matrix];
  switch (form) {
    case 'symmetric':
      return power(r, 0.5, 0)
        .mmul(power(s, -0.5, roundingVariance))
        .to2DArray();
    case 'cholesky':
      return lowerTriangle(r, 0)
        .mmul(invertLower(lowerTriangle(s, roundingVariance)))
        .to2DArray();
    case 'monge-kantorovich': {
      const [root, inverse] = [power(s, 0.5, roundingVariance), power(s, -0.5, roundingVariance)];
      const between = power(root.mmul(r).mmul(root), 0.5, 0);
      return inverse.mmul(between).mmul(inverse).to2DArray();
    }
  }
}

/**
 * A symmetric map that stretches no direction by more than a factor: colours that a picture hardly has are noise in it.
 * @returns 3 rows of 3
 */
export function limitedColorMap(map: readonly (readonly number[])[], most: number): number[][] {
  const matrix = new Matrix(map.map((row) => [...row]));
  return withEigenvalues(matrix, (value) => Math.min(value, most)).to2DArray();
}

/**
 * Maps the colours at some positions: `A (x - m_source) + m_reference`, in range.
 * @param rgb three planes, which are changed
 */
export function mapColors(
  rgb: Float32Array,
  positions: Uint32Array,
  source: ColorMoments,
  reference: ColorMoments,
  map: readonly (readonly number[])[],
): void {
  const pixels = rgb.length / 3;
  const [r, g, b] = source.mean as [number, number, number];
  for (const at of positions) {
    const [red, green, blue] = [rgb[at]! - r, rgb[pixels + at]! - g, rgb[2 * pixels + at]! - b];
    for (let channel = 0; channel < 3; channel += 1) {
      const [x, y, z] = map[channel] as [number, number, number];
      const value = reference.mean[channel]! + x * red + y * green + z * blue;
      rgb[channel * pixels + at] = Math.min(Math.max(value, 0), 1);
    }
  }
}

/** A power of a symmetric matrix; eigenvalues not above `floor` count as zero, and so do their powers. */
const power = (matrix: Matrix, exponent: number, floor: number): Matrix =>
  withEigenvalues(matrix, (value) => (value > floor ? value ** exponent : 0));

/** A symmetric matrix with the same eigenvectors and other eigenvalues. */
function withEigenvalues(matrix: Matrix, change: (value: number) => number): Matrix {
  const { realEigenvalues, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(matrix, {
    assumeSymmetric: true,
  });
  return vectors.mmul(Matrix.diag(realEigenvalues.map(change))).mmul(vectors.transpose());
}

/** The Cholesky factor of a matrix that may be singular: a pivot not above `floor` leaves its column zero. */
function lowerTriangle(matrix: Matrix, floor: number): Matrix {
  const size = matrix.rows;
  const lower = Matrix.zeros(size, size);
  for (let column = 0; column < size; column += 1) {
    const rest = (row: number): number => {
      let value = matrix.get(row, column);
      for (let k = 0; k < column; k += 1) value -= lower.get(row, k) * lower.get(column, k);
      return value;
    };
    const pivot = rest(column);
    if (pivot <= floor) continue;
    for (let row = column; row < size; row += 1) lower.set(row, column, rest(row) / Math.sqrt(pivot));
  }
  return lower;
}

/** The inverse of a lower triangle by forward substitution; a zero on the diagonal leaves its row zero. */
function invertLower(lower: Matrix): Matrix {
  const size = lower.rows;
  const inverse = Matrix.zeros(size, size);
  for (let row = 0; row < size; row += 1) {
    const pivot = lower.get(row, row);
    if (pivot === 0) continue;
    for (let column = 0; column <= row; column += 1) {
      let value = row === column ? 1 : 0;
      for (let k = column; k < row; k += 1) value -= lower.get(row, k) * inverse.get(k, column);
      inverse.set(row, column, value / pivot);
    }
  }
  return inverse;
}

/** How far brightness is spread; nothing where it is spread no further than rounding does. */
export function spreadFactor(sourceVariance: number, referenceVariance: number): number {
  return sourceVariance > roundingVariance ? Math.sqrt(referenceVariance / sourceVariance) : 0;
}
