import { shapeError } from '../shape.js';
import { apply, type Operator, type Tensor } from '../tensor.js';

type Attributes = { block: number };
type Size = [n: number, channels: number, height: number, width: number];

const depthToSpaceOperator: Operator<Attributes> = {
  name: 'depthToSpace',
  infer: ([x], { block }) => {
    const [n, channels, height, width] = x!.shape as Size;
    if (x!.shape.length !== 4 || channels % (block * block) !== 0)
      throw shapeError('depth to space', [x!.shape], `channels must be a multiple of ${block * block}`);
    return { shape: [n, channels / (block * block), height * block, width * block], dtype: 'float32' };
  },
  emit: (_, emitter, { block }) =>
    void emitter.node('DepthToSpace', emitter.inputs, { blocksize: block, mode: 'DCR' }, emitter.output),
  gradient: (_, g, { block }) => [spaceToDepth(g, block)],
};

const spaceToDepthOperator: Operator<Attributes> = {
  name: 'spaceToDepth',
  infer: ([x], { block }) => {
    const [n, channels, height, width] = x!.shape as Size;
    if (x!.shape.length !== 4 || height % block !== 0 || width % block !== 0)
      throw shapeError('space to depth', [x!.shape], `sides must be multiples of ${block}`);
    return { shape: [n, channels * block * block, height / block, width / block], dtype: 'float32' };
  },
  emit: (_, emitter, { block }) =>
    void emitter.node('SpaceToDepth', emitter.inputs, { blocksize: block }, emitter.output),
  gradient: (_, g, { block }) => [depthToSpace(g, block)],
};

/**
 * Puts channels beside each other as pixels (the sub-pixel shuffle of Shi et al. 2016, in ONNX's order DCR): value
 * `(b i + y, b j + x)` of channel `k` is value `(i, j)` of channel `(b y + x) C + k`.
 * @param x `[N, b b C, H, W]`
 * @returns `[N, C, b H, b W]`
 * @throws StyleError `E_SHAPE` for other shapes
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const large = graph.depthToSpace(graph.input('x', [1, 12, 16, 16]), 2); // [1, 3, 32, 32]
 * ```
 */
export const depthToSpace = (x: Tensor, block: number): Tensor => apply(depthToSpaceOperator, [x], { block });

/**
 * The inverse of {@link depthToSpace}.
 * @param x `[N, C, b H, b W]`
 * @returns `[N, b b C, H, W]`
 * @throws StyleError `E_SHAPE` for other shapes
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const deep = graph.spaceToDepth(graph.input('x', [1, 3, 32, 32]), 2); // [1, 12, 16, 16]
 * ```
 */
export const spaceToDepth = (x: Tensor, block: number): Tensor => apply(spaceToDepthOperator, [x], { block });
