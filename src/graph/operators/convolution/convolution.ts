import { apply, type Operator, type Target, type Tensor } from '../../tensor.js';
import type { PaddingMode } from '../border.js';
import {
  directConvolution,
  fourAxes,
  inputGradient,
  weightGradient,
  type Padding,
} from './direct-convolution.js';
import { foldBorder, pad } from '../padding.js';
import { sum } from '../broadcasting.js';
import {
  suitsWinograd,
  winogradConvolution,
  winogradInputGradient,
  winogradWeightGradient,
} from './winograd.js';

export type { Padding };

/*
 * Convolutions with stride 1 in one group whose weights are inputs, as in training. Together with their gradients, which
 * are linear in both operands as well, they are three operators of which each has the other two as its gradients.
 */

type Attributes = { padding: readonly number[]; border: PaddingMode };
/** With the shape of the result, which the operands don't determine. */
type GradientAttributes = Attributes & { shape: readonly number[] };

/** With fewer channels the transforms cost as much as they save. */
const enoughChannels = 32;

/** GPUs have fast kernels of their own, and constant weights are left to ONNX Runtime. */
const winogradOn = (target: Target, w?: Tensor): boolean => target !== 'gpu' && w?.data === undefined;

const neverEmitted = (): never => {
  throw new Error('`lower` replaces this operator for every target');
};

const before = ([top, left]: readonly number[]): number[] => [0, 0, top!, left!];
const after = ([, , bottom, right]: readonly number[]): number[] => [0, 0, bottom!, right!];
const noPadding: Padding = [0, 0, 0, 0];

/** A picture with its border padded, and the padding left to the convolution, which adds zeros itself. */
const padded = (x: Tensor, { padding, border }: Attributes): [picture: Tensor, padding: Padding] =>
  border === 'zero' ? [x, padding as Padding] : [pad(x, before(padding), after(padding), border), noPadding];

function direct(
  [x, ...others]: readonly Tensor[],
  attributes: Attributes,
  options: { stride?: number; groups?: number } = {},
): Tensor {
  const [picture, padding] = padded(x!, attributes);
  return directConvolution([picture, ...others], { ...options, padding });
}

const unitConvolutionOperator: Operator<Attributes> = {
  name: 'unitConvolution',
  infer: direct,
  emit: neverEmitted,
  gradient: ({ inputs }, g, { padding, border }, needed) => {
    const [x, w] = inputs as [Tensor, Tensor];
    const around = { padding, border };
    return [
      needed[0] ? apply(unitInputGradientOperator, [g, w], { ...around, shape: x.shape }) : undefined,
      needed[1] ? apply(unitWeightGradientOperator, [x, g], { ...around, shape: w.shape }) : undefined,
      needed[2] ? sum(g, [0, 2, 3]) : undefined,
    ];
  },
  reach: ({ inputs }, { padding: [top, left, bottom, right] }) => {
    const [rows, columns] = inputs[1]!.shape.slice(2) as [number, number];
    return Math.max(top!, left!, bottom!, right!, rows - 1 - top!, columns - 1 - left!);
  },
  border: (_, { padding, border }) => (padding.some((count) => count > 0) ? border : undefined),
  lower: ({ inputs }, attributes, target) => {
    const [x, w, bias] = inputs as [Tensor, Tensor, Tensor?];
    if (!winogradOn(target, w)) return direct(inputs, attributes);
    return winogradConvolution(x, w, attributes, bias);
  },
};

const unitInputGradientOperator: Operator<GradientAttributes> = {
  name: 'unitInputGradient',
  infer: (_, { shape }) => ({ shape, dtype: 'float32' }),
  emit: neverEmitted,
  gradient: ({ inputs }, h, { padding, border }, needed) => {
    const [g, w] = inputs as [Tensor, Tensor];
    const around = { padding, border };
    return [
      needed[0] ? apply(unitConvolutionOperator, [h, w], around) : undefined,
      needed[1] ? apply(unitWeightGradientOperator, [h, g], { ...around, shape: w.shape }) : undefined,
    ];
  },
  lower: ({ inputs }, { padding, border, shape }, target) => {
    const [g, w] = inputs as [Tensor, Tensor];
    if (winogradOn(target, w)) return winogradInputGradient(g, w, shape, { padding, border });
    if (border === 'zero') return inputGradient(g, w, shape, { stride: 1, padding, groups: 1 });
    const [from, to] = [before(padding), after(padding)];
    const whole = shape.map((length, axis) => length + from[axis]! + to[axis]!);
    return foldBorder(
      inputGradient(g, w, whole, { stride: 1, padding: noPadding, groups: 1 }),
      from,
      to,
      border,
    );
  },
};

const unitWeightGradientOperator: Operator<GradientAttributes> = {
  name: 'unitWeightGradient',
  infer: (_, { shape }) => ({ shape, dtype: 'float32' }),
  emit: neverEmitted,
  gradient: ({ inputs }, h, { padding, border }, needed) => {
    const [x, g] = inputs as [Tensor, Tensor];
    const around = { padding, border };
    return [
      needed[0] ? apply(unitInputGradientOperator, [g, h], { ...around, shape: x.shape }) : undefined,
      needed[1] ? apply(unitConvolutionOperator, [x, h], around) : undefined,
    ];
  },
  lower: ({ inputs }, { padding, border, shape }, target) => {
    const [x, g] = inputs as [Tensor, Tensor];
    if (winogradOn(target)) return winogradWeightGradient(x, g, { padding, border });
    const [picture, left] = padded(x, { padding, border });
    return weightGradient(picture, g, shape, { stride: 1, padding: left, groups: 1 });
  },
};

/**
 * 2-D cross-correlation, what deep learning calls convolution.
 * @param x `[N, C, H, W]`
 * @param w `[K, C / groups, kernelHeight, kernelWidth]`
 * @param options `bias` `[K]`; `stride`, 1 by default; `padding`, 0 by default, with zeros or what `border` says;
 * `groups`, 1 by default
 * @returns `[N, K, floor((H + top + bottom - kernelHeight) / stride) + 1, ...]`
 * @throws StyleError `E_SHAPE` when channels don't fit or the kernel is larger than the padded picture
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [1, 8, 16, 16]);
 * const kernels = graph.input('kernels', [4, 8, 3, 3]);
 * const y = graph.convolution(x, kernels, { padding: 1, border: 'reflect' }); // [1, 4, 16, 16]
 * ```
 */
export function convolution(
  x: Tensor,
  w: Tensor,
  options: {
    bias?: Tensor;
    stride?: number;
    padding?: number | Padding;
    border?: PaddingMode;
    groups?: number;
  } = {},
): Tensor {
  const { bias, stride = 1, padding = 0, border = 'zero', groups = 1 } = options;
  const sides: Padding = typeof padding === 'number' ? [padding, padding, padding, padding] : padding;
  fourAxes('convolution', x);
  fourAxes('convolution weights', w);
  const inputs = bias === undefined ? [x, w] : [x, w, bias];
  const around = { padding: sides, border };
  return stride === 1 && groups === 1 && w.data === undefined && suitsWinograd(w, enoughChannels)
    ? apply(unitConvolutionOperator, inputs, around)
    : direct(inputs, around, { stride, groups });
}
