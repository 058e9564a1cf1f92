import { shapeError } from '../shape.js';
import { apply, constant, type Operator, type Tensor } from '../tensor.js';
import { add, divide, multiply, sqrt, square, subtract } from './arithmetic.js';
import { reshape } from './layout.js';
import { mean, sum } from './reduction.js';

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
        'scale and shift need one value a channel',
      );
    }
    return { shape: x!.shape, dtype: 'float32' };
  },
  emit: (_, emitter, { epsilon }) =>
    void emitter.node('InstanceNormalization', emitter.inputs, { epsilon }, emitter.output),
  gradient: (tensor, g, { epsilon }, needed) => {
    const [x, scale] = tensor.inputs as [Tensor, Tensor];
    const { deviation, centred } = channelMoments(x, epsilon);
    const normalized = divide(centred, deviation);
    const along = multiply(normalized, mean(multiply(g, normalized), [2, 3], true));
    const across = subtract(subtract(g, mean(g, [2, 3], true)), along);
    const factor = divide(reshape(scale, [1, -1, 1, 1]), deviation);
    return [
      needed[0] ? multiply(across, factor) : undefined,
      needed[1] ? sum(multiply(g, normalized), [0, 2, 3]) : undefined,
      needed[2] ? sum(g, [0, 2, 3]) : undefined,
    ];
  },
};

/**
 * Mean and standard deviation of every channel of every picture, `[N, C, 1, 1]`.
 * The deviation is `sqrt(variance + epsilon)` with the biased variance (divided by H W), as in instance normalization.
 */
export function channelMoments(
  x: Tensor,
  epsilon: number,
): { mean: Tensor; deviation: Tensor; centred: Tensor } {
  const average = mean(x, [2, 3], true);
  const centred = subtract(x, average);
  return { mean: average, centred, deviation: sqrt(add(mean(square(centred), [2, 3], true), epsilon)) };
}

/**
 * `scale (x - mean) / sqrt(variance + epsilon) + shift`, moments per picture and channel (Ulyanov et al. 2016).
 * @param x `[N, C, H, W]`
 * @param scale `[C]`, or `[N, C]` for conditional instance normalization (Dumoulin et al. 2017), one row a picture
 * @param shift as `scale`
 */
export function instanceNormalization(x: Tensor, scale: Tensor, shift: Tensor, epsilon = 1e-5): Tensor {
  if (scale.shape.length === 1) return apply(instanceNormalizationOperator, [x, scale, shift], { epsilon });
  const [n, channels] = x.shape as [number, number];
  const ones = constant(new Float32Array(channels).fill(1), [channels]);
  const none = constant(new Float32Array(channels), [channels]);
  const plain = apply(instanceNormalizationOperator, [x, ones, none], { epsilon });
  return add(multiply(plain, reshape(scale, [n, channels, 1, 1])), reshape(shift, [n, channels, 1, 1]));
}
