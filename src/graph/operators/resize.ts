import { shapeError } from '../shape.js';
import { apply, constant, type Operator, type Tensor } from '../tensor.js';
import { matmul } from './matrix.js';
import { nearestConvention, upsampleNearest } from './pooling.js';

type ResizeAttributes = { height: number; width: number; mode: 'nearest' | 'bilinear' };

/** How ONNX finds the source of a pixel: nearest takes the pixel above and to the left, bilinear aligns pixel centres. */
const conventions = {
  nearest: nearestConvention,
  bilinear: { mode: 'linear', coordinate_transformation_mode: 'half_pixel' },
} as const;

/** For each of `to` pixels, the one of `from` that nearest takes. */
function nearestSources(from: number, to: number): number[] {
  return Array.from({ length: to }, (_, pixel) => Math.floor((pixel * from) / to));
}

const resizeOperator: Operator<ResizeAttributes> = {
  name: 'resize',
  infer: ([x], { height, width }) => {
    if (x!.shape.length !== 4 || height < 1 || width < 1)
      throw shapeError(
        'resize',
        [x!.shape, [height, width]],
        'a picture NCHW and a positive size are needed',
      );
    return { shape: [x!.shape[0]!, x!.shape[1]!, height, width], dtype: 'float32' };
  },
  emit: (tensor, emitter, { mode }) => {
    const [x] = emitter.inputs as [string];
    const from = tensor.inputs[0]!.shape;
    // Whole factors are given as scales, which the blocked kernels understand; other sizes must be given as sizes to
    // come out exact. Nearest would then divide in float32, which misses a pixel here and there: it is looked up instead.
    if (isEnlarged(from, tensor.shape)) {
      const scales = emitter.floats(
        tensor.shape.map((length, axis) => length / from[axis]!),
        [4],
      );
      emitter.node('Resize', [x, '', scales], conventions[mode], emitter.output);
    } else if (mode === 'bilinear') {
      emitter.node('Resize', [x, '', '', emitter.integers(tensor.shape)], conventions[mode], emitter.output);
    } else {
      const sources = ([2, 3] as const).map((axis) =>
        emitter.integers(nearestSources(from[axis]!, tensor.shape[axis]!)),
      );
      const rows = emitter.node('Gather', [x, sources[0]!], { axis: 2 });
      emitter.node('Gather', [rows, sources[1]!], { axis: 3 }, emitter.output);
    }
  },
  gradient: (tensor, g, { height, width, mode }) => {
    const x = tensor.inputs[0]!;
    const [rows, columns] = x.shape.slice(2) as [number, number];
    // Resizing is the product with a matrix on each side; its transpose is the product with their transposes.
    const vertical = constant(interpolationMatrix(rows, height, mode), [height, rows]);
    const horizontal = constant(interpolationMatrix(columns, width, mode), [width, columns]);
    return [matmul(matmul(vertical, g, { transposeA: true }), horizontal)];
  },
  // By another factor than a whole one, what a position sees depends on the sides of the whole map.
  reach: ({ inputs: [x], shape }) => (isEnlarged(x!.shape, shape) ? 1 : undefined),
  border: () => 'replicate',
};

/** Whether both sides are multiplied by whole factors. */
const isEnlarged = (from: readonly number[], to: readonly number[]): boolean =>
  to.every((length, axis) => length % from[axis]! === 0);

/** The `to` x `from` matrix of resampling one axis. */
function interpolationMatrix(from: number, to: number, mode: ResizeAttributes['mode']): Float32Array {
  const matrix = new Float32Array(to * from);
  if (mode === 'nearest') {
    nearestSources(from, to).forEach((source, row) => (matrix[row * from + source] = 1));
    return matrix;
  }
  for (let row = 0; row < to; row += 1) {
    const centre = Math.min(Math.max(((row + 0.5) * from) / to - 0.5, 0), from - 1);
    const left = Math.floor(centre);
    const right = Math.min(left + 1, from - 1);
    matrix[row * from + left]! += 1 - (centre - left);
    matrix[row * from + right]! += centre - left;
  }
  return matrix;
}

/**
 * Resizes `[N, C, H, W]` to the given height and width; bilinear without antialiasing, pixel centres aligned.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [1, 8, 16, 16]);
 * const larger = graph.resize(x, 24, 40, 'bilinear'); // [1, 8, 24, 40]
 * ```
 */
export function resize(x: Tensor, height: number, width: number, mode: ResizeAttributes['mode']): Tensor {
  const [, , rows, columns] = x.shape as [number, number, number, number];
  const factor = height / rows;
  if (mode === 'nearest' && factor >= 1 && Number.isInteger(factor) && width === columns * factor) {
    return upsampleNearest(x, factor);
  }
  return apply(resizeOperator, [x], { height, width, mode });
}
