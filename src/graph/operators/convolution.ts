import { shapeError, sizeOf, type Shape } from '../shape.js';
import { apply, type Operator, type Tensor } from '../tensor.js';
import { concat, reshape, reverse, slice, transpose } from './layout.js';
import { matmul } from './matrix.js';
import { pad } from './padding.js';
import { sum } from './reduction.js';

/** Zeros added at the top, left, bottom and right. */
export type Padding = readonly [top: number, left: number, bottom: number, right: number];

type ConvolutionAttributes = { stride: number; padding: readonly number[]; groups: number };

const convolutionOperator: Operator<ConvolutionAttributes> = {
  name: 'convolution',
  infer: ([x, w, bias], { stride, padding, groups }) => {
    const [n, channels, height, width] = fourAxes('convolution', x!);
    const [out, perGroup, kernelHeight, kernelWidth] = fourAxes('convolution weights', w!);
    if (channels !== perGroup * groups || out % groups !== 0) {
      throw shapeError(
        'convolution',
        [x!.shape, w!.shape],
        `${channels} channels against ${perGroup} in ${groups} group(s)`,
      );
    }
    if (bias !== undefined && (bias.shape.length !== 1 || bias.shape[0] !== out)) {
      throw shapeError('convolution bias', [bias.shape, w!.shape], `the bias must be [${out}]`);
    }
    const [top, left, bottom, right] = padding as Padding;
    const rows = Math.floor((height + top + bottom - kernelHeight) / stride) + 1;
    const columns = Math.floor((width + left + right - kernelWidth) / stride) + 1;
    if (rows < 1 || columns < 1)
      throw shapeError('convolution', [x!.shape, w!.shape], 'the kernel is larger than the padded picture');
    return { shape: [n, out, rows, columns], dtype: 'float32' };
  },
  emit: (tensor, emitter, { stride, padding, groups }) =>
    void emitter.node(
      'Conv',
      emitter.inputs,
      {
        kernel_shape: tensor.inputs[1]!.shape.slice(2),
        strides: [stride, stride],
        pads: padding,
        group: groups,
      },
      emitter.output,
    ),
  gradient: (tensor, g, { stride, padding, groups }, needed) => {
    const [x, w] = tensor.inputs as [Tensor, Tensor];
    return [
      needed[0] ? inputGradient(x.shape, w, g, stride, padding as Padding, groups) : undefined,
      needed[1] ? weightGradient(x, g, w.shape, stride, padding as Padding, groups) : undefined,
      needed[2] ? sum(g, [0, 2, 3]) : undefined,
    ];
  },
  operations: (tensor) => 2 * sizeOf(tensor.shape) * sizeOf(tensor.inputs[1]!.shape.slice(1)),
};

const transposedOperator: Operator<ConvolutionAttributes & { outputPadding: readonly number[] }> = {
  name: 'transposedConvolution',
  infer: ([x, w], { stride, padding, groups, outputPadding }) => {
    const [n, channels, height, width] = fourAxes('transposed convolution', x!);
    const [inputs, perGroup, kernelHeight, kernelWidth] = fourAxes('transposed convolution weights', w!);
    if (channels !== inputs)
      throw shapeError(
        'transposed convolution',
        [x!.shape, w!.shape],
        `${channels} channels against ${inputs}`,
      );
    const [top, left, bottom, right] = padding as Padding;
    const rows = (height - 1) * stride + kernelHeight - top - bottom + outputPadding[0]!;
    const columns = (width - 1) * stride + kernelWidth - left - right + outputPadding[1]!;
    return { shape: [n, perGroup * groups, rows, columns], dtype: 'float32' };
  },
  emit: (tensor, emitter, { stride, padding, groups, outputPadding }) =>
    void emitter.node(
      'ConvTranspose',
      emitter.inputs,
      {
        kernel_shape: tensor.inputs[1]!.shape.slice(2),
        strides: [stride, stride],
        pads: padding,
        group: groups,
        output_padding: outputPadding,
      },
      emitter.output,
    ),
  // It is the transpose of a convolution, so its own transpose is that convolution.
  gradient: (tensor, g, { stride, padding, groups }, needed) => {
    const [x, w] = tensor.inputs as [Tensor, Tensor];
    return [
      needed[0] ? apply(convolutionOperator, [g, w], { stride, padding, groups }) : undefined,
      needed[1] ? weightGradient(g, x, w.shape, stride, padding as Padding, groups) : undefined,
    ];
  },
  operations: (tensor) => 2 * sizeOf(tensor.inputs[0]!.shape) * sizeOf(tensor.inputs[1]!.shape.slice(1)),
};

function fourAxes(what: string, x: Tensor): readonly [number, number, number, number] {
  if (x.shape.length !== 4) throw shapeError(what, [x.shape], 'four axes are needed');
  return x.shape as unknown as readonly [number, number, number, number];
}

/**
 * Gradient with respect to the picture. With stride 1 it is a convolution with the kernel turned by 180 degrees and its
 * channels exchanged: with constant weights ONNX Runtime then uses the same blocked kernels as in the forward pass.
 */
function inputGradient(
  shape: Shape,
  w: Tensor,
  g: Tensor,
  stride: number,
  padding: Padding,
  groups: number,
): Tensor {
  const [out, perGroup, kernelHeight, kernelWidth] = w.shape as [number, number, number, number];
  const [top, left, bottom, right] = padding;
  if (stride > 1) {
    const covered = (axis: 2 | 3, kernel: number, around: number): number =>
      (g.shape[axis]! - 1) * stride + kernel - around;
    const outputPadding = [
      shape[2]! - covered(2, kernelHeight, top + bottom),
      shape[3]! - covered(3, kernelWidth, left + right),
    ];
    return apply(transposedOperator, [g, w], { stride, padding, groups, outputPadding });
  }
  const split = reshape(w, [groups, out / groups, perGroup, kernelHeight, kernelWidth]);
  const swapped = reshape(transpose(split, [0, 2, 1, 3, 4]), [
    groups * perGroup,
    out / groups,
    kernelHeight,
    kernelWidth,
  ]);
  const mirrored = [
    kernelHeight - 1 - top,
    kernelWidth - 1 - left,
    kernelHeight - 1 - bottom,
    kernelWidth - 1 - right,
  ];
  const whole = apply(convolutionOperator, [g, reverse(swapped, [2, 3])], {
    stride: 1,
    padding: mirrored.map((p) => Math.max(p, 0)),
    groups,
  });
  // Padding wider than the kernel's reach made rows that saw only zeros; their gradient belongs to nothing.
  const [cutTop, cutLeft] = mirrored.map((p) => Math.max(-p, 0)) as [number, number];
  return slice(
    whole,
    [0, 0, cutTop, cutLeft],
    [shape[0]!, shape[1]!, cutTop + shape[2]!, cutLeft + shape[3]!],
  );
}

/** Up to this many input channels a row of the kernel's taps is laid side by side and multiplied at once. */
const fewChannels = 8;

/**
 * Gradient with respect to the weights: for each tap of the kernel, the product of the output's gradient and the picture
 * shifted by that tap, summed over all positions, as one matrix product `[K, N H W] [C, N H W]^T`.
 */
function weightGradient(
  x: Tensor,
  g: Tensor,
  shape: Shape,
  stride: number,
  padding: Padding,
  groups: number,
): Tensor {
  const [out, perGroup, kernelHeight, kernelWidth] = shape as [number, number, number, number];
  const [top, left, bottom, right] = padding;
  const around = pad(x, [0, 0, top, left], [0, 0, bottom, right]);
  if (stride === 1 && groups === 1 && out < perGroup) {
    // Shifting means copying, so the one with fewer channels is shifted: the gradient, the other way.
    const reach = [0, 0, kernelHeight - 1, kernelWidth - 1];
    const mirrored = [perGroup, out, kernelHeight, kernelWidth];
    const turned = weightGradient(pad(g, reach, reach), around, mirrored, 1, [0, 0, 0, 0], 1);
    return transpose(reverse(turned, [2, 3]), [1, 0, 2, 3]);
  }
  const padded = transpose(around, [1, 0, 2, 3]);
  const [channels, n] = padded.shape as [number, number];
  const [rows, columns] = g.shape.slice(2) as [number, number];
  const positions = n * rows * columns;
  const gradient = reshape(
    transpose(g, [1, 0, 2, 3]),
    groups === 1 ? [out, positions] : [groups, out / groups, positions],
  );
  const taps = Array.from({ length: kernelHeight * kernelWidth }, (_, tap) => {
    const [dy, dx] = [Math.floor(tap / kernelWidth), tap % kernelWidth];
    const ends = [channels, n, dy + (rows - 1) * stride + 1, dx + (columns - 1) * stride + 1];
    const shifted = slice(padded, [0, 0, dy, dx], ends, [1, 1, stride, stride]);
    return reshape(shifted, groups === 1 ? [channels, positions] : [groups, perGroup, positions]);
  });
  const axis = groups === 1 ? 0 : 1;
  const together = perGroup <= fewChannels ? kernelWidth : 1;
  const rowsOfTaps = Array.from({ length: taps.length / together }, (_, row) =>
    concat(taps.slice(row * together, (row + 1) * together), axis),
  );
  const products = concat(
    rowsOfTaps.map((row) => matmul(gradient, row, { transposeB: true })),
    axis + 1,
  );
  // [K, taps, C] to [K, C, taps]
  return reshape(transpose(reshape(products, [out, taps.length, perGroup]), [0, 2, 1]), shape);
}

/**
 * 2-D cross-correlation, what deep learning calls convolution.
 * @param x `[N, C, H, W]`
 * @param w `[K, C / groups, kernelHeight, kernelWidth]`
 * @param options `bias` `[K]`; `stride`, 1 by default; `padding` by zeros, 0 by default; `groups`, 1 by default
 * @returns `[N, K, floor((H + top + bottom - kernelHeight) / stride) + 1, ...]`
 * @throws StyleError `E_SHAPE` when channels don't fit or the kernel is larger than the padded picture
 */
export function convolution(
  x: Tensor,
  w: Tensor,
  options: { bias?: Tensor; stride?: number; padding?: number | Padding; groups?: number } = {},
): Tensor {
  const { bias, stride = 1, padding = 0, groups = 1 } = options;
  const sides = typeof padding === 'number' ? [padding, padding, padding, padding] : padding;
  return apply(convolutionOperator, bias === undefined ? [x, w] : [x, w, bias], {
    stride,
    padding: sides,
    groups,
  });
}
