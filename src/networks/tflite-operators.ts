import {
  add,
  clip,
  convolution,
  divide,
  mean,
  multiply,
  pad,
  relu,
  sigmoid,
  sqrt,
  square,
  subtract,
  upsampleNearest,
  type Shape,
  type Tensor,
} from '../graph/index.js';

/*
 * TFLite's operators in ours. Theirs have pictures and maps as NHWC, ours as NCHW. A quantised network is computed in float32: what
 * turns numbers into bytes and back leaves them as they are.
 */

/** An operator of a file, as its translation sees it. Inputs are told by their place in the operator's list. */
export interface TranslatedOperator {
  readonly options: Readonly<Record<string, number>>;
  /** Whether there is such an input: some are optional. */
  has(input: number): boolean;
  /** A map that was computed before, or a constant that is the same everywhere, NCHW. */
  map(input: number): Tensor;
  /** A constant with its axes in another order. */
  weights(input: number, permutation: readonly number[]): Tensor;
  /** The whole numbers of a constant. */
  integers(input: number): readonly number[];
  /** The shape that the file has for an input: NHWC, at the size of picture that the file is for. */
  shapeInFile(input: number): Shape;
  /** Ends the translation with half a sentence about the operator: "has the stride 9". */
  refuse(problem: string): never;
}

type Translation = (operator: TranslatedOperator) => Tensor;

/** Strides and factors beyond these are no network's: a file can't ask for maps without end. */
const largestStride = 8;
const largestFactor = 4;

/** Where their axes are in ours: batch, height, width, channels. */
const ownAxes = [0, 2, 3, 1] as const;

/** The numbers of `ActivationFunctionType` and what they stand for. */
const activations: Readonly<Record<number, (x: Tensor) => Tensor>> = {
  0: (x) => x,
  1: (x) => relu(x),
  3: (x) => clip(x, 0, 6),
};

function activated(x: Tensor, { options, refuse }: TranslatedOperator): Tensor {
  const activation = activations[options['activation']!];
  return activation === undefined ? refuse(`has the activation ${options['activation']}`) : activation(x);
}

/** TensorFlow's `SAME`: as many outputs as strides fit, and where the zeros around are odd in number, the last one is at the end. */
function samePadding(
  length: number,
  kernel: number,
  stride: number,
): readonly [before: number, after: number] {
  const zeros = Math.max((Math.ceil(length / stride) - 1) * stride + kernel - length, 0);
  return [Math.floor(zeros / 2), Math.ceil(zeros / 2)];
}

/** @param weights `[K, C / groups, height, width]` */
function convolved(operator: TranslatedOperator, weights: Tensor, groups: number): Tensor {
  const { options, refuse } = operator;
  const x = operator.map(0);
  const { strideX: stride, strideY, dilationX, dilationY } = options as Record<string, number>;
  if (stride !== strideY || stride! < 1 || stride! > largestStride)
    refuse(`has the strides ${strideY} and ${stride}`);
  if (dilationX !== 1 || dilationY !== 1) refuse(`has the dilations ${dilationY} and ${dilationX}`);
  const [height, width] = x.shape.slice(2) as [number, number];
  const [rows, columns] = weights.shape.slice(2) as [number, number];
  const isSame = options['padding'] === 0;
  const [top, bottom] = isSame ? samePadding(height, rows, stride!) : [0, 0];
  const [left, right] = isSame ? samePadding(width, columns, stride!) : [0, 0];
  const bias = operator.has(2) ? { bias: operator.weights(2, [0]) } : {};
  const convolving = { ...bias, stride: stride!, padding: [top, left, bottom, right] as const, groups };
  return activated(convolution(x, weights, convolving), operator);
}

const convolutionOf: Translation = (operator) => convolved(operator, operator.weights(1, [0, 3, 1, 2]), 1);

const depthwiseConvolution: Translation = (operator) =>
  convolved(operator, operator.weights(1, [3, 0, 1, 2]), operator.map(0).shape[1]!);

const binary =
  (compute: (a: Tensor, b: Tensor) => Tensor): Translation =>
  (operator) =>
    activated(compute(operator.map(0), operator.map(1)), operator);

const meanOf: Translation = ({ map, integers, options, refuse }) => {
  if (options['keepAxes'] !== 1) refuse('leaves out axes');
  const axes = integers(1).map(
    (axis) => ownAxes[axis < 0 ? axis + 4 : axis] ?? refuse(`has the axis ${axis}`),
  );
  return mean(map(0), axes, true);
};

const mirrorPadding: Translation = ({ map, integers, options, refuse }) => {
  const widths = integers(1);
  if (options['mode'] !== 0) refuse('repeats the border itself');
  if (widths.length !== 8 || widths.some((width, at) => width < 0 || ((at < 2 || at > 5) && width !== 0)))
    refuse(`adds borders of ${widths.join(', ')}`);
  const [top, bottom, left, right] = widths.slice(2, 6) as [number, number, number, number];
  return pad(map(0), [0, 0, top, left], [0, 0, bottom, right], 'reflect');
};

/** The file has the size that comes out; of a picture of another size it becomes the same multiple. */
const nearestResizing: Translation = ({ map, integers, shapeInFile, options, refuse }) => {
  const [height, width] = integers(1);
  const [, rows, columns] = shapeInFile(0);
  const factor = height! / rows!;
  const isWhole = Number.isInteger(factor) && factor >= 1 && factor <= largestFactor;
  if (!isWhole || width !== columns! * factor) refuse(`goes from ${rows}x${columns} to ${height}x${width}`);
  if (options['alignCorners'] !== 0) refuse('aligns corners');
  return factor === 1 ? map(0) : upsampleNearest(map(0), factor);
};

const unchanged: Translation = ({ map }) => map(0);

/** What turns constants of one type into another, which happens when they are read. */
export const conversions: ReadonlySet<string> = new Set(['DEQUANTIZE', 'QUANTIZE']);

/** The operators that we run, by TFLite's names. */
export const translations: ReadonlyMap<string, Translation> = new Map<string, Translation>([
  ['ADD', binary(add)],
  ['CONV_2D', convolutionOf],
  ['DEPTHWISE_CONV_2D', depthwiseConvolution],
  ['DEQUANTIZE', unchanged],
  ['LOGISTIC', ({ map }) => sigmoid(map(0))],
  ['MEAN', meanOf],
  ['MIRROR_PAD', mirrorPadding],
  ['MUL', binary(multiply)],
  ['QUANTIZE', unchanged],
  ['RESIZE_NEAREST_NEIGHBOR', nearestResizing],
  ['RSQRT', ({ map }) => divide(1, sqrt(map(0)))],
  ['SQUARED_DIFFERENCE', ({ map }) => square(subtract(map(0), map(1)))],
  ['SUB', binary(subtract)],
]);
