import { shapeError, sizeOf, type Shape } from '../../shape.js';
import { apply, type Attributes as OnnxAttributes, type Operator, type Tensor } from '../../tensor.js';
import { blockedConvolution } from './blocked-convolution.js';
import { sum } from '../broadcasting.js';
import { gather, integers } from '../gather.js';
import { reshape, reverse, transpose } from '../layout.js';
import { matmul, transposeLast } from '../matrix.js';
import { pad } from '../padding.js';
import { concat, slice } from '../slicing.js';
import { isWrongOnWebgpu, wholeChannels } from './whole-channels.js';
import { suitsWinograd, winogradConvolution } from './winograd.js';

/** Zeros added at the top, left, bottom and right. */
export type Padding = readonly [top: number, left: number, bottom: number, right: number];

type ConvolutionAttributes = { stride: number; padding: readonly number[]; groups: number };

/** As ONNX has them for a convolution and for a transposed one. */
const onnxAttributes = (
  { inputs }: Tensor,
  { stride, padding, groups }: ConvolutionAttributes,
): OnnxAttributes => ({
  kernel_shape: inputs[1]!.shape.slice(2),
  strides: [stride, stride],
  pads: padding,
  group: groups,
});

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
  emit: (tensor, emitter, attributes) =>
    void emitter.node('Conv', emitter.inputs, onnxAttributes(tensor, attributes), emitter.output),
  gradient: (tensor, g, { stride, padding, groups }, needed) => {
    const [x, w] = tensor.inputs as [Tensor, Tensor];
    return [
      needed[0] ? inputGradient(g, w, x.shape, { stride, padding, groups }) : undefined,
      needed[1] ? weightGradient(x, g, w.shape, { stride, padding, groups }) : undefined,
      needed[2] ? sum(g, [0, 2, 3]) : undefined,
    ];
  },
  // Constant weights are left to ONNX Runtime, which also fuses what follows: on processors it has blocked kernels for them.
  lower: ({ inputs }, { stride, padding, groups }, target) => {
    const [x, w, ...bias] = inputs as [Tensor, Tensor, Tensor?];
    if (groups !== 1) return undefined;
    const { least, most } = winogradChannels;
    if (target === 'wasm' && stride === 1 && w.data !== undefined && suitsWinograd(w, least, most))
      return winogradConvolution(x, w, { padding, border: 'zero' }, bias[0]);
    if (target === 'gpu' && isWrongOnWebgpu(w.shape)) {
      const whole = [...wholeChannels(x, w), ...(bias as Tensor[])];
      return apply(convolutionOperator, whole, { stride, padding, groups });
    }
    return typeof target === 'object' && w.data === undefined
      ? blockedConvolution(inputs, { stride, padding }, target.channelBlock)
      : undefined;
  },
  operations: (tensor) => 2 * sizeOf(tensor.shape) * sizeOf(tensor.inputs[1]!.shape.slice(1)),
  reach: ({ inputs }, { padding: [top, left, bottom, right] }) => {
    const [rows, columns] = inputs[1]!.shape.slice(2) as [number, number];
    return Math.max(top!, left!, bottom!, right!, rows - 1 - top!, columns - 1 - left!);
  },
  border: (_, { padding }) => (padding.some((count) => count > 0) ? 'zero' : undefined),
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
  emit: (tensor, emitter, { outputPadding, ...attributes }) =>
    void emitter.node(
      'ConvTranspose',
      emitter.inputs,
      { ...onnxAttributes(tensor, attributes), output_padding: outputPadding },
      emitter.output,
    ),
  // It is the transpose of a convolution, so its transpose is that convolution.
  gradient: (tensor, g, { stride, padding, groups }, needed) => {
    const [x, w] = tensor.inputs as [Tensor, Tensor];
    return [
      needed[0] ? apply(convolutionOperator, [g, w], { stride, padding, groups }) : undefined,
      needed[1] ? weightGradient(g, x, w.shape, { stride, padding, groups }) : undefined,
    ];
  },
  operations: (tensor) => 2 * sizeOf(tensor.inputs[0]!.shape) * sizeOf(tensor.inputs[1]!.shape.slice(1)),
};

/**
 * Of constant weights that are Winograd's in WebAssembly. With fewer channels the transforms cost as much as they save; with more the transformed kernels, four times the weights, are what
 * memory goes to.
 */
const winogradChannels = { least: 64, most: 128 } as const;

export function fourAxes(what: string, x: Tensor): readonly [number, number, number, number] {
  if (x.shape.length !== 4) throw shapeError(what, [x.shape], 'four axes are needed');
  return x.shape as unknown as readonly [number, number, number, number];
}

/**
 * Gradient with respect to the picture. With stride 1 it is a convolution with the kernel turned by 180 degrees and its
 * channels exchanged: with constant weights ONNX Runtime then uses the same blocked kernels as in the forward pass.
 * @param shape of the picture
 */
export function inputGradient(
  g: Tensor,
  w: Tensor,
  shape: Shape,
  { stride, padding, groups }: ConvolutionAttributes,
): Tensor {
  const [out, perGroup, kernelHeight, kernelWidth] = w.shape as [number, number, number, number];
  const [top, left, bottom, right] = padding as Padding;
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
  // With padding wider than the kernel some rows see only zeros; their gradient is dropped.
  const [cutTop, cutLeft] = mirrored.map((p) => Math.max(-p, 0)) as [number, number];
  return slice(
    whole,
    [0, 0, cutTop, cutLeft],
    [shape[0]!, shape[1]!, cutTop + shape[2]!, cutLeft + shape[3]!],
  );
}

/** A matrix product with fewer rows or columns than this wastes the processor's registers. */
const enoughRows = 96;

/**
 * Gradient with respect to the weights: for each tap of the kernel, the product of the output's gradient and the picture
 * shifted by that tap, summed over all positions. Shifting means copying, so one copy serves several taps: the picture is
 * shifted by rows, which are contiguous, for a whole column of the kernel at once, and by columns either the picture once
 * more or, where that copies less, the gradient the other way. What remains is a product `[K, H W] [C kernelHeight, H W]^T`
 * for each picture and each column of the kernel.
 * @param shape of the weights
 */
export function weightGradient(
  x: Tensor,
  g: Tensor,
  shape: Shape,
  { stride, padding, groups }: ConvolutionAttributes,
): Tensor {
  const [out, perGroup, kernelHeight, kernelWidth] = shape as [number, number, number, number];
  const [top, left, bottom, right] = padding as Padding;
  const around = pad(x, [0, 0, top, left], [0, 0, bottom, right]);
  const [n, , rows, columns] = g.shape as [number, number, number, number];
  const single = stride === 1 && groups === 1;
  const shiftsOfBoth = kernelHeight * perGroup + kernelWidth * out;
  if (single && kernelWidth * kernelHeight * Math.min(perGroup, out) > shiftsOfBoth) {
    return ofShiftedGradients(around, g, shape);
  }
  if (single && out < perGroup) {
    const reach = [0, 0, kernelHeight - 1, kernelWidth - 1];
    const mirrored = [perGroup, out, kernelHeight, kernelWidth];
    const rotated = weightGradient(pad(g, reach, reach), around, mirrored, {
      stride,
      padding: [0, 0, 0, 0],
      groups,
    });
    return transpose(reverse(rotated, [2, 3]), [1, 0, 2, 3]);
  }
  const gradient = reshape(g, [n, groups, out / groups, rows * columns]);
  const height = around.shape[2]!;
  const columnShifts = Array.from({ length: kernelWidth }, (_, dx) => {
    const ends = [...around.shape.slice(0, 3), dx + (columns - 1) * stride + 1];
    const shifted = slice(around, [0, 0, 0, dx], ends, [1, 1, 1, stride]);
    return reshape(shifted, [n, groups, perGroup, height, columns]);
  });
  const parts = chunks(columnShifts, Math.ceil(enoughRows / (perGroup * kernelHeight))).map((some) => {
    const joined = reshape(concat(some, 2), [n, -1, height, columns]);
    const picture = rowShifts(joined, kernelHeight, rows, stride);
    const product = productOfRows(gradient, reshape(picture, [n, groups, -1, rows * columns]));
    const taps = reshape(product, [out, some.length, perGroup, kernelHeight]);
    return transpose(taps, [0, 2, 3, 1]);
  });
  return concat(parts, 3);
}

/** The weight gradient at stride 1 with the picture shifted by rows and the gradient by columns. */
function ofShiftedGradients(around: Tensor, g: Tensor, shape: Shape): Tensor {
  const [out, channels, kernelHeight, kernelWidth] = shape as [number, number, number, number];
  const [n, , rows] = g.shape as [number, number, number];
  const positions = rows * around.shape[3]!;
  const picture = reshape(rowShifts(around, kernelHeight, rows, 1), [n, -1, positions]);
  const shifted = Array.from({ length: kernelWidth }, (_, dx) =>
    reshape(pad(g, [0, 0, 0, dx], [0, 0, 0, kernelWidth - 1 - dx]), [n, out, positions]),
  );
  const parts = chunks(shifted, Math.ceil(enoughRows / out)).map((some) => {
    const product = productOfRows(concat(some, 1), picture);
    return transpose(reshape(product, [some.length, out, channels, kernelHeight]), [1, 2, 3, 0]);
  });
  return concat(parts, 3);
}

/** `a b^T`, summed over the pictures. */
function productOfRows(a: Tensor, b: Tensor): Tensor {
  // ONNX Runtime transposes the second factor first, so that should be the one with fewer rows.
  return a.shape.at(-2)! >= b.shape.at(-2)!
    ? sum(matmul(a, b, { transposeB: true }), [0])
    : transposeLast(sum(matmul(b, a, { transposeB: true }), [0]));
}

/** For each of `count` shifts, every `stride`-th row from there on, `rows` of them: `[N, C, count * rows, W]`. */
function rowShifts(x: Tensor, count: number, rows: number, stride: number): Tensor {
  const places = Array.from({ length: count * rows }, (_, i) => Math.floor(i / rows) + (i % rows) * stride);
  // ONNX Runtime runs Gather on all processors, Slice on one.
  return gather(x, integers(places), 2);
}

const chunks = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));

/** The convolution as one operator; see `convolution`. */
export function directConvolution(
  inputs: readonly Tensor[],
  { stride = 1, padding, groups = 1 }: { stride?: number; padding: Padding; groups?: number },
): Tensor {
  return apply(convolutionOperator, inputs, { stride, padding, groups });
}
