import {
  concat,
  constant,
  gather,
  input,
  integers,
  matmul,
  multiply,
  padImage,
  reshape,
  slice,
  transpose,
  type NamedTensors,
  type PaddingMode,
  type Tensor,
} from '../../graph/index.js';
import type { InputValues, Runtime } from '../../runtime/runtime.js';
import { SharedProgram } from '../shared-program.js';
import type { PictureSource } from '../training.js';

/** `[C, N H W]` from `[N, C, H, W]`. */
export function byChannel(x: Tensor): Tensor {
  const [n, channels, height, width] = x.shape as [number, number, number, number];
  return reshape(transpose(x, [1, 0, 2, 3]), [channels, n * height * width]);
}

/** A row of ones as long as the others, `[1, positions]`, for a bias. */
export const onesBeside = (rows: Tensor): Tensor =>
  constant(new Float32Array(rows.shape[1]!).fill(1), [1, rows.shape[1]!]);

/** `E[r r^T]` over the positions of some rows, `[rows, rows]` from `[rows, positions]`. */
export const secondMoments = (rows: Tensor): Tensor =>
  multiply(matmul(rows, rows, { transposeB: true }), 1 / rows.shape[1]!);

/** `E[f f^T]` over all positions of a map, `[C, C]`. */
export const mapMoments = (x: Tensor): Tensor => secondMoments(byChannel(x));

/**
 * `E[p p^T]` over all positions, where `p` is the 3x3 patch that a convolution sees there and a 1 for its bias,
 * `[9 C + 1, 9 C + 1]`; rows as in the weights, `[C, 3, 3]` and then the bias.
 */
export function patchMoments(x: Tensor, padding: PaddingMode): Tensor {
  const [n, channels, height, width] = x.shape as [number, number, number, number];
  const around = padImage(x, 1, padding);
  const taps = Array.from({ length: 9 }, (_, tap) => {
    const [row, column] = [Math.floor(tap / 3), tap % 3];
    const shifted = slice(around, [0, 0, row, column], [n, channels, row + height, column + width]);
    return reshape(shifted, [n, channels, 1, height * width]);
  });
  const patches = reshape(transpose(concat(taps, 2), [1, 2, 0, 3]), [9 * channels, n * height * width]);
  return secondMoments(concat([patches, onesBeside(patches)], 0));
}

/** The kept channels of a map; the map itself where all are kept. */
export function keepChannels(x: Tensor, kept: readonly number[]): Tensor {
  return kept.length === x.shape[1] ? x : gather(x, integers(kept), 1);
}

export interface BatchAverage {
  readonly runtimes: readonly Runtime[];
  readonly source: PictureSource;
  /** How many batches to average over, and the shape of one. */
  readonly batches: number;
  readonly shape: readonly [batch: number, ...picture: number[]];
  /** Functions of the pictures, means over them. */
  readonly outputs: (pictures: Tensor) => NamedTensors;
  /** Values of the graph's other inputs. */
  readonly constants?: InputValues;
}

/** The mean of a graph's outputs over some batches. */
export async function averageOver({
  runtimes,
  source,
  batches,
  shape: [batch, ...picture],
  outputs,
  constants = {},
}: BatchAverage): Promise<Record<string, Float64Array>> {
  const graphOf = (pictures: number): NamedTensors => outputs(input('pictures', [pictures, ...picture]));
  const program = await SharedProgram.compile(runtimes, graphOf, batch);
  try {
    await program.bind(constants);
    const sums: Record<string, Float64Array> = {};
    for (let done = 0; done < batches; done += 1) {
      const { values } = await source.next();
      const results = await program.run({ pictures: values });
      for (const [name, result] of Object.entries(results)) {
        const sum = (sums[name] ??= new Float64Array(result.length));
        for (let i = 0; i < result.length; i += 1) sum[i] = sum[i]! + result[i]! / batches;
      }
    }
    return sums;
  } finally {
    await program.dispose();
  }
}
