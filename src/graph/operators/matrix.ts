import { broadcastShapes, shapeError, sizeOf } from '../shape.js';
import { apply, type Operator, type Tensor } from '../tensor.js';
import { add } from './arithmetic.js';
import { sumToShape } from './broadcasting.js';
import { transpose } from './layout.js';

/** Whether the last two axes of an operand are swapped first. */
export type MatmulAttributes = { transposeA: boolean; transposeB: boolean };

const matmulOperator: Operator<MatmulAttributes> = {
  name: 'matmul',
  infer: ([a, b], { transposeA, transposeB }) => {
    if (a!.shape.length < 2 || b!.shape.length < 2)
      throw shapeError('matmul', [a!.shape, b!.shape], 'both must be matrices or stacks of them');
    const [rows, inner] = matrixOf(a!, transposeA);
    const [innerB, columns] = matrixOf(b!, transposeB);
    if (inner !== innerB)
      throw shapeError('matmul', [a!.shape, b!.shape], `${inner} columns against ${innerB} rows`);
    const stack = broadcastShapes('matmul', a!.shape.slice(0, -2), b!.shape.slice(0, -2));
    return { shape: [...stack, rows, columns], dtype: 'float32' };
  },
  emit: (tensor, emitter, { transposeA, transposeB }) => {
    const [a, b] = tensor.inputs as [Tensor, Tensor];
    if (a.shape.length === 2 && b.shape.length === 2) {
      emitter.node(
        'Gemm',
        emitter.inputs,
        { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 },
        emitter.output,
      );
      return;
    }
    // ONNX Runtime fuses a transpose of the last two axes into the product.
    const flipped = (operand: Tensor, name: string, flip: boolean): string =>
      flip ? emitter.node('Transpose', [name], { perm: swapLast(operand) }) : name;
    emitter.node(
      'MatMul',
      [flipped(a, emitter.inputs[0]!, transposeA), flipped(b, emitter.inputs[1]!, transposeB)],
      {},
      emitter.output,
    );
  },
  gradient: (tensor, g, { transposeA, transposeB }, needed) => {
    const [a, b] = tensor.inputs as [Tensor, Tensor];
    // X X^T, as in a Gram matrix: both factors' gradients are one product with the symmetric part.
    if (a === b && transposeA !== transposeB) {
      const symmetric = add(g, transposeLast(g));
      return [transposeA ? matmul(a, symmetric) : matmul(symmetric, a), undefined];
    }
    const ga = (): Tensor =>
      transposeA
        ? matmul(b, g, { transposeA: transposeB, transposeB: true })
        : matmul(g, b, { transposeB: !transposeB });
    const gb = (): Tensor =>
      transposeB
        ? matmul(g, a, { transposeA: true, transposeB: transposeA })
        : matmul(a, g, { transposeA: !transposeA });
    return [
      needed[0] ? sumToShape(ga(), a.shape) : undefined,
      needed[1] ? sumToShape(gb(), b.shape) : undefined,
    ];
  },
  operations: (tensor, { transposeA }) =>
    2 * sizeOf(tensor.shape) * matrixOf(tensor.inputs[0]!, transposeA)[1],
};

function matrixOf(x: Tensor, transposed: boolean): [number, number] {
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  return transposed ? [columns, rows] : [rows, columns];
}

/** The permutation that exchanges the last two axes. */
function swapLast(x: Tensor): number[] {
  const axes = x.shape.map((_, axis) => axis);
  return [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!];
}

/**
 * Matrix product `op(a) op(b)` over the last two axes, where `op` transposes if asked; leading axes broadcast.
 * Shapes `[..., m, k]` and `[..., k, n]` give `[..., m, n]`.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [2, 3]);
 * const products = graph.matmul(x, x, { transposeB: true }); // [2, 2]
 * ```
 */
export const matmul = (a: Tensor, b: Tensor, options: Partial<MatmulAttributes> = {}): Tensor =>
  apply(matmulOperator, [a, b], {
    transposeA: options.transposeA ?? false,
    transposeB: options.transposeB ?? false,
  });

/**
 * Exchanges the last two axes.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [2, 3]);
 * const turned = graph.transposeLast(x); // [3, 2]
 * ```
 */
export const transposeLast = (x: Tensor): Tensor => transpose(x, swapLast(x));
