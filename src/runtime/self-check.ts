import {
  constant,
  convolution,
  divide,
  gradients,
  input,
  matmul,
  maxPool,
  mean,
  relu,
  reshape,
  resize,
  square,
  transpose,
  type NamedTensors,
  type Tensor,
} from '../graph/index.js';
import type { InputValues, OutputValues } from './runtime.js';

/** Odd sides: kernels of accelerators go wrong at the end of a row first. */
const [height, width] = [33, 29];

/** Numbers that look random and are the same everywhere. */
const numbers = (count: number, step: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(i * i * step + i));

const weights = (outputs: number, inputs: number, step: number): Tensor => {
  const count = outputs * inputs * 9;
  const scale = Math.sqrt(2 / (inputs * 9));
  return constant(
    numbers(count, step).map((value) => value * scale * 1.4),
    [outputs, inputs, 3, 3],
  );
};

/**
 * A small style loss with its gradient, to find out whether a device computes right: convolutions, maximum pooling both ways, a
 * Gram matrix and a resized map.
 */
export function selfCheckGraph(): NamedTensors {
  const picture = input('picture', [1, 3, height, width]);
  const first = relu(convolution(picture, weights(16, 3, 0.37), { padding: 1 }));
  const second = relu(maxPool(convolution(first, weights(24, 16, 0.71), { padding: 1 }), 2));
  const [, channels, rows, columns] = second.shape as [number, number, number, number];
  const flat = reshape(second, [channels, rows * columns]);
  const gram = divide(matmul(flat, transpose(flat, [1, 0])), rows * columns);
  const loss = mean(square(gram));
  return {
    features: second,
    gram,
    loss,
    larger: resize(second, 21, 23, 'bilinear'),
    gradient: gradients(loss, [picture])[0]!,
  };
}

/** The picture that {@link selfCheckGraph} is tried with. */
export const selfCheckPicture = (): InputValues => ({ picture: numbers(3 * height * width, 0.13) });

/** The largest difference that two devices may have, relative to the largest value. */
const tolerance = 1e-3;

/** Whether two devices have the same results. */
export const agree = (found: OutputValues, expected: OutputValues): boolean =>
  Object.entries(expected).every(([name, values]) => {
    const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const others = found[name];
    // Written so that what is not a number disagrees.
    return (
      others?.length === values.length &&
      values.every((value, i) => Math.abs(value - others[i]!) <= tolerance * scale)
    );
  });
