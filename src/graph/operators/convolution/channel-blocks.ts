import { apply, type Operator, type Tensor } from '../../tensor.js';

/*
 * ONNX Runtime's blocked layout, written out. A blocked map [N, C, H, W] lies in memory as [N, C / B, H, W, B], its
 * channels padded with zeros to whole blocks. B depends on the processor; the runtime measures it and passes it to
 * `simplify`.
 */

/** ONNX Runtime's operators for the blocked layout. */
export const blockedDomain = 'com.microsoft.nchwc';

/** Channels rounded up to whole blocks. */
export const wholeBlocks = (channels: number, block: number): number => Math.ceil(channels / block) * block;

const toBlocksOperator: Operator<{ block: number }> = {
  name: 'toBlocks',
  infer: ([x], { block }) => {
    const [n, channels, ...size] = x!.shape as [number, number, number, number];
    return { shape: [n, wholeBlocks(channels, block), ...size], dtype: 'float32' };
  },
  emit: (_, emitter) =>
    void emitter.node('ReorderInput', [emitter.inputs[0]!], {}, emitter.output, blockedDomain),
  simplify: (tensor) => {
    const x = tensor.inputs[0]!;
    return x.operator === (fromBlocksOperator as Operator) ? x.inputs[0]! : undefined;
  },
};

const fromBlocksOperator: Operator<{ channels: number }> = {
  name: 'fromBlocks',
  infer: ([x], { channels }) => {
    const [n, , ...size] = x!.shape as [number, number, number, number];
    return { shape: [n, channels, ...size], dtype: 'float32' };
  },
  emit: (_, emitter, { channels }) =>
    void emitter.node('ReorderOutput', [emitter.inputs[0]!], { channels }, emitter.output, blockedDomain),
};

/** A map in blocks; its channels must be a multiple of 4. */
export const toBlocks = (x: Tensor, block: number): Tensor => apply(toBlocksOperator, [x], { block });

/** A blocked map in the plain layout, without the channels that fill its last block. */
export const fromBlocks = (x: Tensor, channels: number): Tensor =>
  apply(fromBlocksOperator, [x], { channels });
