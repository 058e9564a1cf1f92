import {
  add,
  concat,
  constant,
  convolution,
  divide,
  matmul,
  mean,
  multiply,
  pictureAt,
  reshape,
  slice,
  sqrt,
  subtract,
  sum,
  type Tensor,
} from '../graph/index.js';

/**
 * What is added to variances before they are inverted: a share of their mean, one of the mean square, from whose rounding they come,
 * and for maps of nothing but zeros a little more.
 */
const shares = { variance: 1e-3, square: 3e-5 } as const;
const least = 1e-8;

/** Enough for the ratios of variances that {@link shares} leave. */
const rootSteps = 16;

/** Numbers of {@link secondMoments} for one picture. */
export const momentCount = (channels: number): number => (channels + 1) ** 2;

/**
 * Sums of the products of every two channels and a last one of ones, over all positions, or those of a mask. The last row has the
 * sums of the channels, and the last number is how many positions there are.
 * @param map `[N, C, H, W]`
 * @param mask `[1, 1, H, W]`, 1 where a position counts and 0 elsewhere
 * @returns `[N, C + 1, C + 1]`
 */
export function productSums(map: Tensor, mask?: Tensor): Tensor {
  const [pictures, channels, height, width] = map.shape as [number, number, number, number];
  const ones = add(multiply(mean(map, [1], true), 0), 1);
  const rows = (value: Tensor): Tensor => reshape(value, [pictures, channels + 1, height * width]);
  const all = concat([map, ones], 1);
  const right = rows(all);
  return matmul(mask === undefined ? right : rows(multiply(all, mask)), right, { transposeB: true });
}

/** Means from such sums. @param sums `[N, C + 1, C + 1]` */
export function meansOfSums(sums: Tensor): Tensor {
  const [pictures, side] = sums.shape as [number, number, number];
  return divide(sums, slice(sums, [0, side - 1, side - 1], [pictures, side, side]));
}

/** A map's distribution: mean `[N, C, 1]` and covariance `[N, C, C]`. */
interface Distribution {
  readonly mean: Tensor;
  readonly covariance: Tensor;
}

const productsIn = (moments: Tensor): Tensor => {
  const [pictures, side] = moments.shape as [number, number, number];
  return slice(moments, [0, 0, 0], [pictures, side - 1, side - 1]);
};

/** From second moments. */
function distributionIn(moments: Tensor): Distribution {
  const [pictures, side] = moments.shape as [number, number, number];
  const average = slice(moments, [0, 0, side - 1], [pictures, side - 1, side]);
  const covariance = subtract(productsIn(moments), matmul(average, average, { transposeB: true }));
  return { mean: average, covariance };
}

/** A map's own: of what is centred first, there is less to round. */
function distributionOf(map: Tensor): Distribution {
  const average = mean(map, [2, 3], true);
  const covariance = productsIn(meansOfSums(productSums(subtract(map, average))));
  return { mean: reshape(average, [map.shape[0]!, map.shape[1]!, 1]), covariance };
}

/**
 * The second moments of a map with a channel of ones: means of all products of two channels, and in the last row and column those of
 * the channels. They are linear in the picture: those of two pictures side by side lie between.
 * @param map `[N, C, H, W]`
 * @returns `[N, C + 1, C + 1]`
 */
export function secondMoments(map: Tensor): Tensor {
  const { mean: average, covariance } = distributionOf(map);
  const products = add(covariance, matmul(average, average, { transposeB: true }));
  const [pictures, channels] = average.shape as [number, number, number];
  const last = concat([reshape(average, [pictures, 1, channels]), onesLike(average)], 2);
  return concat([concat([products, average], 2), last], 1);
}

/** A 1 for each picture, `[N, 1, 1]`. */
const onesLike = (average: Tensor): Tensor => add(multiply(sum(average, [1], true), 0), 1);

const identity = (side: number): Tensor =>
  constant(
    Float32Array.from({ length: side * side }, (_, i) => (i % (side + 1) === 0 ? 1 : 0)),
    [1, side, side],
  );

/** A covariance that can be inverted. */
function invertible({ mean: average, covariance }: Distribution): Tensor {
  const side = covariance.shape[1]!;
  const unit = identity(side);
  const variance = multiply(sum(multiply(covariance, unit), [1, 2], true), shares.variance / side);
  const squares = multiply(sum(multiply(average, average), [1, 2], true), shares.square / side);
  return add(covariance, multiply(add(add(variance, squares), least), unit));
}

/**
 * The square root of symmetric positive matrices and its inverse, by the coupled iteration of Newton and Schulz (Higham 2008, "Functions
 * of Matrices", equation 6.35): products alone, through which gradients flow.
 * @param matrices `[N, C, C]`
 */
function roots(matrices: Tensor): { root: Tensor; inverse: Tensor } {
  const side = matrices.shape[1]!;
  // All eigenvalues are at most 1 then, which the iteration needs.
  const norm = sqrt(sum(multiply(matrices, matrices), [1, 2], true));
  const threeHalves = multiply(identity(side), 1.5);
  let root = divide(matrices, norm);
  // Times -1/2, so that a step has one operation beside its products.
  let inverse: Tensor = subtract(multiply(root, 0), multiply(identity(side), 0.5));
  for (let step = 0; step < rootSteps; step += 1) {
    const half = add(threeHalves, matmul(inverse, root));
    root = matmul(root, half);
    inverse = matmul(half, inverse);
  }
  return { root: multiply(root, sqrt(norm)), inverse: divide(multiply(inverse, -2), sqrt(norm)) };
}

/**
 * The whitening and colouring transform (Li et al. 2017, "Universal Style Transfer via Feature Transforms", section 3.2): gives a map
 * the mean and the covariance that another one has. Of all the maps that have them this is the one in which whitened channels stay
 * what they are (ZCA).
 * @param map `[N, C, H, W]`
 * @param wanted the other one's {@link secondMoments}, `[N, C + 1, C + 1]`
 * @param own the map's, where only a part of it is seen; those of the map unless given
 */
export function whitenAndColor(map: Tensor, wanted: Tensor, own?: Tensor): Tensor {
  const [pictures, channels] = map.shape as [number, number, number, number];
  const from = own === undefined ? distributionOf(map) : distributionIn(own);
  const to = distributionIn(wanted);
  // Together: an operation for each of them takes longer than its product.
  const both = roots(concat([invertible(to), invertible(from)], 0));
  const coloring = slice(both.root, [0, 0, 0], [pictures, channels, channels]);
  const whitening = slice(both.inverse, [pictures, 0, 0], [2 * pictures, channels, channels]);
  const linear = matmul(coloring, whitening);
  const offset = subtract(to.mean, matmul(linear, from.mean));
  const parts = Array.from({ length: pictures }, (_, picture) => {
    const of = (value: Tensor): Tensor => pictureAt(value, picture);
    return convolution(of(map), reshape(of(linear), [channels, channels, 1, 1]), {
      bias: reshape(of(offset), [channels]),
    });
  });
  return pictures === 1 ? parts[0]! : concat(parts, 0);
}
