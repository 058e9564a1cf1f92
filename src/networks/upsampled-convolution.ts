import {
  constant,
  convolution,
  depthToSpace,
  expand,
  joinPhases,
  matmul,
  reshape,
  transpose,
  type Tensor,
} from '../graph/index.js';

/**
 * For a kernel of `side` taps along a doubled axis, the first pixel of the small axis that each of the two phases sees, and
 * how many: tap `t` (from the middle) of phase `p` sees small pixel `floor((p + t) / 2)`.
 */
function phasesOf(side: number): { begin: [number, number]; count: number } {
  const half = (side - 1) / 2;
  const seen = (phase: number, tap: number): number => Math.floor((phase + tap) / 2);
  return { begin: [seen(0, -half), seen(1, -half)], count: seen(0, half) - seen(0, -half) + 1 };
}

/** The `side^2` taps of a kernel to the `count^2` taps of each of the 2 x 2 phases, `[side^2, 4 count^2]`. */
function tapsToPhases(side: number): Tensor {
  const { begin, count } = phasesOf(side);
  const half = (side - 1) / 2;
  const values = new Float32Array(side * side * 4 * count * count);
  for (let phase = 0; phase < 4; phase += 1) {
    const [a, b] = [Math.floor(phase / 2) as 0 | 1, (phase % 2) as 0 | 1];
    for (let tap = 0; tap < side * side; tap += 1) {
      const [dy, dx] = [Math.floor(tap / side) - half, (tap % side) - half];
      const row = Math.floor((a + dy) / 2) - begin[a];
      const column = Math.floor((b + dx) / 2) - begin[b];
      values[tap * 4 * count * count + (phase * count + row) * count + column] = 1;
    }
  }
  return constant(values, [side * side, 4 * count * count]);
}

/**
 * Doubles a picture by repeating each pixel and convolves it, without computing the large picture: several taps see the same
 * pixel of the small one, so each of the four places in a doubled pixel has a kernel of its own, about half as wide, on the small
 * picture (Shi et al. 2016, section 2.2, the other way). A kernel of 3 has 4 / 9 of the multiplications, one of 5 has 9 / 25.
 * Outside its border the small picture goes on with its outermost pixels, which for a kernel of 3 is the large one mirrored.
 * @param x `[N, C, H, W]`
 * @param weight `[K, C, side, side]`, of 3 or 5
 * @param bias `[K]`
 * @returns `[N, K, 2 H, 2 W]`
 */
export function upsampledConvolution(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const [out, channels, side] = weight.shape as [number, number, number];
  const { begin, count } = phasesOf(side);
  const parts = matmul(reshape(weight, [out * channels, side * side]), tapsToPhases(side));
  const kernels = transpose(reshape(parts, [out, channels, 4, count * count]), [2, 0, 1, 3]);
  const phases = convolution(x, reshape(kernels, [4 * out, channels, count, count]), {
    bias: reshape(expand(bias, [4, out]), [4 * out]),
    padding: -begin[0],
    border: 'replicate',
  });
  // The odd phase begins a pixel later than the even one, or where it does.
  return begin[1] === begin[0] ? depthToSpace(phases, 2) : joinPhases(phases);
}
