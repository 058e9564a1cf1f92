import { shapeError } from '../../shape.js';
import { apply, constant, type Operator, type Target, type Tensor } from '../../tensor.js';
import { add } from '../arithmetic.js';
import { reshape } from '../layout.js';
import { slice, unslice } from '../slicing.js';
import { blockedDomain } from './channel-blocks.js';

type TapAttributes = { taps: number; step: number; shape: readonly number[] };
type Sides = readonly [rows: number, height: number, width: number];
type BlockedTaps = { kernel: readonly [number, number]; dilations: readonly [number, number] };

/** The most taps of a blocked convolution in both directions at once; more of them are summed direction by direction. */
const mostTaps = 25;

const diagonalSumsOperator: Operator<TapAttributes> = {
  name: 'diagonalSums',
  infer: ([x], { taps, step, shape }) => {
    const fits = (length: number, axis: number): boolean =>
      length >= 1 && length + (taps - 1) * step <= x!.shape[axis]!;
    if (x!.shape.length !== 3 || shape.length !== 3 || taps < 1 || step < 1 || !shape.every(fits)) {
      throw shapeError(
        'diagonalSums',
        [x!.shape, shape],
        `three axes are needed that ${taps} places, ${step} apart, fit in`,
      );
    }
    return { shape, dtype: 'float32' };
  },
  emit: () => {
    throw new Error('`lower` replaces this operator for every target');
  },
  gradient: ({ inputs: [x] }, g, { taps, step }) => {
    const along = (values: Tensor, move: (k: number) => number[], shape: readonly number[]): Tensor =>
      places(taps, step)
        .map((k) => unslice(values, shape, move(k), [1, 1, 1]))
        .reduce((total, part) => add(total, part));
    const [rows, height, width] = x!.shape as unknown as Sides;
    const wide = along(g, (k) => [0, k, k], [g.shape[0]!, height, width]);
    return [along(wide, (k) => [k, 0, 0], [rows, height, width])];
  },
  lower: ({ inputs: [x] }, attributes, target) =>
    inBlocks(x!, attributes, target) ?? inSlices(x!, attributes),
  operations: ({ inputs: [x] }, { taps }) => 2 * taps * x!.shape.reduce((size, length) => size * length, 1),
};

const places = (taps: number, step: number): number[] => Array.from({ length: taps }, (_, k) => k * step);

/** One direction after the other, each as a sum of shifted copies. */
function inSlices(x: Tensor, { taps, step, shape }: TapAttributes): Tensor {
  const [, height, width] = x.shape as unknown as Sides;
  const [rows] = shape as Sides;
  const shifted = (whole: Tensor, move: readonly number[], size: readonly number[]): Tensor =>
    places(taps, step)
      .map((k) => move.map((moves) => moves * k))
      .map((starts) =>
        slice(
          whole,
          starts,
          size.map((length, axis) => length + starts[axis]!),
        ),
      )
      .reduce((total, part) => add(total, part));
  return shifted(shifted(x, [1, 0, 0], [rows, height, width]), [0, 1, 1], shape);
}

/**
 * As depthwise convolutions in ONNX Runtime's blocked layout, which a row of numbers may be taken for: a block is a stretch of
 * the row. Along the diagonal neighbours are `width + 1` numbers apart, along the first axis a whole matrix; where both are
 * whole blocks, all taps are one convolution, which reads each number once.
 */
function inBlocks(x: Tensor, { taps, step, shape }: TapAttributes, target: Target): Tensor | undefined {
  if (typeof target !== 'object' || taps === 1) return undefined;
  const { channelBlock } = target;
  const [rows, height, width] = x.shape as unknown as Sides;
  if ((width + 1) % channelBlock !== 0 || (height * width) % channelBlock !== 0) return undefined;
  const flat = reshape(x, [1, channelBlock, rows, (height * width) / channelBlock]);
  const right = (step * (width + 1)) / channelBlock;
  const passes: BlockedTaps[] =
    taps * taps <= mostTaps
      ? [{ kernel: [taps, taps], dilations: [step, right] }]
      : [
          { kernel: [taps, 1], dilations: [step, 1] },
          { kernel: [1, taps], dilations: [1, right] },
        ];
  const sums = passes.reduce((values, pass) => {
    const ones = constant(new Float32Array(channelBlock * pass.kernel[0] * pass.kernel[1]).fill(1), [
      channelBlock,
      1,
      ...pass.kernel,
    ]);
    return apply(blockedTapsOperator, [values, ones], pass);
  }, flat);
  return slice(reshape(sums, [rows - (taps - 1) * step, height, width]), [0, 0, 0], shape);
}

/** A depthwise convolution of a map that lies in blocks. At the end of a row it goes on with zeros. */
const blockedTapsOperator: Operator<BlockedTaps> = {
  name: 'blockedTaps',
  infer: ([x], { kernel, dilations }) => {
    const [n, channels, rows, columns] = x!.shape as [number, number, number, number];
    return { shape: [n, channels, rows - (kernel[0] - 1) * dilations[0], columns], dtype: 'float32' };
  },
  emit: (tensor, emitter, { kernel, dilations }) =>
    void emitter.node(
      'Conv',
      emitter.inputs,
      {
        kernel_shape: kernel,
        strides: [1, 1],
        pads: [0, 0, 0, (kernel[1] - 1) * dilations[1]],
        dilations,
        group: tensor.shape[1]!,
      },
      emitter.output,
      blockedDomain,
    ),
};

/**
 * Sums along the first axis and along the diagonal of the other two: `y[b, i, j]` is the sum of
 * `x[b + k step, i + l step, j + l step]` over k and l from 0 to `taps - 1`. Where `x` are the products of the positions of
 * two maps, row by row, these are products of patches. Where `width + 1` and `height width` are multiples of 16, it is one
 * convolution on CPUs; otherwise shifted copies are summed.
 * @param x `[rows, height, width]`
 * @param options the distance `step` between neighbours that are added, 1 by default, and the `shape` of the first sums that
 * are wanted, by default all for which each neighbour is there
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [6, 16, 15]);
 * const sums = graph.diagonalSums(x, 3); // [4, 14, 13]
 * ```
 */
export const diagonalSums = (
  x: Tensor,
  taps: number,
  { step = 1, shape = x.shape.map((length) => length - (taps - 1) * step) }: DiagonalSumsOptions = {},
): Tensor => apply(diagonalSumsOperator, [x], { taps, step, shape });

export interface DiagonalSumsOptions {
  readonly step?: number | undefined;
  readonly shape?: readonly number[] | undefined;
}
