import { shapeError, sizeOf } from '../../shape.js';
import { apply, type Operator, type Tensor } from '../../tensor.js';
import { reshape } from '../layout.js';

/*
 * On the CPU, ONNX Runtime keeps feature maps in blocks of channels (NCHWc) between convolutions, poolings, whole-number
 * upsamplings, and sums and products of two blocked maps. Any other operation makes it copy the map to the plain layout
 * and back, which costs as much as several elementwise passes. The two operations here avoid that.
 */

const scaleMapOperator: Operator<{ factor: number }> = {
  name: 'scaleMap',
  infer: ([x]) => {
    if (x!.shape.length !== 4) throw shapeError('scaleMap', [x!.shape], 'four axes are needed');
    return { shape: x!.shape, dtype: 'float32' };
  },
  emit: (tensor, emitter, { factor }) => {
    const channels = tensor.shape[1]!;
    const weight = emitter.floats(new Array<number>(channels).fill(factor), [channels, 1, 1, 1]);
    emitter.node(
      'Conv',
      [emitter.inputs[0]!, weight],
      { kernel_shape: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], group: channels },
      emitter.output,
    );
  },
  gradient: (_, g, { factor }) => [scaleMap(g, factor)],
  operations: (tensor) => sizeOf(tensor.shape),
  memory: 'inPlace',
};

/**
 * A feature map `[N, C, H, W]` times a number, as a depthwise 1x1 convolution: its result is in the blocked layout
 * even where its operand isn't, and so are the results of what follows. With factor 1 it only changes the layout.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [1, 8, 16, 16]);
 * const half = graph.scaleMap(x, 0.5);
 * ```
 */
export const scaleMap = (x: Tensor, factor: number): Tensor => apply(scaleMapOperator, [x], { factor });

const positionsOperator: Operator = {
  name: 'positions',
  infer: ([x]) => {
    const [n, channels, height, width] = x!.shape as [number, number, number, number];
    if (x!.shape.length !== 4) throw shapeError('positions', [x!.shape], 'four axes are needed');
    return { shape: [n, channels, height * width], dtype: 'float32' };
  },
  emit: (tensor, emitter) =>
    void emitter.node('Reshape', [emitter.inputs[0]!, emitter.integers(tensor.shape)], {}, emitter.output),
  gradient: (tensor, g) => [scaleMap(reshape(g, tensor.inputs[0]!.shape), 1)],
  evaluate: (_, [x]) => x!,
  memory: 'view',
};

/**
 * A feature map with its positions in one row per channel, `[N, C, H W]`; its gradient is in the blocked layout.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [1, 8, 16, 16]);
 * const list = graph.positions(x); // [1, 8, 256]
 * ```
 */
export const positions = (x: Tensor): Tensor => apply(positionsOperator, [x], {});
