import { sizeOf, type Shape } from '../../shape.js';
import { constant, type Tensor } from '../../tensor.js';
import { pad } from '../padding.js';

/*
 * ONNX Runtime's convolution on WebGPU reads three channels at a time where there is a multiple of three, and finds the first of them at
 * a quarter of its number as if it had read four (`conv2d_mm_webgpu.cc`, `coord_a_snippet`; 1.30 and before, issue 29651): with more
 * than three it takes wrong ones. With other numbers of channels, and kernels of one pixel, it has other programs, which are right.
 */

/** Channels that it reads at a time when it is right. */
const atOnce = 4;

/** Whether ONNX Runtime's WebGPU computes a convolution in one group with weights of a shape wrong. */
export function isWrongOnWebgpu([outputs, channels, ...kernel]: Shape): boolean {
  return (
    channels! > 3 &&
    channels! % 3 === 0 &&
    channels! % atOnce !== 0 &&
    outputs! % atOnce === 0 &&
    kernel.some((length) => length > 1)
  );
}

/** A picture and weights with channels of zeros beside, so that there are as many as can be read at once. */
export function wholeChannels(x: Tensor, w: Tensor): [x: Tensor, w: Tensor] {
  const missing = atOnce - (w.shape[1]! % atOnce);
  return [
    padChannels(x, missing),
    w.data instanceof Float32Array ? padConstant(w, w.data, missing) : padChannels(w, missing),
  ];
}

const padChannels = (tensor: Tensor, missing: number): Tensor =>
  pad(tensor, [0, 0, 0, 0], [0, missing, 0, 0]);

/** Constant weights stay so: their convolutions are prepared once. */
function padConstant({ shape }: Tensor, data: Float32Array, missing: number): Tensor {
  const [outputs, channels, ...kernel] = shape as [number, number, ...number[]];
  const taps = sizeOf(kernel);
  const padded = new Float32Array(outputs * (channels + missing) * taps);
  for (let k = 0; k < outputs; k += 1) {
    padded.set(
      data.subarray(k * channels * taps, (k + 1) * channels * taps),
      k * (channels + missing) * taps,
    );
  }
  return constant(padded, [outputs, channels + missing, ...kernel]);
}
