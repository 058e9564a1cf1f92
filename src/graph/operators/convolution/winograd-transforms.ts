import { constant, type Tensor } from '../../tensor.js';

/*
 * Winograd's minimal filtering for small kernels (Lavin & Gray 2016, "Fast algorithms for convolutional neural networks"),
 * as Toom and Cook construct it. A tile of `n = m + r - 1` values `d` under a kernel of `r` taps `w` gives `m` results
 *
 *   y = A^T ((G w) * (B^T d)),   of a picture: Y = A^T ((G w G^T) * (B^T d B)) A,
 *
 * where `*` multiplies value by value: `n^2` multiplications for `m^2` results instead of `m^2 r^2`. Kernel and results are
 * polynomials, known by their values at `n - 1` points and at infinity.
 */

/** Taps of the kernel and results of a tile, along each axis. */
export const taps = 3;
export const results = 4;

/**
 * The `results + taps - 2` finite points. Small ones whose powers are exact keep rounding small: results differ from the
 * exact ones by 1.1e-6 of their size, with the common 0, 1, -1, 2, -2 by 2.4e-6, and direct sums by 1.3e-7 (normal values, 128
 * channels).
 */
const points = [0, 0.75, -0.75, 1.5, -1.5];

/** A matrix by rows. */
type Matrix = readonly (readonly number[])[];

/** Coefficients of the product of `x - p`, lowest power first. */
const fromRoots = (roots: readonly number[]): number[] =>
  roots.reduce(
    (product, root) => [...product, 0].map((value, power) => (product[power - 1] ?? 0) - root * value),
    [1],
  );

/** The matrices of one axis: `output` is A^T `[m, n]`, `kernel` is G `[n, r]` and `input` is B^T `[n, n]`. */
function winogradMatrices(): { output: Matrix; kernel: Matrix; input: Matrix } {
  const powers = (count: number): number[] => Array.from({ length: count }, (_, power) => power);
  const atInfinity = (count: number): number[] => powers(count).map((power) => (power === count - 1 ? 1 : 0));
  const others = (point: number): number[] => points.filter((other) => other !== point);
  const weight = (point: number): number =>
    others(point).reduce((product, other) => product * (point - other), 1);
  return {
    output: powers(results).map((power) => [
      ...points.map((point) => point ** power),
      atInfinity(results)[power]!,
    ]),
    kernel: [
      ...points.map((point) => powers(taps).map((power) => point ** power / weight(point))),
      atInfinity(taps),
    ],
    input: [...points.map((point) => [...fromRoots(others(point)), 0]), fromRoots(points)],
  };
}

/** The Kronecker product of a matrix with itself: the same transform along both axes of a tile at once. */
function alongBothAxes(matrix: Matrix): Tensor {
  const rows = matrix.flatMap((one) => matrix.map((other) => one.flatMap((a) => other.map((b) => a * b))));
  return constant(Float32Array.from(rows.flat()), [rows.length, rows[0]!.length]);
}

const { output, kernel, input } = winogradMatrices();

/** `A^T` along both axes, `[results^2, side^2]`, where a tile's `side` is `results + taps - 1`. */
export const outputTransform = alongBothAxes(output);
/** `G` along both axes, `[side^2, taps^2]`. */
export const kernelTransform = alongBothAxes(kernel);
/** `B^T` along both axes, `[side^2, side^2]`. */
export const inputTransform = alongBothAxes(input);
