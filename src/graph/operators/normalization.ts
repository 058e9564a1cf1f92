import { shapeError } from '../shape.js';
import { apply, constant, type Operator, type Tensor } from '../tensor.js';
import { add, divide, multiply, sqrt, square, subtract } from './arithmetic.js';
import { sum } from './broadcasting.js';
import { reshape } from './layout.js';
import { matmul } from './matrix.js';
import { mean } from './reduction.js';

const instanceNormalizationOperator: Operator<{ epsilon: number }> = {
  name: 'instanceNormalization',
  infer: ([x, scale, shift]) => {
    const channels = x!.shape[1]!;
    if (
      x!.shape.length !== 4 ||
      [scale!, shift!].some(({ shape }) => shape.length !== 1 || shape[0] !== channels)
    ) {
      throw shapeError(
        'instance normalization',
        [x!.shape, scale!.shape, shift!.shape],
        'scale and shift need one value per channel',
      );
    }
    return { shape: x!.shape, dtype: 'float32' };
  },
  emit: (_, emitter, { epsilon }) =>
    void emitter.node('InstanceNormalization', emitter.inputs, { epsilon }, emitter.output),
  gradient: (tensor, g, { epsilon }, needed) => {
    const [x, scale] = tensor.inputs as [Tensor, Tensor];
    const { deviation, centred } = channelMoments(x, epsilon);
    // Means per picture and channel first: they need the fewest passes over the maps themselves.
    const average = mean(g, [2, 3], true);
    const along = channelProducts(g, centred);
    const [, , height, width] = x.shape as [number, number, number, number];
    const slope = divide(along, multiply(square(deviation), height * width));
    const factor = divide(reshape(scale, [1, -1, 1, 1]), deviation);
    const across = subtract(subtract(g, average), multiply(centred, slope));
    return [
      needed[0] ? multiply(across, factor) : undefined,
      needed[1] ? sum(divide(along, deviation), [0, 2, 3]) : undefined,
      needed[2] ? multiply(sum(average, [0, 2, 3]), height * width) : undefined,
    ];
  },
};

/**
 * Mean and standard deviation of every channel of every picture, `[N, C, 1, 1]`.
 * The deviation is `sqrt(variance + epsilon)` with the biased variance (divided by H W), as in instance normalization.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [1, 8, 16, 16]);
 * const { mean, deviation, centred } = graph.channelMoments(x, 1e-5);
 * ```
 */
export function channelMoments(
  x: Tensor,
  epsilon: number,
): { mean: Tensor; deviation: Tensor; centred: Tensor } {
  const average = mean(x, [2, 3], true);
  const centred = subtract(x, average);
  const count = x.shape[2]! * x.shape[3]!;
  const variance = multiply(channelProducts(centred, centred), 1 / count);
  const deviation = sqrt(add(variance, epsilon));
  return { mean: average, centred, deviation };
}

/** The sum of `a b` over every channel of every picture, `[N, C, 1, 1]`, without writing the products to memory. */
function channelProducts(a: Tensor, b: Tensor): Tensor {
  const [n, channels, height, width] = a.shape as [number, number, number, number];
  const rows = (x: Tensor): Tensor => reshape(x, [n * channels, 1, height * width]);
  const left = rows(a);
  return reshape(matmul(left, a === b ? left : rows(b), { transposeB: true }), [n, channels, 1, 1]);
}

/**
 * `scale (x - mean) / sqrt(variance + epsilon) + shift`, moments per picture and channel (Ulyanov et al. 2016).
 * @param x `[N, C, H, W]`
 * @param scale `[C]`, or `[N, C]` for conditional instance normalization (Dumoulin et al. 2017), one row per picture
 * @param shift as `scale`
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [1, 8, 16, 16]);
 * const [scale, shift] = [graph.input('scale', [8]), graph.input('shift', [8])];
 * const normalized = graph.instanceNormalization(x, scale, shift);
 * ```
 */
export function instanceNormalization(x: Tensor, scale: Tensor, shift: Tensor, epsilon = 1e-5): Tensor {
  if (scale.shape.length === 1) return apply(instanceNormalizationOperator, [x, scale, shift], { epsilon });
  const [n, channels] = x.shape as [number, number];
  if (n === 1) {
    const row = (values: Tensor): Tensor => reshape(values, [channels]);
    return apply(instanceNormalizationOperator, [x, row(scale), row(shift)], { epsilon });
  }
  const ones = constant(new Float32Array(channels).fill(1), [channels]);
  const none = constant(new Float32Array(channels), [channels]);
  const plain = apply(instanceNormalizationOperator, [x, ones, none], { epsilon });
  return add(multiply(plain, reshape(scale, [n, channels, 1, 1])), reshape(shift, [n, channels, 1, 1]));
}
