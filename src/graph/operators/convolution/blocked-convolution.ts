import { apply, type Operator, type Tensor } from '../../tensor.js';
import { blockedDomain, fromBlocks, toBlocks, wholeBlocks } from './channel-blocks.js';
import { reshape, transpose } from '../layout.js';
import { pad } from '../padding.js';
import { concat, slice } from '../slicing.js';

/*
 * ONNX Runtime's blocked convolutions, written out. It uses them by itself where weights are constant; in training they
 * are inputs.
 */

type BlockedAttributes = { strides: readonly [down: number, right: number]; padding: readonly number[] };

const blockedConvolutionOperator: Operator<BlockedAttributes> = {
  name: 'blockedConvolution',
  infer: ([x, w], { strides, padding }) => {
    const [n, , height, width] = x!.shape as [number, number, number, number];
    const [out, , kernelHeight, kernelWidth] = w!.shape as [number, number, number, number];
    const [top, left, bottom, right] = padding as [number, number, number, number];
    const rows = Math.floor((height + top + bottom - kernelHeight) / strides[0]) + 1;
    const columns = Math.floor((width + left + right - kernelWidth) / strides[1]) + 1;
    return { shape: [n, out, rows, columns], dtype: 'float32' };
  },
  emit: (tensor, emitter, { strides, padding }) =>
    void emitter.node(
      'Conv',
      emitter.inputs,
      {
        kernel_shape: tensor.inputs[1]!.shape.slice(2),
        strides,
        pads: padding,
        group: 1,
      },
      emitter.output,
      blockedDomain,
    ),
};

/** The most multiplications, zeros included, as a multiple of those needed; beyond it the plain convolution is quicker. */
const worthwhile = 1.5;

/**
 * A convolution in one group as a blocked one, from and to the plain layout; `undefined` where that would not help.
 * @param block channels per block
 */
export function blockedConvolution(
  inputs: readonly Tensor[],
  { stride, padding }: { stride: number; padding: readonly number[] },
  block: number,
): Tensor | undefined {
  const attributes: BlockedAttributes = { strides: [stride, stride], padding };
  return withBlocks(inputs, attributes, block) ?? withNeighbours(inputs, attributes, block);
}

function withBlocks(
  [x, w, bias]: readonly Tensor[],
  attributes: BlockedAttributes,
  block: number,
): Tensor | undefined {
  const [out, channels, height, width] = w!.shape as [number, number, number, number];
  const filledOut = wholeBlocks(out, block);
  // A picture of few channels is read in the plain layout.
  const plain = channels < block;
  const filled = plain ? channels : wholeBlocks(channels, block);
  if (filledOut * filled > worthwhile * out * channels || (!plain && channels % 4 !== 0)) return undefined;
  const taps = height * width;
  const whole = pad(w!, [0, 0, 0, 0], [filledOut - out, filled - channels, 0, 0]);
  const blocks = filledOut / block;
  // In two steps, each of which moves one axis: quicker than all axes at once.
  const outLast = transpose(reshape(whole, [blocks, block, filled * taps]), [0, 2, 1]);
  const ordered = plain
    ? outLast
    : transpose(reshape(outLast, [blocks, filled / block, block, taps, block]), [0, 1, 3, 2, 4]);
  const weights = reshape(ordered, [filledOut, filled, height, width]);
  const blocked = [plain ? x! : toBlocks(x!, block), weights];
  if (bias !== undefined) blocked.push(pad(bias, [0], [filledOut - out]));
  const result = apply(blockedConvolutionOperator, blocked, attributes);
  return fromBlocks(result, out);
}

/**
 * A convolution with few output channels, such as a picture's: a block is filled with the channels of several neighbouring
 * pixels of a row, by a wider kernel that holds one shifted copy of the kernel for each of them.
 */
function withNeighbours(
  [x, w, bias]: readonly Tensor[],
  { strides, padding }: BlockedAttributes,
  block: number,
): Tensor | undefined {
  const [out, , , width] = w!.shape as [number, number, number, number];
  const columns = x!.shape[3]! + padding[1]! + padding[3]! - width + 1;
  const pixels = neighbours(columns, Math.floor(block / out));
  const operations = (block * (width + pixels - 1)) / (pixels * out * width);
  if (strides[1] !== 1 || pixels < 2 || operations > worthwhileNeighbours) return undefined;
  const shifted = Array.from({ length: pixels }, (_, place) =>
    pad(w!, [0, 0, 0, place], [0, 0, 0, pixels - 1 - place]),
  );
  const filled = block - pixels * out;
  const all = [x!, pad(concat(shifted, 0), [0, 0, 0, 0], [filled, 0, 0, 0])];
  if (bias !== undefined)
    all.push(
      pad(
        concat(
          shifted.map(() => bias),
          0,
        ),
        [0],
        [filled],
      ),
    );
  const found = withBlocks(all, { strides: [strides[0], pixels], padding }, block);
  if (found === undefined) return undefined;
  const [n, , rows] = found.shape as [number, number, number];
  const used = slice(found, [0, 0, 0, 0], [n, pixels * out, rows, columns / pixels]);
  const apart = reshape(used, [n, pixels, out, rows, columns / pixels]);
  return reshape(transpose(apart, [0, 2, 3, 4, 1]), [n, out, rows, columns]);
}

/** The same for neighbouring pixels: with few output channels the plain convolution is slow as well. */
const worthwhileNeighbours = 2.5;

/** The largest number of pixels, `most` or fewer, that divides a row. */
function neighbours(columns: number, most: number): number {
  let count = most;
  while (count > 1 && columns % count !== 0) count -= 1;
  return count;
}
